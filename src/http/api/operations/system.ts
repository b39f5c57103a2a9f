/** How everything stands, and whether the books are right. */
import { z } from "zod";
import { monotonicMs } from "../../../clock.ts";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { checkLedger, type CheckResult } from "../../../db/ledger.ts";
import { readLiveness } from "../../../db/liveness.ts";
import { findSafeMode, type Waiting } from "../../../db/safe-mode.ts";
import { readBacklog } from "../../../db/view-status.ts";
import { listWorkers } from "../../../db/workers.ts";
import { leaveSafeMode, previewWaiting } from "../../../producers/leave-safe-mode.ts";
import { DEAD_AFTER_SECONDS } from "../../../producers/sweep-due.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toProblem } from "../api-problem.ts";
import { clinicParam, lineText, momentField, momentText, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

/** How long something may be due, in seconds, before nobody can be said to work. */
const WAITS_AT_MOST_SECONDS = 60;

const waiting = z.strictObject({ wouldGo: z.int(), overdue: z.int(), withinADay: z.int(), oldestDueAt: momentText.nullable() });
const toWaiting = ({ oldestDueAt, ...counts }: Waiting) => ({ ...counts, oldestDueAt: toMaybeMoment(oldestDueAt) });

const check = z.strictObject({
  name: z.string(),
  promise: z.string(),
  state: z.enum(["holds", "violated", "not-asked", "unfinished"]),
  count: z.int(),
  offences: z.array(z.strictObject({ id: z.string(), why: z.string() })),
});
const toCheck = ({ name, promise, state, count, offences }: CheckResult) => ({
  name,
  promise,
  state,
  count,
  offences: offences.map(({ id, why }) => ({ id, why })),
});

export const system: readonly Operation[] = [
  operation({
    ...bare,
    id: "health.show",
    method: "GET",
    path: "/health",
    summary: "Whether work is done: read from the rows, not from what a process says of itself",
    command: "health",
    access: { to: "caller" },
    answer: z.strictObject({
      status: z.enum(["ok", "down"]),
      waitingSeconds: z.number(),
      unplannedSeconds: z.number(),
      alive: z.int(),
      working: z.int(),
    }),
  })(async ({ db }) => {
    const { waitingSeconds, unplannedSeconds, alive, working } = await readLiveness(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
    const isWell = working > 0 && waitingSeconds <= WAITS_AT_MOST_SECONDS && unplannedSeconds <= WAITS_AT_MOST_SECONDS;
    return { body: { status: isWell ? "ok" : "down", waitingSeconds, unplannedSeconds, alive, working } };
  }),
  operation({
    ...bare,
    id: "health.status",
    method: "GET",
    path: "/status",
    summary: "How everything stands: what is due, tasks, workers, safe mode",
    command: "status",
    access: requirePermission("ops.read", { of: "installation" }).access,
    answer: z.strictObject({
      now: momentText,
      mode: z.string(),
      due: z.int(),
      oldestDueSeconds: z.number().nullable(),
      unplannedPatients: z.int(),
      openTasks: z.int(),
      overdueTasks: z.int(),
      safeModeSince: momentText.nullable(),
      workers: z.array(z.strictObject({ role: z.string(), host: z.string(), pid: z.int(), version: z.string(), startedAt: momentText })),
    }),
  })(async ({ db }) => {
    const [{ now, ...backlog }, { mode }, safeMode, workers] = await Promise.all([
      readBacklog(db),
      readClinicTime(db),
      findSafeMode(db),
      listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS }),
    ]);
    return {
      body: {
        now: toMoment(now),
        mode,
        ...backlog,
        safeModeSince: toMaybeMoment(safeMode?.since ?? null),
        workers: workers.map(({ role, host, pid, version, startedAt }) => ({ role, host, pid, version, startedAt: toMoment(startedAt) })),
      },
    };
  }),
  operation({
    ...bare,
    id: "ledger.check",
    method: "GET",
    path: "/clinics/{clinic}/ledger",
    summary: "Check every promise that the rows of a clinic can show; changes nothing",
    command: "ledger check",
    access: requirePermission("ledger.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({ checks: z.array(check) }),
  })(async ({ db }, { request }) => ({
    body: { checks: (await checkLedger(db, { clinicId: clinicOf(request), now: monotonicMs })).map(toCheck) },
  })),
  operation({
    ...bare,
    id: "safe-mode.show",
    method: "GET",
    path: "/safe-mode",
    summary: "Whether safe mode is on and why, what would be sent and what is overdue",
    command: "safe-mode show",
    access: requirePermission("ops.read", { of: "installation" }).access,
    answer: z.strictObject({ on: z.boolean(), since: momentText.nullable(), reason: z.string().nullable(), waiting }),
  })(async ({ db }) => {
    const safeMode = await findSafeMode(db);
    const told = { on: safeMode !== undefined, since: toMaybeMoment(safeMode?.since ?? null), reason: safeMode?.reason ?? null };
    return { body: { ...told, waiting: toWaiting(await previewWaiting({ db })) } };
  }),
  operation({
    ...bare,
    id: "safe-mode.leave",
    method: "POST",
    path: "/safe-mode/leave",
    summary: "Send again what falls due from now on; what was due before ends unsent, with a call where it mattered",
    command: "safe-mode leave",
    access: requirePermission("system.change", { of: "installation", fresh: true }).access,
    dryRun: true,
    body: z.strictObject({ reason: lineText(200, "restored from 04:00, checked"), notBefore: momentField.optional() }),
    answer: z.strictObject({
      kind: z.literal("left"),
      since: momentText,
      notBefore: momentText,
      ended: z.strictObject({ suppressed: z.int(), expired: z.int(), calls: z.int(), inFlight: z.int() }),
      waiting,
      dryRun: z.boolean(),
    }),
  })(async ({ db }, { body, options }) => {
    const result = await leaveSafeMode({ db }, { reason: body.reason, notBefore: body.notBefore ?? null }, options);
    if (result.kind === "refused") throw toProblem(result.faults);
    const { kind, was, notBefore, ended, waiting: left, dryRun } = result;
    return {
      body: { kind, since: toMoment(was.since), notBefore: toMoment(notBefore), ended: { ...ended }, waiting: toWaiting(left), dryRun },
    };
  }),
];
