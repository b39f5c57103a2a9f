/**
 * Whether work reaches this process, and ends. BullMQ may say that it is running and fetch nothing for ever: after a connection that was lost without a word, or when its
 * store was away at the wrong moment. The rows tell: something is due, nobody takes it, and the queue answers.
 */
import { monotonicMs } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { readLiveness } from "../db/liveness.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import type { Queues } from "../queues/backend.ts";
import { planSeries } from "../queues/plan-series.ts";
import { within } from "./within.ts";

/** Jobs of this process: how many are under way, and when the last one began or ended. */
export type Activity = {
  around<Data, Result>(handle: (data: Data) => Promise<Result>): (data: Data) => Promise<Result>;
  /** Milliseconds without a job; 0 while one is under way. */
  idleMs(): number;
  /** Milliseconds that the oldest job has been under way; 0 without one. */
  longestMs(): number;
  /** Counts from now on: a process that was told not to work is not stuck. */
  forget(): void;
};

export function watchActivity(): Activity {
  const underWay = new Set<{ readonly since: number }>();
  let lastAt = monotonicMs();
  let forgottenAt = lastAt;
  return {
    around: (handle) => async (data) => {
      const job = { since: monotonicMs() };
      underWay.add(job);
      try {
        return await handle(data);
      } finally {
        underWay.delete(job);
        lastAt = monotonicMs();
      }
    },
    idleMs: () => (underWay.size > 0 ? 0 : monotonicMs() - lastAt),
    // A set keeps the order in which they began.
    longestMs: () => {
      const [oldest] = underWay;
      return oldest ? monotonicMs() - Math.max(oldest.since, forgottenAt) : 0;
    },
    forget: () => {
      lastAt = monotonicMs();
      forgottenAt = lastAt;
    },
  };
}

/** How long something may be due, and this process idle, while the queue answers. */
const STUCK_AFTER_SECONDS = 60;
/** Longer than any job takes: eight full hints at a provider that uses its whole deadline for every message are through in ten minutes. */
const HANGS_AFTER_SECONDS = 900;
const ANSWER_WITHIN_MS = 2_000;

export class JobHangs extends Error {
  constructor(seconds: number) {
    super(`A job has been under way for ${Math.round(seconds)} s: this worker gives up, and its supervisor starts another one`);
    this.name = "JobHangs";
  }
}

export class NoJobArrives extends Error {
  constructor(seconds: number) {
    super(
      `Something has been due for ${Math.round(seconds)} s and no job reaches this worker, though the queue answers: it gives up, and its supervisor starts another one`,
    );
    this.name = "NoJobArrives";
  }
}

type Deps = { readonly db: Database; readonly queues: Pick<Queues, "queue"> };

/** Returns what is wrong when this process is stuck. */
export async function findStuck(
  { db, queues }: Deps,
  activity: Pick<Activity, "idleMs" | "longestMs">,
): Promise<NoJobArrives | JobHangs | undefined> {
  if (activity.longestMs() > HANGS_AFTER_SECONDS * 1_000) return new JobHangs(activity.longestMs() / 1_000);
  if (activity.idleMs() < STUCK_AFTER_SECONDS * 1_000) return undefined;
  const { waitingSeconds, unplannedSeconds } = await readLiveness(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
  const waiting = Math.max(waitingSeconds, unplannedSeconds);
  if (waiting < STUCK_AFTER_SECONDS) return undefined;
  // A queue that is down is told by others; starting again would not bring it back.
  const counts = await within(
    ANSWER_WITHIN_MS,
    queues
      .queue(planSeries)
      .counts()
      .catch(() => undefined),
  );
  return counts ? new NoJobArrives(waiting) : undefined;
}
