/** Against what a series is read: the clinic it names and the moment, from the database or from files. */
import { readClinicTime } from "../db/clinic-clock.ts";
import { findClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { listClinics } from "../db/view-clinics.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SeriesContext } from "../domain/intake.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { loadSeriesContext } from "../producers/series-context.ts";
import type { FindContext } from "./read-series.ts";

/**
 * Finds clinics in the database, at clinic time or at `now`. A slug that is nearly one of theirs, or anything where there is but one clinic, is read against
 * that one: the slug is then one fault among all the others of the file.
 */
export async function storedContext(db: Database, now?: Instant): Promise<FindContext> {
  const slugs = (await listClinics(db)).map(({ slug }) => slug);
  const at = now ?? (await readClinicTime(db)).now;
  const known = new Map<string, Promise<SeriesContext | null>>();
  return (slug) => {
    const meant = slugs.includes(slug) ? slug : (findNearestWord(slug, slugs) ?? (slugs.length === 1 ? slugs[0] : undefined));
    if (meant === undefined) return Promise.resolve(null);
    let context = known.get(meant);
    if (!context) known.set(meant, (context = load(db, meant, at)));
    return context;
  };
}

async function load(db: Database, slug: string, now: Instant): Promise<SeriesContext | null> {
  const clinic = await findClinic(db, slug);
  return clinic ? loadSeriesContext(db, clinic, now) : null;
}
