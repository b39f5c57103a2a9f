/** `queue list`, `queue pause`, `queue resume`, `queue retry` and `queue requeue`. */
import { requeueDue } from "../producers/requeue-due.ts";
import { type QueueStanding, type QueueVerb, readQueues, steerQueue } from "../producers/steer-queue.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withCore, withStore } from "./with-store.ts";

export type SteerFlags = { readonly dryRun?: true; readonly actor?: string; readonly json?: true };
export type RequeueFlags = SteerFlags & { readonly channel?: "email" | "sms"; readonly backedOff?: true };

/** Every queue with its jobs. */
export async function listQueues({ json }: { json?: true }): Promise<ExitCode> {
  const { backend, standings } = await withCore(async ({ queues }) => ({
    backend: queues.backend,
    standings: await readQueues(queues),
  }));
  if (json) for (const standing of standings) printJson({ ...standing, backend });
  else for (const line of toTable(standings.map(toRow))) print(line);
  return EXIT.done;
}

function toRow({ name, isPaused, jobs }: QueueStanding): string[] {
  const said = Object.entries(jobs).flatMap(([state, number]) => (number > 0 ? [`${number} ${state}`] : []));
  return [name, isPaused ? "paused" : "open", said.join(", ") || "no jobs"];
}

export async function steer(name: string, verb: QueueVerb, { dryRun, actor, json }: SteerFlags): Promise<ExitCode> {
  const result = await withCore((core) => steerQueue(core, { name, verb }, { actor: toActor(actor), dryRun: dryRun === true }));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ verb, ...result });
  else if (result.kind === "same")
    print(verb === "retry" ? `Nothing of ${name} has failed.` : `${name} is ${verb === "pause" ? "paused" : "open"} already.`);
  else {
    print(`${result.dryRun ? "Would be: " : ""}${SAYS[verb](name, count(result.count, "job"))}`);
    if (result.dryRun) print("Nothing was changed: this was a dry run.");
  }
  return EXIT.done;
}

const SAYS: { readonly [Verb in QueueVerb]: (name: string, jobs: string) => string } = {
  pause: (name, jobs) =>
    `${paint.red(`${name} paused`)}: ${jobs} wait, and what is added waits too. Messages whose last moment passes meanwhile expire.`,
  resume: (name, jobs) => `${name} open: ${jobs} may be taken.`,
  retry: (name, jobs) => `${name}: ${jobs} in line again. A job only says what to look at; the rows say what is still to be done.`,
};

export async function requeue({ channel, backedOff, dryRun, actor, json }: RequeueFlags): Promise<ExitCode> {
  const asked = { channel: channel ?? null, backedOff: backedOff === true };
  const result = await withStore((store) => requeueDue(store, asked, { actor: toActor(actor), dryRun: dryRun === true }));
  if (json) printJson(result);
  else {
    const say = (rows: readonly { channel: string; count: number }[]) =>
      rows.map(({ channel: name, count: number }) => `${number} by ${name}`).join(", ") || "none";
    print(`${result.dryRun ? "Would be: " : ""}hinted again: ${say(result.due)}.`);
    if (asked.backedOff) print(`${result.dryRun ? "Would be: " : ""}tried now instead of later: ${say(result.rested)}.`);
    if (result.dryRun) print("Nothing was stored: this was a dry run.");
  }
  return EXIT.done;
}
