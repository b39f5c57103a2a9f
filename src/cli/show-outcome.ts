/** `outcome show`. */
import { type Assessment, loadAssessments } from "../db/assessments.ts";
import { readZone } from "../db/clinics.ts";
import { appendEvents } from "../db/events.ts";
import { findFirstDose } from "../db/outcomes.ts";
import { loadResponses, type StoredResponse } from "../db/survey-responses.ts";
import { transact } from "../db/transact.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import { findInstrument } from "../domain/instruments/find-instrument.ts";
import { judgeOutcome, type Measure, type Outcome } from "../domain/outcome.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getPatient } from "./get-patient.ts";
import { sayWhen } from "./say-when.ts";
import { print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type OutcomeFlags = { readonly clinic?: string; readonly actor?: string; readonly json?: true };

type Course = {
  readonly instrument: string;
  readonly name: string;
  readonly responses: readonly StoredResponse[];
  readonly outcome: Outcome | undefined;
};

export async function showOutcome(ref: string, { clinic, actor, json }: OutcomeFlags): Promise<ExitCode> {
  const found = await withStore(async (store) => {
    const { db, vault } = store;
    const id = await getPatient(store, ref, { clinic });
    const begunAt = await findFirstDose(db, id);
    const responses = await loadResponses(db, { patientId: id, instrument: null }, vault);
    const assessments = await loadAssessments(db, id, vault);
    await transact(db, (tx) => appendEvents(tx, [{ kind: "outcome.shown", clinicId: null, subjectId: id, actor: toActor(actor) }]));
    return { id, begunAt, courses: toCourses(responses, begunAt), assessments };
  });
  if (json) printJson(toFields(found));
  else show(found);
  return EXIT.done;
}

function toCourses(responses: readonly StoredResponse[], begunAt: Instant | null): Course[] {
  return [...Map.groupBy(responses, ({ instrument }) => instrument)].map(([instrument, each]) => {
    const known = findInstrument(instrument);
    const measures = each.flatMap(({ answeredAt: at, result: { total } }): Measure[] => (total === null ? [] : [{ at, total }]));
    return { instrument, name: known?.name ?? instrument, responses: each, outcome: known && judgeOutcome(known, measures, begunAt) };
  });
}

type Found = {
  readonly id: PatientId;
  readonly begunAt: Instant | null;
  readonly courses: readonly Course[];
  readonly assessments: readonly Assessment[];
};

function show({ id, courses, assessments }: Found): void {
  print(toPublicId("patient", id));
  if (courses.length === 0 && assessments.length === 0) return print("Nothing was answered or recorded yet.");
  for (const { name, responses, outcome } of courses) {
    print(`\n${name}`);
    for (const line of toTable(responses.map(toCells))) print(`  ${line}`);
    if (outcome) print(`  ${sayOutcome(outcome)}`);
  }
  if (assessments.length > 0) print("\nAssessments");
  for (const line of toTable(
    assessments.map(({ kind, madeAt, madeBy, level, zone }) => [sayWhen(readZone(zone), madeAt), kind, level, `by ${madeBy}`]),
  ))
    print(`  ${line}`);
}

function toCells({ answeredAt, zone, source, result }: StoredResponse): string[] {
  const { total, band, missing, alarms, pattern } = result;
  const marks = [...alarms.map(({ kind, level }) => `${kind} (${level})`), pattern ? "provisional pattern" : ""].filter(Boolean).join(", ");
  const score = total === null ? (missing.length > 0 ? `no total, left out: ${missing.join(", ")}` : "answered") : `${total} ${band ?? ""}`;
  return [sayWhen(readZone(zone), answeredAt), score, source, marks];
}

/** Numbers only: what they mean is the clinician's to say. */
function sayOutcome({ baseline, last, change, percent, response, remission, reliable }: Outcome): string {
  const signed = (value: number) => (value > 0 ? `+${value}` : String(value));
  const words = [
    `baseline ${baseline.total}, last ${last.total}, change ${signed(change)}${percent === null ? "" : ` (${signed(percent)} %)`}`,
    response === null ? "" : response ? "response" : "no response",
    remission === null ? "" : remission ? "remission" : "no remission",
    reliable === null ? "" : reliable ? "reliable change" : "no reliable change",
  ];
  return words.filter(Boolean).join(", ");
}

function toFields({ id, begunAt, courses, assessments }: Found) {
  const measure = ({ at, total }: Measure) => ({ at: formatInstant(at), total });
  return {
    patient: toPublicId("patient", id),
    firstDoseAt: begunAt === null ? null : formatInstant(begunAt),
    measures: courses.map(({ instrument, responses, outcome }) => ({
      instrument,
      answers: responses.map((each) => ({
        id: toPublicId("response", each.id),
        at: formatInstant(each.answeredAt),
        source: each.source,
        ...each.result,
      })),
      outcome: outcome ? { ...outcome, baseline: measure(outcome.baseline), last: measure(outcome.last) } : null,
    })),
    assessments: assessments.map(({ id: assessment, kind, madeAt, madeBy, level }) => ({
      id: toPublicId("assessment", assessment),
      kind,
      madeAt: formatInstant(madeAt),
      madeBy,
      level,
    })),
  };
}
