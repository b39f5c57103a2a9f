/**
 * Records what happened at a session.
 *
 * Trigger: staff (`session arrive|dose|not-dosed|discharge|no-show`). Re-checks: the session's status, under the patient's lock. Effect: the fact, and in the
 * same transaction the plan that follows from it: what waited for the fact is released, what it forbids is ended. A repeat of the same outcome changes nothing.
 */
import { sql } from "kysely";
import { readClinicTime } from "../db/clinic-clock.ts";
import { type Database, toTimestamp, type Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { transact } from "../db/transact.ts";
import { DAY, formatInstant, type Instant } from "../domain/calendar.ts";
import type { Fault } from "../domain/fault.ts";
import type { ClinicId, PatientId, SessionId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { hintAfterCommit } from "./hint-touchpoints.ts";
import { planPatient, type PlanResult } from "./plan-patient.ts";

export const NOT_DOSED_REASONS = ["bp", "food", "no-driver", "illness", "declined", "clinician"] as const;

export type Outcome =
  | { readonly status: "arrived" | "dosed" | "discharged" | "no_show"; readonly at?: Instant }
  | { readonly status: "not_dosed"; readonly reason: (typeof NOT_DOSED_REASONS)[number]; readonly at?: Instant };

export type OutcomeResult =
  | { readonly kind: "recorded"; readonly status: SessionStatus; readonly touchpoints: number }
  | { readonly kind: "same" }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

export type OutcomeDeps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly tokens: LinkTokens; readonly log: Log };

/** From which status each outcome may be recorded. Somebody who was dosed had arrived, whether or not that was noted. */
const LEGAL_FROM: { readonly [To in Outcome["status"]]: readonly SessionStatus[] } = {
  arrived: ["scheduled"],
  dosed: ["scheduled", "arrived"],
  discharged: ["dosed"],
  not_dosed: ["scheduled", "arrived"],
  no_show: ["scheduled"],
};

export async function recordOutcome(
  deps: OutcomeDeps,
  sessionId: SessionId,
  { outcome, actor }: { outcome: Outcome; actor: string },
): Promise<OutcomeResult> {
  const result = await transact(deps.db, (tx) => record(tx, sessionId, { outcome, actor, tokens: deps.tokens }));
  if (!("plan" in result)) return result;
  await hintAfterCommit(deps, result.plan.due);
  return { kind: "recorded", status: outcome.status, touchpoints: result.plan.planned };
}

type Row = {
  patientId: PatientId;
  clinicId: ClinicId;
  status: SessionStatus;
  startsAt: Instant;
  arrivedAt: Instant | null;
  dosedAt: Instant | null;
};
type Recording = { outcome: Outcome; actor: string; tokens: LinkTokens };

async function record(tx: Tx, id: SessionId, { outcome, actor, tokens }: Recording): Promise<OutcomeResult | { plan: PlanResult }> {
  const session = await lockSession(tx, id);
  if (!session) return refused("session", id, "the id of a session");
  if (session.status === outcome.status) return { kind: "same" };
  const { now } = await readClinicTime(tx);
  const at = outcome.at ?? now;
  const faults = findFaults(session, { outcome, at, now });
  if (faults.length > 0) return { kind: "refused", faults };
  await writeOutcome(tx, id, { outcome, at });
  await raisePlanRevision(tx, [session.patientId]);
  await appendEvents(tx, [
    { kind: `session.${outcome.status}`, clinicId: session.clinicId, subjectId: id, actor, data: { at: formatInstant(at) } },
  ]);
  return { plan: await planPatient(tx, session.patientId, tokens) };
}

async function lockSession(tx: Tx, id: SessionId): Promise<Row | undefined> {
  const found = await tx.selectFrom("sessions").select("patientId").where("id", "=", id).executeTakeFirst();
  if (!found) return undefined;
  await lockPatients(tx, [found.patientId]);
  const { rows } =
    await sql<Row>`select patient_id, clinic_id, status, starts_at, arrived_at, dosed_at from sessions where id = ${id} for update`.execute(
      tx,
    );
  return rows[0];
}

function findFaults(
  { status, startsAt, arrivedAt, dosedAt }: Row,
  { outcome, at, now }: { outcome: Outcome; at: Instant; now: Instant },
): Fault[] {
  const from = LEGAL_FROM[outcome.status];
  if (!from.includes(status))
    return [{ path: "session.status", value: status, expected: `a session that is ${from.join(" or ")}, to record ${outcome.status}` }];
  if (at > now) return [{ path: "at", value: formatInstant(at), expected: "a moment that has passed" }];
  if (at < startsAt - DAY) return [{ path: "at", value: formatInstant(at), expected: "a moment on the session's day" }];
  if (outcome.status === "no_show" && at < startsAt)
    return [{ path: "at", value: formatInstant(at), expected: "a moment after the session's start" }];
  const before = dosedAt ?? arrivedAt;
  if (before !== null && at < before)
    return [{ path: "at", value: formatInstant(at), expected: `a moment after ${formatInstant(before)}, when the session was ${status}` }];
  return [];
}

async function writeOutcome(tx: Tx, id: SessionId, { outcome, at }: { outcome: Outcome; at: Instant }): Promise<void> {
  const moment = toTimestamp(at);
  const { status } = outcome;
  const moments = {
    ...(status === "arrived" && { arrivedAt: moment }),
    ...(status === "dosed" && { dosedAt: moment }),
    ...(status === "discharged" && { dischargedAt: moment }),
    ...(status === "not_dosed" && { outcomeReason: outcome.reason }),
  };
  await tx
    .updateTable("sessions")
    .set({ status, ...moments })
    .where("id", "=", id)
    .execute();
}

function refused(path: string, value: string, expected: string): OutcomeResult {
  return { kind: "refused", faults: [{ path, value, expected }] };
}
