import { Redis } from "ioredis";
import { describe, expect, inject, test } from "vitest";
import { openRedisLine } from "../../src/queues/redis-line.ts";
import { emptyRedis } from "../support/world.ts";
import { openTcpProxy } from "./support/tcp-proxy.ts";

const SILENT_MS = 400;
const ASKED_SECONDS = 0.1;
/** Far more than the silence allowed, each answered in time. */
const ANSWERS = 12;

/** Waits for a job as an idle worker does, while the line is cut and mended once; what the line complained of after that. */
async function complaintsAfterCut(open: (url: string) => Redis): Promise<string[]> {
  const proxy = await openTcpProxy(await emptyRedis());
  const line = open(proxy.url).duplicate();
  const complaints: string[] = [];
  line.on("error", ({ message }: Error) => complaints.push(message));
  await line.bzpopmin("nothing-comes", ASKED_SECONDS);
  const asked = line.bzpopmin("nothing-comes", ASKED_SECONDS);
  await proxy.cut();
  await proxy.mend();
  await asked;
  complaints.length = 0;
  for (let answer = 0; answer < ANSWERS; answer++) await line.bzpopmin("nothing-comes", ASKED_SECONDS);
  line.disconnect();
  await proxy.cut();
  return complaints;
}

const OPTIONS = { lazyConnect: true, maxRetriesPerRequest: null, socketTimeout: SILENT_MS, retryStrategy: () => 20 };

describe.skipIf(!inject("redisUrl"))("a line to Redis on which nothing but answers comes", () => {
  test("stays after it was cut and connected anew", async () => {
    expect(await complaintsAfterCut((url) => openRedisLine(url, OPTIONS))).toEqual([]);
  });

  test("would be broken off by the timer of the connection before, had it not been stopped", async () => {
    expect(await complaintsAfterCut((url) => new Redis(url, OPTIONS))).toEqual([expect.stringMatching(/^Socket timeout/)]);
  });
});
