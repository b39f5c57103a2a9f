/** The sessions that the clinic's own export lacks: scheduled here, on the days that the file covers, and in no row of it. Reads only. */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { type ExpectedSession, listExpectedSessions } from "../db/session-places.ts";
import { countUnasked } from "../db/session-tasks.ts";
import type { Vault } from "../db/vault.ts";
import { addDays, atTime, type CalendarDay, dayOf, type Instant, instant, wallClock } from "../domain/calendar.ts";
import { placeLocal, toLocal, type Zone } from "../domain/place-in-time.ts";
import type { SyncEntry } from "../domain/sync-row.ts";

export type Missing = {
  readonly sessions: readonly ExpectedSession[];
  /** Of which nobody was asked before. */
  readonly fresh: number;
  /** Sessions of those days that have no external id. */
  readonly unlinked: number;
};

type Deps = { readonly db: Database; readonly vault: Vault };

/** A file without a single sound row covers nothing: a broken export asks about nobody. Rows that were refused still are in the file. */
export async function findMissing(
  { db, vault }: Deps,
  { clinic, entries, until }: { clinic: StoredClinic; entries: readonly SyncEntry[]; until: CalendarDay | null },
): Promise<Missing> {
  const covered = findCovered(entries, { zone: clinic.zone, until });
  if (!covered) return { sessions: [], fresh: 0, unlinked: 0 };
  const { now } = await readClinicTime(db);
  const expected = await listExpectedSessions(db, clinic.id, { from: instant(Math.max(now, covered.from)), to: covered.to });
  const listed = new Set(
    entries.flatMap(({ externalId }) => (externalId === null ? [] : [vault.blindIndex("external-id", externalId).toString("hex")])),
  );
  const linked = expected.filter(({ externalIdIndex }) => externalIdIndex !== null);
  const sessions = linked.filter(({ externalIdIndex }) => !listed.has(externalIdIndex?.toString("hex") ?? ""));
  const fresh = await countUnasked(
    db,
    sessions.map(({ id }) => id),
  );
  return { sessions, fresh, unlinked: expected.length - linked.length };
}

/** From the first day of the file to its last, or to the day that somebody says it reaches, on the clinic's wall. */
function findCovered(
  entries: readonly SyncEntry[],
  { zone, until }: { zone: Zone; until: CalendarDay | null },
): { from: Instant; to: Instant } | undefined {
  const days = entries.flatMap(({ result }) => {
    const start = result.ok ? result.value.start : null;
    return start ? [dayOf(start.zone ? toLocal(zone, placeLocal(start.zone, start.local)) : start.local)] : [];
  });
  const [first, last] = [days.reduce<CalendarDay | undefined>(earlier, undefined), days.reduce<CalendarDay | undefined>(later, undefined)];
  if (first === undefined || last === undefined) return undefined;
  const midnight = (day: CalendarDay) => placeLocal(zone, atTime(day, wallClock(0)));
  return { from: midnight(first), to: midnight(addDays(until ?? last, 1)) };
}

function earlier(one: CalendarDay | undefined, other: CalendarDay): CalendarDay {
  return one === undefined || other < one ? other : one;
}

function later(one: CalendarDay | undefined, other: CalendarDay): CalendarDay {
  return one === undefined || other > one ? other : one;
}
