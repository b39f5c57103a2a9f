/** A clinic by the slug that somebody typed. */
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { listClinics } from "../db/view-clinics.ts";
import { Refusal } from "./failures.ts";

/** Throws {@link Refusal} naming the clinic that was probably meant. */
export async function getClinic(db: Database, slug: string): Promise<StoredClinic> {
  const clinic = await findClinic(db, slug);
  if (clinic) return clinic;
  const meant = findNearestWord(
    slug,
    (await listClinics(db)).map((each) => each.slug),
  );
  throw new Refusal([
    {
      path: "clinic",
      value: slug,
      expected: `a clinic that was added (afterglow clinic add FILE)${meant ? `; did you mean ${meant}?` : ""}`,
    },
  ]);
}
