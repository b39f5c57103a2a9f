/**
 * Records what happened at a session.
 *
 * Trigger: staff (`session arrive|dose|not-dosed|discharge|no-show`). Re-checks: the session's status and its series, under the patient's lock. Effect: the fact,
 * and in the same transaction the plan that follows from it: what waited for the fact is released, what it forbids is ended, and nobody is asked any more what
 * happened. A discharge before the observation is over is recorded like any other, with who and why, and warned of. A repeat of the same outcome changes nothing;
 * a discharge repeated with a reason adds it.
 */
import type { Tx } from "../db/database.ts";
import { type OutcomeColumns, type StoredSession, writeNote, writeOutcome } from "../db/sessions.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { Vault } from "../db/vault.ts";
import { DAY, dayOf, formatInstant, formatLocal, HOUR, type Instant, MINUTE } from "../domain/calendar.ts";
import type { Fault } from "../domain/fault.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import { addOffset, toLocal } from "../domain/place-in-time.ts";
import type { Protocol } from "../domain/protocol.ts";
import type { Changed, ChangeDeps, ChangeOptions, Written } from "./change-facts.ts";
import { changeSession, type SessionAtHand } from "./change-session.ts";

export const NOT_DOSED_REASONS = ["bp", "food", "no-driver", "illness", "declined", "clinician"] as const;

export type Outcome =
  | { readonly status: "arrived" | "dosed" | "no_show"; readonly at?: Instant }
  /** `why`: what somebody who leaves early is recorded to have left for; kept sealed. */
  | { readonly status: "discharged"; readonly at?: Instant; readonly why?: string }
  | { readonly status: "not_dosed"; readonly reason: (typeof NOT_DOSED_REASONS)[number]; readonly at?: Instant };

export type RecordedOutcome = {
  readonly session: string;
  readonly status: SessionStatus;
  readonly at: Instant;
  /** Of a discharge before the observation was over: by how much. */
  readonly minutesEarly: number | null;
};

export type OutcomeDeps = ChangeDeps;

/** From which status each outcome may be recorded. Somebody who was dosed had arrived, whether or not that was noted. */
const LEGAL_FROM: { readonly [To in Outcome["status"]]: readonly SessionStatus[] } = {
  arrived: ["scheduled"],
  dosed: ["scheduled", "arrived"],
  discharged: ["dosed"],
  not_dosed: ["scheduled", "arrived"],
  no_show: ["scheduled"],
};

/** Left out, `dryRun` is false and `ifRevision` any. */
export async function recordOutcome(
  deps: OutcomeDeps,
  sessionId: SessionId,
  { outcome, actor, dryRun = false, ifRevision = null }: { outcome: Outcome } & Pick<ChangeOptions, "actor"> & Partial<ChangeOptions>,
): Promise<Changed<RecordedOutcome>> {
  return changeSession<RecordedOutcome>(deps, sessionId, {
    actor,
    dryRun,
    ifRevision,
    write: (tx, atHand) => record(tx, atHand, { outcome, vault: deps.vault }),
  });
}

async function record(
  tx: Tx,
  atHand: SessionAtHand,
  { outcome, vault }: { outcome: Outcome; vault: Vault },
): Promise<Written<RecordedOutcome>> {
  const { session, protocol, now, actor } = atHand;
  if (session.status === outcome.status) return repeat(tx, atHand, { outcome, vault });
  const at = outcome.at ?? now;
  const faults = findFaults(session, { outcome, at, now });
  if (faults.length > 0) return { kind: "refused", faults };
  const early = outcome.status === "discharged" ? findEarly(session, { at, protocol }) : null;
  await writeOutcome(tx, session.id, { now, ...toColumns(session, { outcome, at, vault }) });
  await closeSettledTasks(tx, [session.patientId]);
  const data = { at: formatInstant(at), ...(early && { minutesEarly: early.minutes }) };
  return {
    kind: "written",
    value: { session: toPublicId("session", session.id), status: outcome.status, at, minutesEarly: early?.minutes ?? null },
    events: [{ kind: `session.${outcome.status}`, clinicId: session.clinicId, subjectId: session.id, actor, data }],
    warnings: early ? [sayEarly(early, { session, actor, why: whyOf(outcome) })] : [],
  };
}

/** A discharge was recorded before its reason was known. */
async function repeat(
  tx: Tx,
  { session, now, actor }: SessionAtHand,
  { outcome, vault }: { outcome: Outcome; vault: Vault },
): Promise<Written<RecordedOutcome>> {
  const note = sealWhy(session, { outcome, vault });
  if (!note || session.hasNote) return { kind: "same" };
  await writeNote(tx, session.id, note);
  return {
    kind: "written",
    value: { session: toPublicId("session", session.id), status: session.status, at: session.dischargedAt ?? now, minutesEarly: null },
    events: [{ kind: "session.explained", clinicId: session.clinicId, subjectId: session.id, actor }],
    warnings: [],
  };
}

function findFaults(
  { status, zone, startsAt, arrivedAt, dosedAt }: StoredSession,
  { outcome, at, now }: { outcome: Outcome; at: Instant; now: Instant },
): Fault[] {
  const from = LEGAL_FROM[outcome.status];
  if (!from.includes(status))
    return [{ path: "session.status", value: status, expected: `a session that is ${from.join(" or ")}, to record ${outcome.status}` }];
  if (at > now) return [{ path: "at", value: formatInstant(at), expected: "a moment that has passed" }];
  if (at < startsAt - DAY || (outcome.status !== "not_dosed" && isBeforeItsDay(at, { zone, startsAt })))
    return [
      { path: "at", value: formatInstant(at), expected: "a moment on the session's day; one that takes place earlier is moved first" },
    ];
  if (outcome.status === "no_show" && at < startsAt)
    return [{ path: "at", value: formatInstant(at), expected: "a moment after the session's start" }];
  const before = dosedAt ?? arrivedAt;
  if (before !== null && at < before)
    return [{ path: "at", value: formatInstant(at), expected: `a moment after ${formatInstant(before)}, when the session was ${status}` }];
  return [];
}

/** Nobody arrives for a visit of tomorrow: the visit meant is another one. Early in the night the day before is near enough. */
function isBeforeItsDay(at: Instant, { zone, startsAt }: Pick<StoredSession, "zone" | "startsAt">): boolean {
  return at < startsAt - NEAR && dayOf(toLocal(zone, at)) < dayOf(toLocal(zone, startsAt));
}

const NEAR = 6 * HOUR;

function toColumns(session: StoredSession, { outcome, at, vault }: { outcome: Outcome; at: Instant; vault: Vault }): OutcomeColumns {
  const { status } = outcome;
  return {
    status,
    ...(status === "arrived" && { arrivedAt: at }),
    ...(status === "dosed" && { dosedAt: at }),
    ...(status === "discharged" && { dischargedAt: at, noteSealed: sealWhy(session, { outcome, vault }) }),
    ...(status === "not_dosed" && { reason: outcome.reason }),
  };
}

type Early = { readonly minutes: number; readonly until: Instant };

/** Whether somebody leaves before the protocol's observation is over, by the minute. */
function findEarly({ zone, dosedAt }: StoredSession, { at, protocol }: { at: Instant; protocol: Protocol }): Early | null {
  if (dosedAt === null) return null;
  const until = addOffset(zone, dosedAt, protocol.instructions.observation);
  return at < until ? { until, minutes: Math.ceil((until - at) / MINUTE) } : null;
}

function sayEarly(
  { minutes, until }: Early,
  { session: { zone }, actor, why }: { session: StoredSession; actor: string; why: string | undefined },
): string {
  const time = formatLocal(toLocal(zone, until)).slice(11);
  const reason = why === undefined ? "no reason was given; repeat it with --why to add one" : "with the reason given";
  return `discharged ${minutes} minutes before the protocol's observation is over (${time}); recorded as decided by ${actor}, ${reason}`;
}

function whyOf(outcome: Outcome): string | undefined {
  return outcome.status === "discharged" ? outcome.why : undefined;
}

function sealWhy({ id }: StoredSession, { outcome, vault }: { outcome: Outcome; vault: Vault }): Buffer | null {
  const why = whyOf(outcome);
  return why === undefined ? null : vault.seal(why, { table: "sessions", column: "outcome_note_sealed", row: id });
}
