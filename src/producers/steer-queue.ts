/**
 * Pauses a queue, lets it go on, or gives its failed jobs another try.
 *
 * Trigger: operations (`queue pause|resume|retry`, the page Queues). Re-checks: how the queue stands. Effect: no worker of any process takes its jobs until it is
 * resumed; rows stay as they are, so that what reaches its last moment meanwhile expires. The audit is written first, and not at all when the queue refuses. A
 * repeat changes nothing. Whoever wants nothing to leave uses a switch: it holds whatever becomes of the queue.
 */
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import type { Fault } from "../domain/fault.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { NEVER_PAUSED, QUEUE_NAMES } from "../queues/all-queues.ts";
import type { QueueControls, Queues } from "../queues/backend.ts";
import type { ChangeOptions } from "./change-facts.ts";

/** The queues as the subject of events: they belong to no clinic. */
export const QUEUES_ID = "00000000-0000-7000-8000-00000000009e";

export const QUEUE_VERBS = ["pause", "resume", "retry"] as const;
export type QueueVerb = (typeof QUEUE_VERBS)[number];

export type QueueStanding = {
  readonly name: string;
  readonly isPaused: boolean;
  /** Jobs by state, as the engine names them. */
  readonly jobs: Readonly<Record<string, number>>;
};

export type Steered =
  | { readonly kind: "steered"; readonly standing: QueueStanding; readonly count: number; readonly dryRun: boolean }
  /** It is so already, or nothing has failed. */
  | { readonly kind: "same"; readonly standing: QueueStanding }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

type Deps = { readonly db: Database; readonly queues: Pick<Queues, "controls"> };

/** How every queue stands. */
export async function readQueues(queues: Pick<Queues, "controls">): Promise<QueueStanding[]> {
  return Promise.all(QUEUE_NAMES.map((name) => readStanding(queues.controls(name))));
}

async function readStanding(queue: QueueControls): Promise<QueueStanding> {
  const [isPaused, jobs] = await Promise.all([queue.isPaused(), queue.counts()]);
  return { name: queue.name, isPaused, jobs };
}

/** `count`: jobs that it concerns, waiting or failed. */
export async function steerQueue(
  { db, queues }: Deps,
  { name, verb }: { readonly name: string; readonly verb: QueueVerb },
  { actor, dryRun }: Pick<ChangeOptions, "actor" | "dryRun">,
): Promise<Steered> {
  const faults = findFaults(name, verb);
  if (faults.length > 0) return { kind: "refused", faults };
  const queue = queues.controls(name);
  const standing = await readStanding(queue);
  const count = countConcerned(standing, verb);
  if (verb === "retry" ? count === 0 : standing.isPaused === (verb === "pause")) return { kind: "same", standing };
  if (!dryRun)
    await transact(db, async (tx) => {
      await appendEvents(tx, [{ kind: EVENTS[verb], clinicId: null, subjectId: QUEUES_ID, actor, data: { queue: name, count } }]);
      await carryOut(queue, verb);
    });
  return { kind: "steered", standing, count, dryRun };
}

const EVENTS = { pause: "queue.paused", resume: "queue.resumed", retry: "queue.retried" } as const;

function findFaults(name: string, verb: QueueVerb): Fault[] {
  if (!QUEUE_NAMES.includes(name)) {
    const meant = findNearestWord(name, QUEUE_NAMES);
    return [{ path: "queue", value: name, expected: `one of ${QUEUE_NAMES.join(", ")}${meant ? `; did you mean ${meant}?` : ""}` }];
  }
  if (verb === "pause" && name === NEVER_PAUSED)
    return [{ path: "queue", value: name, expected: "another queue: this one pages staff, and nothing may stand in front of that" }];
  return [];
}

function countConcerned({ jobs }: QueueStanding, verb: QueueVerb): number {
  if (verb === "retry") return jobs["failed"] ?? 0;
  return ["waiting", "delayed", "prioritized", "paused"].reduce((sum, state) => sum + (jobs[state] ?? 0), 0);
}

async function carryOut(queue: QueueControls, verb: QueueVerb): Promise<void> {
  if (verb === "pause") return queue.pause();
  return verb === "resume" ? queue.resume() : queue.retryFailed(machineNow());
}
