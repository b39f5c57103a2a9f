/** The system under test: one worker process as in production. Its transports are the real ones, or answer `sent` at once. */
import { setTimeout as rest } from "node:timers/promises";
import { sql } from "kysely";
import { z } from "zod";
import type { Channel } from "../../src/channels/channel.ts";
import { readConfig } from "../../src/config.ts";
import { type Deps, openDeps } from "../../src/deps.ts";
import { makeLog } from "../../src/log.ts";
import { startWorkers, type Workers } from "../../src/workers/start-workers.ts";
import { moment, serve } from "./serve.ts";

const startInput = z.object({
  env: z.record(z.string(), z.string()),
  transport: z.enum(["real", "stub"]),
  /** Connections that the stub pretends to have. */
  connections: z.number(),
});
const expectInput = z.object({ count: z.number(), withinMs: z.number() });

let deps: Deps | undefined;
let workers: Workers | undefined;
let ended = 0;
let expected = 0;
let unsent = 0;
let lastLine = "";

function count<Content>(channel: Channel<Content>): Channel<Content> {
  return {
    ...channel,
    send: async (envelope, content) => {
      const outcome = await channel.send(envelope, content);
      ended += 1;
      if (outcome.kind !== "sent") unsent += 1;
      return outcome;
    },
  };
}

/** What a transport would write is read through once, so that no text is left a promise of one. */
function measureTexts(content: unknown): number {
  if (typeof content === "string") return Buffer.byteLength(content);
  if (typeof content !== "object" || content === null) return 0;
  return Object.values(content).reduce<number>((sum, each) => sum + measureTexts(each), 0);
}

/** Answers at once; the same number of places as the real channel has connections. */
function stub<Content>(name: Channel<Content>["name"], connections: number): Channel<Content> {
  let sent = 0;
  let underWay = 0;
  return {
    name,
    freeConnections: () => connections - underWay,
    send: async (_envelope, content) => {
      underWay += 1;
      await Promise.resolve();
      measureTexts(content);
      underWay -= 1;
      return { kind: "sent", providerMessageId: `stub-${process.pid}-${++sent}` };
    },
    close: () => Promise.resolve(),
  };
}

/** Every send has ended and every end is recorded: durable, not only called. */
async function settle(deadline: number): Promise<void> {
  while (ended < expected) {
    if (moment() > deadline)
      throw new Error(`${ended} of ${expected} messages were sent in time; ${unsent} were not accepted. Last log line: ${lastLine}`);
    await rest(2);
  }
  const db = deps?.db;
  if (!db) throw new Error("Not started");
  for (;;) {
    const { rows } = await sql<{ busy: boolean }>`select exists (select from touchpoints where state = 'sending') as busy`.execute(db);
    if (rows[0]?.busy === false) return;
    // Without a rest the question would take from the machine what the last records need.
    await rest(2);
  }
}

serve({
  start: async (input) => {
    const { env, transport, connections } = startInput.parse(input);
    const config = readConfig(env);
    const log = makeLog({ level: "warn", destination: { write: (line) => (lastLine = line) } });
    deps = await openDeps(config, log);
    const { email, sms } = transport === "real" ? deps : { email: stub<never>("email", connections), sms: stub<never>("sms", connections) };
    // A text whose fate is unknown is looked up at the real provider, or nowhere.
    const listTexts = transport === "real" ? deps.sms.listTexts : () => Promise.resolve(undefined);
    workers = await startWorkers({ ...deps, email: count(email), sms: { ...count(sms), listTexts } });
    return {};
  },
  /** From the call on, so many more messages are sent and recorded; answers with the moment at which the last one is. */
  expect: async (input) => {
    const { count, withinMs } = expectInput.parse(input);
    expected += count;
    await settle(moment() + withinMs);
    if (unsent > 0) throw new Error(`${unsent} messages were not accepted. Last log line: ${lastLine}`);
    return { at: moment() };
  },
  memory: () => {
    const { heapUsed, heapTotal, rss } = process.memoryUsage();
    return Promise.resolve({ heapUsed, heapTotal, rss });
  },
  stop: async () => {
    await workers?.stop();
    await deps?.close();
    return { lastLine };
  },
});
