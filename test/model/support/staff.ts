/** What staff do. A producer may refuse; the model follows what it says it did. */
import { DateTime } from "luxon";
import { expect } from "vitest";
import { parseLocalDateTime } from "../../../src/domain/calendar.ts";
import { cancelSession } from "../../../src/producers/cancel-session.ts";
import { changeConsent } from "../../../src/producers/change-consent.ts";
import { changeContact } from "../../../src/producers/change-contact.ts";
import { holdPatient } from "../../../src/producers/hold-patient.ts";
import { moveSession } from "../../../src/producers/move-session.ts";
import { pauseSeries } from "../../../src/producers/pause-series.ts";
import { postponeSession } from "../../../src/producers/postpone-session.ts";
import { type Outcome, recordOutcome } from "../../../src/producers/record-outcome.ts";
import { releasePatient } from "../../../src/producers/release-patient.ts";
import { resumeSeries } from "../../../src/producers/resume-series.ts";
import { stopSeries } from "../../../src/producers/stop-series.ts";
import type { Clinic } from "./clinic.ts";
import { ZONE } from "./judge-call.ts";
import { freeMark, MARKS, type Person, type Visit } from "./model.ts";

export type AtHand = { readonly clinic: Clinic; readonly person: Person; readonly visit: Visit };
export type PersonAtHand = Omit<AtHand, "visit">;

const BY = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };

/** So many days from the visit's own day, or from today. */
export type Move = { readonly from: "visit" | "today"; readonly days: number; readonly hour: number; readonly quarter: number };

/** To a time that nobody had before, if the clinic agrees. */
export async function moveTo(atHand: AtHand, { from, days, hour, quarter }: Move): Promise<void> {
  const { clinic, person, visit } = atHand;
  const mark = freeMark(person);
  if (mark === undefined) return;
  const base = DateTime.fromMillis(from === "today" ? await clinic.now() : visit.startsAt, { zone: ZONE });
  await moveToWall(atHand, base.plus({ days }).set({ hour, minute: quarter * MARKS + mark }));
}

/** To the time that it had before. */
export async function moveBack(atHand: AtHand): Promise<void> {
  const { starts, startsAt } = atHand.visit;
  const before = starts.findLast((start) => start !== startsAt) ?? startsAt;
  await moveToWall(atHand, DateTime.fromMillis(before, { zone: ZONE }));
}

async function moveToWall({ clinic: { deps, now }, person, visit }: AtHand, wall: DateTime): Promise<void> {
  const to = parseLocalDateTime(wall.toFormat("yyyy-MM-dd'T'HH:mm"));
  if (to === undefined) return expect.unreachable();
  const moved = await moveSession(deps, visit.id, { ...BY, move: { to } });
  if (moved.kind !== "changed") return;
  visit.status = "scheduled";
  visit.startsAt = moved.value.to;
  visit.since = await now();
  visit.starts.push(moved.value.to);
  person.marks.set(wall.minute % MARKS, { visit, startsAt: moved.value.to });
}

const OFF = { cancel: cancelSession, postpone: postponeSession } as const;

export type CallingOff = { readonly how: keyof typeof OFF; readonly because: "patient" | "clinic" };

export async function callOff({ clinic: { deps, now }, visit }: AtHand, { how, because }: CallingOff): Promise<void> {
  const off = await OFF[how](deps, visit.id, { ...BY, because });
  if (off.kind !== "changed") return;
  visit.status = off.value.status;
  visit.since = await now();
}

export async function record({ clinic: { deps }, visit }: AtHand, outcome: Outcome): Promise<void> {
  const recorded = await recordOutcome(deps, visit.id, { outcome, ...BY });
  if (recorded.kind === "changed") visit.status = outcome.status;
}

export async function pauseOrResume({ clinic: { deps, now }, person }: PersonAtHand): Promise<void> {
  const { seriesId } = person;
  const changed = person.isPaused ? await resumeSeries(deps, seriesId, BY) : await pauseSeries(deps, seriesId, BY);
  if (changed.kind !== "changed") return;
  person.isPaused = !person.isPaused;
  if (!person.isPaused) person.freeSince = await now();
}

export async function holdOrRelease({ clinic: { deps, now }, person }: PersonAtHand, code: "complaint" | "deceased"): Promise<void> {
  const { patientId } = person;
  const changed = person.isHeld
    ? await releasePatient(deps, patientId, BY)
    : await holdPatient(deps, patientId, { ...BY, code, reason: "They called" });
  if (changed.kind !== "changed") return;
  person.isHeld = !person.isHeld;
  if (!person.isHeld) person.freeSince = await now();
}

export async function stop({ clinic: { deps, now }, person }: PersonAtHand): Promise<void> {
  const stopped = await stopSeries(deps, person.seriesId, { ...BY, because: "patient" });
  if (stopped.kind !== "changed") return;
  person.isOver = true;
  // Its end is told all the same.
  person.isPaused = false;
  const at = await now();
  for (const visit of person.visits)
    if (visit.status === "postponed" || (visit.status === "scheduled" && visit.startsAt > at)) visit.status = "cancelled";
}

export async function changePhone(
  { clinic: { deps, model, now }, person }: PersonAtHand,
  consent: "agrees" | "says nothing",
): Promise<void> {
  const phone = `+130355501${model.numbers++}`;
  const agreed = consent === "agrees";
  const consents = agreed ? [{ to: "sms", source: "phone call", at: await now(), wording: null } as const] : [];
  const changed = await changeContact(deps, person.patientId, { ...BY, change: { phone, consents } });
  if (changed.kind === "changed") Object.assign(person.reach.patient.sms, { address: phone, agreed, isDead: false });
}

export async function agreeOrNot({ clinic: { deps, now }, person }: PersonAtHand, to: "sms" | "email"): Promise<void> {
  const reach = person.reach.patient[to];
  const action = reach.agreed ? "revoked" : "granted";
  const consent = { to, source: "phone call", at: await now(), wording: null };
  const changed = await changeConsent(deps, person.patientId, { ...BY, person: "patient", action, consent });
  if (changed.kind === "changed") reach.agreed = action === "granted";
}
