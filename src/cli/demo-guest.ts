/** The patient whose part a visitor of the demo plays: enqueued when they take the clock, so that her course begins before their eyes. */
import type { StoredClinic } from "../db/clinics.ts";
import { addDays, type CalendarDay, dayOf, formatDay, type Instant, weekdayOf } from "../domain/calendar.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { PatientId } from "../domain/ids.ts";
import { parseBaselines } from "../domain/parse-baselines.ts";
import { parseSeries } from "../domain/parse-series.ts";
import { toLocal } from "../domain/place-in-time.ts";
import { isStaffedDay } from "../domain/staffed-time.ts";
import type { ChangeDeps } from "../producers/change-facts.ts";
import { type EnqueueDeps, enqueueSeries } from "../producers/enqueue-series.ts";
import { importBaseline } from "../producers/import-baseline.ts";
import type { SeededSeries } from "./demo-seed.ts";
import { Refusal } from "./failures.ts";

const ACTOR = "staff:demo";
const REF = "10711";
const VISITS_ON = ["mon", "wed", "fri"] as const;
/** Time enough for the first messages, near enough to be soon there. */
const DAYS_AHEAD = 4;

/** Takes texts and mail, has named nobody who takes her home, and comes for six visits. */
export async function enqueueGuest(
  deps: ChangeDeps & EnqueueDeps,
  { clinic, stored, now }: { clinic: ClinicSettings; stored: StoredClinic; now: Instant },
): Promise<SeededSeries> {
  const today = dayOf(toLocal(clinic.zone, now));
  const consents = ["sms", "email", "detail"].map((to) => ({ to, source: "intake form", at: formatDay(today) }));
  const parsed = parseSeries(
    {
      externalId: "demo-june",
      clinic: clinic.slug,
      patient: {
        ref: REF,
        name: "June Park",
        phone: "(303) 555-0181",
        email: "june@patients.example.org",
        birthDate: "1989-03-14",
        consent: consents,
      },
      protocol: "iv-ketamine@1",
      condition: "depression",
      cadence: { first: formatDay(findFirst(clinic, addDays(today, DAYS_AHEAD))), weekdays: [...VISITS_ON], at: "10:00" },
    },
    { clinic, now },
  );
  if (!parsed.ok) throw new Refusal(parsed.faults);
  const [result] = await enqueueSeries(deps, [parsed.value], { clinic: clinic.slug, actor: ACTOR, second: "refuse" });
  if (!result || result.kind === "refused") throw new Refusal(result?.faults ?? []);
  if (!result.patientId) throw new Error("The demo's guest is enqueued already");
  await importPaper(deps, result.patientId, { clinic: stored, on: today });
  return { seriesId: result.seriesId, patientId: result.patientId, request: parsed.value };
}

/** The first day of a visit from this one on. */
function findFirst(clinic: Pick<ClinicSettings, "staffedHours" | "closures">, from: CalendarDay): CalendarDay {
  const staffed = { staffedHours: clinic.staffedHours, closures: new Set(clinic.closures) };
  let day = from;
  while (!VISITS_ON.some((weekday) => weekday === weekdayOf(day)) || !isStaffedDay(staffed, day)) day = addDays(day, 1);
  return day;
}

/** What she answered on paper before her first visit: the curve of her scores begins with it. */
async function importPaper(deps: ChangeDeps, id: PatientId, { clinic, on }: { clinic: StoredClinic; on: CalendarDay }): Promise<void> {
  const [entry] = parseBaselines(`ref,instrument,date,items\n${REF},phq-9,${formatDay(on)},2 2 2 2 1 2 2 1 0\n`);
  if (!entry?.result.ok) throw new Error("The demo's questionnaire on paper cannot be read");
  const imported = await importBaseline(deps, id, { baseline: entry.result.value, clinic, actor: ACTOR, dryRun: false, ifRevision: null });
  if (imported.kind === "refused") throw new Error("The demo's questionnaire on paper was refused");
}
