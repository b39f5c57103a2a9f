/** One worker process under test, and how the driver speaks to it. */
import { z } from "zod";
import { readClinicTime } from "../../src/db/clinic-clock.ts";
import { openDatabase } from "../../src/db/database.ts";
import { makeLog } from "../../src/log.ts";
import { hintTouchpoints } from "../../src/producers/hint-touchpoints.ts";
import { connectQueues, type Queues } from "../../src/queues/backend.ts";
import { moment } from "../processes/serve.ts";
import { type CpuSplit, watchCpu } from "../measure.ts";
import { addDue } from "./due.ts";
import type { Place, Stage } from "./open-stage.ts";

export type Transport = {
  readonly transport: "stub" | "real";
  readonly env?: Record<string, string>;
  readonly others?: Record<string, number>;
};

export type WorkerProcess = {
  readonly pid: number;
  readonly queues: Queues;
  /** Makes so many touchpoints due, hints them, and waits until every send is recorded. Returns the rate and who was busy. */
  sendRound(channel: "email" | "sms", count: number): Promise<{ perSecond: number; split: CpuSplit }>;
  /** Resolves with the moment at which so many more messages are sent and recorded. */
  expect(count: number, withinMs: number): Promise<number>;
  /** Bytes, now. */
  memory(): Promise<{ heapUsed: number; heapTotal: number; rss: number }>;
  /** Who is to be watched while it works. */
  watch(): () => CpuSplit;
  stop(): Promise<void>;
};

/** As many places as the configuration gives a channel when it says nothing. */
const CONNECTIONS = 20;
const ROUND_WITHIN_MS = 60_000;
const at = z.object({ at: z.number() });

/** Starts it and waits until it works. */
export async function startWorkerProcess(
  stage: Stage,
  place: Place,
  { transport, env = {}, others = {} }: Transport,
): Promise<WorkerProcess> {
  const child = stage.start("worker");
  const all = { ...place.env, ...env };
  await child.ask("start", { env: all, transport, connections: CONNECTIONS }, z.object({}));
  const url = all["DATABASE_URL"] ?? "";
  const queues = await connectQueues({ redisUrl: all["REDIS_URL"], databaseUrl: url, log: makeLog({ level: "warn" }) });
  const { db } = openDatabase({ url, connections: 1, applicationName: "afterglow-bench" });
  const expect = async (count: number, withinMs: number) => (await child.ask("expect", { count, withinMs }, at)).at;
  const watch = () =>
    watchCpu({
      worker: child.pid,
      postgres: stage.postgresPid,
      ...(place.backend === "redis" ? { redis: stage.redisPid } : {}),
      ...others,
    });
  return {
    pid: child.pid,
    queues,
    expect,
    memory: () => child.ask("memory", {}, z.object({ heapUsed: z.number(), heapTotal: z.number(), rss: z.number() })),
    watch,
    sendRound: async (channel, count) => {
      const due = await addDue(place.pool, stage.series, { channel, count, startsInMs: -1_000, overMs: 0, hints: "hinted" });
      const time = await readClinicTime(db);
      const done = watch();
      const startedAt = moment();
      const finished = expect(count, ROUND_WITHIN_MS);
      const [finishedAt] = await Promise.all([finished, hintTouchpoints(queues, due, time)]);
      return { perSecond: (count / (finishedAt - startedAt)) * 1_000, split: done() };
    },
    stop: async () => {
      await child.ask("stop", {}, z.object({}).loose());
      await child.stop();
      await queues.close();
      await db.destroy();
    },
  };
}
