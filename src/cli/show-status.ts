/** `status`: how everything stands. */
import { setTimeout as rest } from "node:timers/promises";
import { readClinicTime } from "../db/clinic-clock.ts";
import { findSafeMode } from "../db/safe-mode.ts";
import { listSwitches } from "../db/switches.ts";
import { countTouchpoints, measureLateness, readBacklog } from "../db/view-status.ts";
import { listWorkers } from "../db/workers.ts";
import type { CoreDeps, StoreDeps } from "../deps.ts";
import { formatInstant } from "../domain/calendar.ts";
import { readQueues } from "../producers/steer-queue.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { DependencyDown, UsageError } from "./failures.ts";
import { count } from "./show-faults.ts";
import { clearScreen, paint, print, printJson, toTable } from "./terminal.ts";
import { sayScope, toSwitchFields } from "./switch-sending.ts";
import { withCore, withStore } from "./with-store.ts";

export type StatusOptions = { readonly json?: true; readonly watch?: true };

const RENEWED_EVERY_MS = 2_000;

/** Reads only. Queues that cannot be reached are said to be down, after everything that the database knows. */
export async function showStatus({ json, watch }: StatusOptions): Promise<ExitCode> {
  if (watch && json) throw new UsageError("--watch is for people and --json for programs: one of them.");
  if (watch) return watchStatus();
  const stored = await withStore(readStored);
  const queues = await reachQueues();
  if (json) printJson({ ...stored, queues });
  else showAsText({ ...stored, queues });
  return "down" in queues ? EXIT.down : EXIT.done;
}

/** The same again and again, on connections that stay, until Ctrl-C; on a terminal in the same place. */
async function watchStatus(): Promise<ExitCode> {
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  process.once("SIGTERM", () => stopped.abort());
  await withCore(async (core) => {
    while (!stopped.signal.aborted) {
      const [stored, queues] = [await readStored(core), await countJobs(core)];
      clearScreen();
      showAsText({ ...stored, queues });
      // It rejects only when it is told to stop, which the loop sees.
      await rest(RENEWED_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  });
  return EXIT.done;
}

async function readStored({ db }: StoreDeps) {
  const { now, ...backlog } = await readBacklog(db);
  const { mode } = await readClinicTime(db);
  const safeMode = await findSafeMode(db);
  const workers = await listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
  return {
    clock: { now: formatInstant(now), mode },
    touchpoints: await countTouchpoints(db),
    ...backlog,
    safeMode: safeMode ? { since: formatInstant(safeMode.since), reason: safeMode.reason } : null,
    switches: (await listSwitches(db)).map((each) => ({ ...toSwitchFields(each), says: sayScope(each) })),
    workers: workers.map(({ id, role, host, pid, version, startedAt }) => ({
      id,
      role,
      host,
      pid,
      version,
      startedAt: formatInstant(startedAt),
    })),
    lateness: await measureLateness(db),
  };
}

type QueueStatus =
  | {
      readonly backend: string;
      readonly paused: readonly string[];
      readonly jobs: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }
  | { readonly down: string };

async function reachQueues(): Promise<QueueStatus> {
  try {
    return await withCore(countJobs);
  } catch (error) {
    if (error instanceof DependencyDown) return { down: error.message };
    throw error;
  }
}

async function countJobs({ queues }: Pick<CoreDeps, "queues">): Promise<Exclude<QueueStatus, { down: string }>> {
  const standings = await readQueues(queues);
  const paused = standings.flatMap(({ name, isPaused }) => (isPaused ? [name] : []));
  return { backend: queues.backend, paused, jobs: Object.fromEntries(standings.map(({ name, jobs }) => [name, jobs])) };
}

type Status = Awaited<ReturnType<typeof readStored>> & { readonly queues: QueueStatus };

function showAsText(status: Status): void {
  const { touchpoints, due, oldestDueSeconds, unplannedPatients, openTasks, overdueTasks, workers, queues, lateness, clock } = status;
  const rows: [string, string][] = [
    ...saySilence(status),
    ["clinic time", `${clock.now}${clock.mode === "real" ? "" : ` (${clock.mode})`}`],
    [
      "touchpoints",
      Object.entries(touchpoints)
        .map(([state, number]) => `${number} ${state}`)
        .join(", ") || "none",
    ],
    ["due, unclaimed", due === 0 ? "none" : `${due}, the oldest for ${Math.round(oldestDueSeconds ?? 0)} s`],
    ["plans to make", unplannedPatients === 0 ? "none" : count(unplannedPatients, "patient")],
    ["open tasks", openTasks === 0 ? "none" : `${openTasks}${overdueTasks > 0 ? `, ${overdueTasks} overdue` : ""}`],
    [
      "workers alive",
      workers.length === 0
        ? paint.red("none: nothing is planned or sent (afterglow worker)")
        : workers.map(({ host, pid, version }) => `${host}/${pid} ${version}`).join(", "),
    ],
    ["queues", "down" in queues ? paint.red(queues.down) : describeQueues(queues)],
    [
      "lateness, 1 day",
      lateness.sends === 0
        ? "nothing was sent"
        : `p50 ${lateness.p50Ms} ms, p99 ${lateness.p99Ms} ms over ${count(lateness.sends, "send")}`,
    ],
  ];
  for (const line of toTable(rows)) print(line);
}

/** What keeps messages from leaving comes first: everything under it is read in its light. */
function saySilence({ safeMode, switches }: Pick<Status, "safeMode" | "switches">): [string, string][] {
  return [
    ...(safeMode === null ? [] : [["safe mode", paint.red(`on since ${safeMode.since}: ${safeMode.reason}`)] satisfies [string, string]]),
    ...switches.map(({ says, offAt, reason }): [string, string] => ["switched off", paint.red(`${says}, since ${offAt}: ${reason}`)]),
  ];
}

/** Queues in which nothing is open need no word. */
function describeQueues({ backend, paused, jobs }: Exclude<QueueStatus, { down: string }>): string {
  const said = Object.entries(jobs).flatMap(([name, counts]) => {
    const open = describeJobs(counts);
    if (paused.includes(name)) return `${name} ${paint.red("paused")}${open && `, ${open}`}`;
    return open ? `${name} ${open}` : [];
  });
  return `${backend}: ${said.join("; ") || "empty"}`;
}

/** Jobs that are still to be done or went wrong; the finished ones say nothing. */
function describeJobs(counts: Readonly<Record<string, number>>): string {
  const open = Object.entries(counts).filter(([state, number]) => state !== "completed" && number > 0);
  return open.map(([state, number]) => `${number} ${state}`).join(", ");
}
