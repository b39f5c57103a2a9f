/** The queues: they only wake workers up, and the rows say what is to be done. Of the whole installation. */
import { z } from "zod";
import { requeueDue } from "../../../producers/requeue-due.ts";
import { QUEUE_VERBS, type QueueStanding, readQueues, steerQueue } from "../../../producers/steer-queue.ts";
import { requirePermission } from "../../auth/staff-access.ts";
import { toProblem } from "../api-problem.ts";
import { bare, operation, type Operation } from "../operation.ts";

const READ = requirePermission("ops.read", { of: "installation" });
const ACT = requirePermission("ops.act", { of: "installation" });

const standing = z.strictObject({
  name: z.string(),
  paused: z.boolean(),
  jobs: z.record(z.string(), z.int()).meta({ description: "By state, as the engine names them." }),
});

const toStanding = ({ name, isPaused, jobs }: QueueStanding): z.output<typeof standing> => ({ name, paused: isPaused, jobs: { ...jobs } });

const SUMMARIES = {
  pause:
    "Let no worker take a queue's jobs until it is resumed; what passes its last moment meanwhile expires. To stop sending use a switch",
  resume: "Let workers take a queue's jobs again",
  retry: "Give a queue's failed jobs another try; nothing goes out twice of it",
};

const steering = QUEUE_VERBS.map((verb) =>
  operation({
    ...bare,
    id: `queues.${verb}`,
    method: "POST",
    path: `/queues/{queue}/${verb}`,
    summary: SUMMARIES[verb],
    command: `queue ${verb}`,
    access: ACT.access,
    dryRun: true,
    params: z.strictObject({ queue: z.string().max(60).meta({ example: "send-email" }) }),
    answer: z.union([
      z.strictObject({
        kind: z.literal("steered"),
        queue: standing.meta({ description: "As it stood before." }),
        count: z.int().meta({ description: "Jobs that it concerns." }),
        dryRun: z.boolean(),
      }),
      z.strictObject({ kind: z.literal("same"), queue: standing }),
    ]),
  })(async (deps, { params: { queue: name }, options }) => {
    const result = await steerQueue(deps, { name, verb }, options);
    if (result.kind === "refused") throw toProblem(result.faults);
    const queue = toStanding(result.standing);
    return {
      body: result.kind === "same" ? { kind: "same", queue } : { kind: "steered", queue, count: result.count, dryRun: result.dryRun },
    };
  }),
);

const counted = z.array(z.strictObject({ channel: z.string(), count: z.int() }));

export const queues: readonly Operation[] = [
  operation({
    ...bare,
    id: "queues.list",
    method: "GET",
    path: "/queues",
    summary: "List every queue with its jobs by state, and which one is paused",
    command: "queue list",
    access: READ.access,
    answer: z.strictObject({ backend: z.string(), queues: z.array(standing) }),
  })(async ({ queues: engine }) => ({
    body: { backend: engine.backend, queues: (await readQueues(engine)).map(toStanding) },
  })),
  ...steering,
  operation({
    ...bare,
    id: "queues.requeue",
    method: "POST",
    path: "/queues/requeue",
    summary: "Hint again what is due and unclaimed; nothing goes out twice, because a row is claimed once",
    command: "queue requeue",
    access: ACT.access,
    dryRun: true,
    body: z.strictObject({
      channel: z.enum(["email", "sms"]).optional().meta({ description: "Only this one." }),
      backedOff: z.boolean().default(false).meta({ description: "Also try now what rests after a failed attempt." }),
    }),
    answer: z.strictObject({ due: counted, rested: counted, dryRun: z.boolean() }),
  })(async ({ db }, { body: { channel, backedOff }, options }) => {
    const { due, rested, dryRun } = await requeueDue({ db }, { channel: channel ?? null, backedOff }, options);
    return { body: { due: due.map((each) => ({ ...each })), rested: rested.map((each) => ({ ...each })), dryRun } };
  }),
];
