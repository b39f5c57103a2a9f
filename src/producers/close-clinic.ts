/**
 * Closes a clinic for a day or for some hours of it.
 *
 * Trigger: staff (`clinic close`). Re-checks: which sessions overlap, under the locks of their patients. Effect: the closure is stored, a whole day joins the
 * clinic's closed days; every session to come that overlaps is postponed because of the clinic, and everything that was going to be said about it is silenced,
 * in one transaction. What is to be said now is planned by the workers, soonest session first. A repeat takes in what was booked since, or changes nothing.
 */
import { type Closure, findStandingClosure, insertClosure } from "../db/closures.ts";
import type { Tx } from "../db/database.ts";
import { type DaySession, listSessionsWithin, type Silenced } from "../db/day-sessions.ts";
import { lockPatients } from "../db/plans.ts";
import { listPlannedPatients } from "../db/view-clinics.ts";
import { type CalendarDay, formatInstant } from "../domain/calendar.ts";
import type { ClinicId, ClosureId, PatientId } from "../domain/ids.ts";
import type { Span } from "../domain/touchpoint.ts";
import { alterForClinic } from "./alter-for-clinic.ts";
import { changeClinic, type ClinicChanged, type ClinicDeps, type ClinicWritten, lockWhile } from "./change-clinic.ts";
import { type ChangeOptions, type Moment, refuse } from "./change-facts.ts";

export type CloseRequest = Span & {
  /** The calendar day that `from` to `to` is the whole of; null for some hours. */
  readonly wholeDay: CalendarDay | null;
  readonly reason: string;
};

export type ClinicClosed = {
  readonly closure: ClosureId;
  readonly span: Span;
  /** When it was closed, in clinic time. */
  readonly now: Closure["closedAt"];
  readonly postponed: readonly DaySession[];
  /** Overlapping, and left as they are: under way, or somebody else's. */
  readonly left: readonly DaySession[];
  readonly silenced: Silenced;
};

export async function closeClinic(
  deps: ClinicDeps,
  { clinicId, ...request }: CloseRequest & { readonly clinicId: ClinicId },
  options: ChangeOptions,
): Promise<ClinicChanged<ClinicClosed>> {
  return changeClinic(deps, { clinicId, write: (tx, moment) => close(tx, { clinicId, request, ...moment }, options) }, options);
}

type Closing = Moment & { readonly clinicId: ClinicId; readonly request: CloseRequest };

async function close(tx: Tx, { clinicId, request, now }: Closing, { actor }: ChangeOptions): Promise<ClinicWritten<ClinicClosed>> {
  const span: Span = { from: request.from, to: request.to };
  if (span.to <= now) return refuse("day", formatInstant(span.to), "a day or hours that are not over yet");
  // Before looking: whoever is being booked into the span at this moment holds the patient's lock, and is waited for.
  const everybody = await listPlannedPatients(tx, clinicId);
  await lockPatients(tx, everybody);
  const overlapping = await lockWhile(tx, () => listSessionsWithin(tx, clinicId, span));
  const postponed = overlapping.filter(({ owner, status, startsAt }) => owner === "ours" && status === "scheduled" && startsAt > now);
  const standing = await findStandingClosure(tx, clinicId, span);
  if (standing && postponed.length === 0) return { kind: "same" };
  const closure = standing ?? (await insertClosure(tx, { ...request, clinicId, actor, now }));
  const silenced = await alterForClinic(tx, postponed, { to: "postponed", times: new Map(), now, actor });
  const left = overlapping.filter((session) => !postponed.includes(session));
  return {
    kind: "written",
    value: { closure, span, now, postponed, left, silenced },
    events: toEvents({ clinicId, closure, postponed, actor }),
    // A closed day moves what is due in staffed hours, also of patients who have no session on it.
    replan: soonestFirst(postponed, request.wholeDay === null ? [] : everybody),
  };
}

type Told = { clinicId: ClinicId; closure: ClosureId; postponed: readonly DaySession[]; actor: string };

function toEvents({ clinicId, closure, postponed, actor }: Told) {
  const sessions = postponed.map(({ id }) => ({ kind: "session.postponed", subjectId: id, data: { because: "clinic", closure } }));
  const closed = { kind: "clinic.closed", subjectId: closure, data: { sessions: postponed.length } };
  return [closed, ...sessions].map((event) => ({ ...event, clinicId, actor }));
}

/** The patients of these sessions in the order of their sessions, then the others, each once. */
export function soonestFirst(sessions: readonly DaySession[], others: readonly PatientId[]): PatientId[] {
  return [...new Set([...sessions.map(({ patientId }) => patientId), ...others])];
}
