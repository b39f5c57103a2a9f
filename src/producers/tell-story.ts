/** The story of a touchpoint: what happened to it, in order, in words. Opaque ids and neutral words only. */
import { formatInstant, type Instant, instant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import type { TaskView } from "../db/tasks.ts";
import type { Explained } from "../db/view-explain.ts";
import type { DeliveryView, FactView, SwitchedView } from "../db/view-story.ts";
import { sayState } from "./explain-conditions.ts";

export type Told = {
  readonly deliveries: readonly DeliveryView[];
  readonly facts: readonly FactView[];
  readonly switched: readonly SwitchedView[];
  readonly tasks: readonly TaskView[];
};

/** `order` is machine time, by which everything is ordered; `clinicAt` is known of facts, and equal to it in production. */
export type Happening = { readonly order: Instant; readonly clinicAt: Instant | null; readonly says: string };

/** First to last. Facts after its end are left out: they have nothing to do with it any more, except what became of its task. */
export function tellStory(row: Explained, { deliveries, facts, switched, tasks }: Told): Happening[] {
  const until = row.endedAt ?? Number.POSITIVE_INFINITY;
  const happenings = [
    { order: madeAt(row.id), clinicAt: null, says: sayPlanned(row) },
    ...facts
      .filter(({ kind, recordedAt }) => recordedAt <= until || kind.startsWith("task.") || kind.startsWith("touchpoint."))
      .map(tellFact),
    ...deliveries.flatMap(tellDelivery),
    ...switched.flatMap(tellSwitch),
    ...tellEnd(row, tasks),
  ];
  return happenings.toSorted((a, b) => a.order - b.order);
}

/** A UUIDv7 begins with the milliseconds at which it was made. */
function madeAt(id: string): Instant {
  return instant(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16));
}

function sayPlanned({ rule, protocol, approvalId, approvedAt, fallbackOf }: Explained): string {
  const approval = `approval ${toPublicId("approval", approvalId)} of ${formatInstant(approvedAt).slice(0, 10)}`;
  return `planned by rule ${rule} of ${protocol}, ${approval}${fallbackOf === null ? "" : `, instead of ${toPublicId("touchpoint", fallbackOf)}`}`;
}

function tellFact({ kind, actor, data, clinicAt, recordedAt }: FactView): Happening {
  const details = Object.entries(data).filter(([, value]) => value !== null && value !== "");
  const more = details.length === 0 ? "" : ` (${details.map(([name, value]) => `${name} ${sayValue(value)}`).join(", ")})`;
  return { order: recordedAt, clinicAt, says: `${FACTS[kind] ?? kind.replaceAll(/[._-]/g, " ")}${more}, by ${actor}` };
}

function sayValue(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** Facts in words, by the kind of their event. */
export const FACTS: { readonly [kind: string]: string } = {
  "series.enqueued": "the series was enqueued",
  "series.extended": "the series was extended",
  "series.paused": "the series was paused",
  "series.resumed": "the series was resumed",
  "series.stopped": "the series was stopped",
  "series.voided": "the series was voided",
  "series.undone": "the series was undone",
  "series.completed": "the series has run its course",
  "series.reopened": "the series goes on again",
  "series.requirement-met": "a requirement of the protocol was recorded",
  "series.migrated": "the series was moved to another approval",
  "session.added": "the session was added",
  "session.moved": "the session was moved",
  "session.resized": "the session has another length",
  "session.completed": "the session is completed",
  "session.postponed": "the session was postponed",
  "session.cancelled": "the session was cancelled",
  "session.arrived": "the patient arrived",
  "session.dosed": "the patient was treated",
  "session.not_dosed": "the patient came and was not treated",
  "session.discharged": "the patient went home",
  "session.no_show": "the patient did not come",
  "session.ready": "staff said when the escort may come",
  "session.explained": "staff said why the patient went home before the observation was over",
  "session.form-filed": "the form was filed",
  "patient.held": "the patient was put on hold",
  "patient.released": "the patient's hold was released",
  "patient.contact-changed": "the patient's contact was changed",
  "patient.escort-named": "an escort was named",
  "patient.escort-removed": "the escort was removed",
  "escort.opted-in": "somebody who helps agreed to texts on the page that was passed on",
  "patient.watched": "the patient is watched: silence matters",
  "patient.unwatched": "the patient is not watched any more",
  "patient.preferred": "the patient chose what to receive",
  "address.opted-out": "an address opted out",
  "address.opted-in": "an address opted in again",
  "patient.verified": "staff checked contact, consent and escort",
  "consent.granted": "consent was granted",
  "consent.revoked": "consent was revoked",
  "touchpoint.resent": "its answer was lost and could not be found: sent once more",
  "touchpoint.asked-again": "it was asked for once more",
  "touchpoint.copied": "it goes because somebody asked for it once more",
  "touchpoint.released": "it was let go although an alert is open",
  "touchpoint.held": "its answer was lost and could not be found: left to staff",
  "touchpoint.superseded": "its answer was lost, and nobody wants it any more",
  "touchpoint.settled": "its answer was found",
  "task.taken": "its task was taken",
  "task.done": "its task was done",
  "task.dropped": "its task was dropped",
  "task.cancelled": "its task was settled by a fact",
};

function tellDelivery(delivery: DeliveryView): Happening[] {
  const { attempt, worker, claimedAt, calledAt, answeredAt, latenessMs, providerState, providerCode, providerAt } = delivery;
  const at = (order: Instant | null, says: string): Happening[] => (order === null ? [] : [{ order, clinicAt: null, says }]);
  const late = latenessMs === null ? "" : `, ${latenessMs} ms after it could go`;
  return [
    ...at(claimedAt, `attempt ${attempt}: claimed by worker ${worker ?? "that is not on record"}`),
    ...at(calledAt, `attempt ${attempt}: the provider was called${late}`),
    ...at(answeredAt ?? (delivery.state === "unknown" ? claimedAt : null), `attempt ${attempt}: ${sayAnswer(delivery)}`),
    ...at(providerAt, `attempt ${attempt}: the provider reported ${providerState ?? "nothing"}${providerCode ? ` (${providerCode})` : ""}`),
  ];
}

const ANSWERS: { readonly [state: string]: string } = {
  sending: "is under way",
  sent: "the provider took it",
  refused: "the provider refused it",
  "not-sent": "it was not taken, and may be tried again",
  unknown: "nobody knows whether the provider took it",
};

function sayAnswer({ state, code, providerMessageId }: DeliveryView): string {
  const details = [code, providerMessageId].filter(Boolean).join(", ");
  return `${ANSWERS[state] ?? state}${details ? ` (${details})` : ""}`;
}

function tellSwitch({ scope, actor, offAt, onAt }: SwitchedView): Happening[] {
  const what = scope === "everything" ? "all sending" : `sending of its ${scope}`;
  const off = { order: offAt, clinicAt: null, says: `${what} was switched off, by ${actor}` };
  return onAt === null ? [off] : [off, { order: onAt, clinicAt: null, says: `${what} was switched on again` }];
}

function tellEnd(row: Explained, tasks: readonly TaskView[]): Happening[] {
  const { unwantedAt, endedAt } = row;
  const listed = tasks.map(({ id, state }) => ` Task ${toPublicId("task", id)} is ${state}.`).join("");
  return [
    ...(unwantedAt === null
      ? []
      : [{ order: unwantedAt, clinicAt: null, says: "a newer fact forbade it while a provider might have had it" }]),
    ...(endedAt === null ? [] : [{ order: endedAt, clinicAt: null, says: `the end. ${sayState(row)}${listed}` }]),
  ];
}
