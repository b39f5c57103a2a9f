/** `clinic readiness`: what is still open about the visits of the next days. */
import { readClinicTime } from "../db/clinic-clock.ts";
import { type BoardVisit, loadBoard } from "../db/readiness.ts";
import { addDays, atTime, type CalendarDay, dayOf, formatInstant, type Instant, parseDay, wallClock } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import { placeLocal, toLocal, type Zone } from "../domain/place-in-time.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ReadinessFlags = { readonly day?: string; readonly days?: string; readonly json?: true };

/** Opens nothing that is sealed: visits are shown by their ids, the worst first within a day. */
export async function showReadiness(slug: string, { day, days = "3", json }: ReadinessFlags): Promise<ExitCode> {
  const length = readDays(days);
  const first = day === undefined ? undefined : readDay(day);
  const { zone, visits, now } = await withStore(async ({ db }) => {
    const clinic = await getClinic(db, slug);
    const time = await readClinicTime(db);
    const from = first ?? dayOf(toLocal(clinic.zone, time.now));
    const span = { from: midnight(clinic.zone, from), to: midnight(clinic.zone, addDays(from, length)) };
    return { zone: clinic.zone, visits: await loadBoard(db, clinic.id, span), now: time.now };
  });
  if (json) for (const visit of visits) printJson(toFields(visit));
  else showAsText(visits, { zone, now });
  return EXIT.done;
}

function readDays(text: string): number {
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 31) return days;
  throw new UsageError(`--days ${text}: expected a whole number of days from 1 to 31.`);
}

function readDay(text: string): CalendarDay {
  const day = parseDay(text);
  if (day !== undefined) return day;
  throw new UsageError(`--day ${text}: expected a day, such as 2027-01-11.`);
}

function midnight(zone: Zone, day: CalendarDay): Instant {
  return placeLocal(zone, atTime(day, wallClock(0)));
}

function toFields({ sessionId, seriesId, patientId, startsAt, readiness }: BoardVisit) {
  return {
    session: toPublicId("session", sessionId),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    startsAt: formatInstant(startsAt),
    colour: readiness?.colour ?? null,
    items: readiness?.items.map(({ dueBy, ...item }) => ({ ...item, dueBy: formatInstant(dueBy) })) ?? [],
  };
}

function showAsText(visits: readonly BoardVisit[], { zone, now }: { zone: Zone; now: Instant }): void {
  const judged = visits.flatMap((visit) => (visit.readiness ? [{ ...visit, readiness: visit.readiness }] : []));
  const rows = toTable(
    judged.map(({ startsAt, readiness, sessionId }) => [
      sayWhen(zone, startsAt),
      readiness.colour,
      readiness.items
        .flatMap(({ item, state, dueBy }) =>
          state === "done" ? [] : [`${item} ${state === "open" ? `by ${sayWhen(zone, dueBy)}` : state}`],
        )
        .join(", ") || "everything is settled",
      toPublicId("session", sessionId),
    ]),
  );
  for (const [index, row] of rows.entries()) print(PAINT[judged[index]?.readiness.colour ?? "green"](row));
  const red = judged.filter(({ readiness }) => readiness.colour === "red").length;
  print(
    judged.length === 0
      ? `No visit to come in these days, as of ${sayWhen(zone, now)}.`
      : `${count(judged.length, "visit")}, ${red} not ready`,
  );
}

const PAINT = { red: paint.red, amber: (text: string) => text, green: paint.green } as const;
