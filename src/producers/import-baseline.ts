/**
 * Takes over an answer that was given on paper or in another system.
 *
 * Trigger: staff (`outcome import`). Re-checks: that the day is not to come and what is stored of that day, under the patient's lock. Effect: the answer with its
 * result under seal, and the plan, which does not ask the same again within days. It raises no alert: whoever has the paper has read it; what would have raised
 * one is said as a warning. A repeat stores nothing.
 */
import { newId } from "../clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import { insertResponse, loadResponses } from "../db/survey-responses.ts";
import { atTime, dayOf, formatDay, type Instant, wallClock } from "../domain/calendar.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import type { Baseline } from "../domain/parse-baselines.ts";
import { placeLocal, toLocal } from "../domain/place-in-time.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type ImportedBaseline = {
  readonly response: string;
  readonly instrument: string;
  readonly on: string;
  readonly total: number | null;
};

export type Import = ChangeOptions & { readonly baseline: Baseline; readonly clinic: Pick<StoredClinic, "id" | "zone" | "locale"> };

export async function importBaseline(
  deps: ChangeDeps,
  id: PatientId,
  { baseline, clinic, ...options }: Import,
): Promise<Changed<ImportedBaseline>> {
  return changePatient<ImportedBaseline>(deps, id, {
    ...options,
    write: (tx, patient, { now }) => write(tx, patient, { baseline, clinic, now, actor: options.actor, vault: deps.vault }),
  });
}

type Importing = Pick<Import, "baseline" | "clinic" | "actor"> & Pick<ChangeDeps, "vault"> & { readonly now: Instant };

/** Nothing tells the hour: noon keeps the day in every zone of the country. */
const NOON = wallClock(12 * 60);

async function write(
  tx: Tx,
  patient: PatientToChange,
  { baseline, clinic, now, actor, vault }: Importing,
): Promise<Written<ImportedBaseline>> {
  const { instrument, on, answers, result } = baseline;
  const today = dayOf(toLocal(clinic.zone, now));
  if (on > today) return refuse("date", formatDay(on), `${formatDay(today)} or an earlier day`);
  const at = placeLocal(clinic.zone, atTime(on, NOON));
  const stored = await loadResponses(tx, { patientId: patient.id, instrument: instrument.id }, vault);
  const sameDay = stored.filter((each) => each.source === "import" && each.answeredAt === at);
  if (sameDay.some((each) => each.result.total === result.total && JSON.stringify(each.answers) === JSON.stringify(answers)))
    return { kind: "same" };
  if (sameDay.length > 0) return refuse("date", formatDay(on), "a day of which nothing else was imported for this patient and instrument");
  const id = newId<"response">();
  const { id: patientId, clinicId } = patient;
  await insertResponse(
    tx,
    {
      id,
      clinicId: clinicId ?? clinic.id,
      patientId,
      seriesId: null,
      sessionId: null,
      invitationId: null,
      source: "import",
      actor,
      instrument: instrument.id,
      instrumentVersion: instrument.version,
      locale: clinic.locale,
      answeredAt: at,
      answers,
      result,
    },
    vault,
  );
  const grave = result.alarms.length > 0 ? ["an answer in it would page staff; nobody is paged for what is imported"] : [];
  return {
    kind: "written",
    value: { response: toPublicId("response", id), instrument: instrument.name, on: formatDay(on), total: result.total },
    events: [tellPatient(patient, { kind: "survey.imported", actor })],
    warnings: grave,
  };
}
