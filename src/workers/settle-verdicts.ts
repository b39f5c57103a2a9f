/** Writes what became of sends whose answer was lost: proven by an attempt's own evidence, found at the provider, or decided by the rule. */
import { machineNow } from "../clock.ts";
import { classifyTwilioReport } from "../channels/twilio-codes.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import {
  findProven,
  holdUnknowns,
  type LockedUnknown,
  lockUnknowns,
  planAgain,
  recordAbsent,
  supersedeUnknowns,
  type UnknownRow,
} from "../db/settlements.ts";
import { openStaffTasks, type StaffTask } from "../db/staff-tasks.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import { transact } from "../db/transact.ts";
import { HOUR, type Instant, instant } from "../domain/calendar.ts";
import { decideUnknown, type UnknownVerdict } from "../domain/decide-unknown.ts";
import { addStaffedTime } from "../domain/staffed-time.ts";
import { requestPlans } from "../producers/request-plans.ts";
import { foldReports, settleSent } from "./fold-reports.ts";
import type { LookUp } from "./look-up-texts.ts";
import type { ReportDeps } from "./record-delivery.ts";

/** Of touchpoints that wait although an attempt of theirs is known to have been sent. */
export async function settleProven(tx: Tx): Promise<number> {
  const proven = await findProven(tx);
  if (proven.length === 0) return 0;
  await lockPatients(
    tx,
    proven.map(({ patientId }) => patientId),
  );
  return settleSent(
    tx,
    proven.map(({ id, patientId }) => ({ touchpointId: id, patientId })),
  );
}

type Found = Extract<LookUp, { kind: "found" }>;

/** What the provider shows of a text is a report like any other. */
export async function settleFound(deps: ReportDeps, found: readonly Found[]): Promise<number> {
  if (found.length === 0) return 0;
  const reports = found.map(({ row: { deliveryId }, text: { sid, status, errorCode } }) => ({
    deliveryId,
    report: { state: status, code: errorCode, at: machineNow() },
    sid,
    addressIndexes: [],
    failure: classifyTwilioReport(errorCode),
  }));
  const { settled, replan } = await transact(deps.db, (tx) => foldReports(tx, reports));
  if (replan.length > 0) await requestPlans(deps, replan);
  return settled;
}

export type Undecided = {
  readonly row: UnknownRow;
  /** `absent`: the provider has none; `none`: nobody can be asked; `unclear`: it cannot be told, so staff decide whatever the rule says. */
  readonly proof: "absent" | "none" | "unclear";
};

export type Verdicts = { readonly resent: number; readonly held: number; readonly superseded: number };

/** Follows the rule for what is still unknown; what was settled meanwhile, or is at another attempt, is left alone. */
export async function settleUndecided(deps: Pick<ReportDeps, "db">, undecided: readonly Undecided[]): Promise<Verdicts> {
  if (undecided.length === 0) return { resent: 0, held: 0, superseded: 0 };
  return transact(deps.db, (tx) => decideAll(tx, undecided));
}

async function decideAll(tx: Tx, undecided: readonly Undecided[]): Promise<Verdicts> {
  const byId = new Map(undecided.map((each) => [each.row.id, each]));
  await lockPatients(
    tx,
    undecided.map(({ row }) => row.patientId),
  );
  const { now } = await readClinicTime(tx);
  const locked = (await lockUnknowns(tx, [...byId.keys()])).filter(({ id, attempt }) => byId.get(id)?.row.attempt === attempt);
  const verdicts = Map.groupBy(locked, (row) => decide(row, byId.get(row.id), now));
  const rowsOf = (verdict: UnknownVerdict) => verdicts.get(verdict) ?? [];
  const idsOf = (verdict: UnknownVerdict) => rowsOf(verdict).map(({ id }) => id);
  await planAgain(tx, idsOf("resend"), now);
  await holdUnknowns(tx, idsOf("hold"));
  await supersedeUnknowns(tx, idsOf("supersede"));
  await recordAbsent(
    tx,
    locked.flatMap(({ id }) => (byId.get(id)?.proof === "absent" ? (byId.get(id)?.row.deliveryId ?? []) : [])),
  );
  await openStaffTasks(tx, await toTasks(tx, rowsOf("hold"), now), now);
  // The plan let go of them while they might have been said; another channel has to say them, if they are still wanted.
  const given = rowsOf("supersede").map(({ patientId }) => patientId);
  await closeSettledTasks(tx, given);
  await raisePlanRevision(tx, given);
  await appendEvents(
    tx,
    [...verdicts].flatMap(([verdict, rows]) => rows.map((row) => toEvent(row, verdict))),
  );
  return { resent: rowsOf("resend").length, held: rowsOf("hold").length, superseded: rowsOf("supersede").length };
}

function decide(row: LockedUnknown, undecided: Undecided | undefined, now: Instant): UnknownVerdict {
  return decideUnknown(undecided?.proof === "unclear" ? { ...row, onUnknown: "hold" } : row, now);
}

const EVENTS = { resend: "touchpoint.resent", hold: "touchpoint.held", supersede: "touchpoint.superseded" } as const;

function toEvent({ id, clinicId, attempt }: LockedUnknown, verdict: UnknownVerdict) {
  return { kind: EVENTS[verdict], clinicId, subjectId: id, actor: "afterglow", data: { attempt, reason: "unknown" } };
}

/** Somebody asks the person within two staffed hours, and before it is of no more use. */
const SETTLE_WITHIN_MS = 2 * HOUR;

async function toTasks(tx: Tx, rows: readonly LockedUnknown[], now: Instant): Promise<StaffTask[]> {
  const clinics = await loadStaffedClinics(
    tx,
    rows.map(({ clinicId }) => clinicId),
  );
  return rows.map((row) => {
    const clinic = clinics.get(row.clinicId);
    const due = clinic ? addStaffedTime(clinic, now, SETTLE_WITHIN_MS) : instant(now + SETTLE_WITHIN_MS);
    return {
      ...row,
      kind: "settle-unknown",
      touchpointId: row.id,
      dueBy: row.expiresAt > now ? instant(Math.min(due, row.expiresAt)) : due,
    };
  });
}
