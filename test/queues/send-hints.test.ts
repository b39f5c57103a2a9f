import { afterAll, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { makeLog } from "../../src/log.ts";
import { connectQueues } from "../../src/queues/backend.ts";
import { sendEmail, toHints, TOUCHPOINTS_PER_HINT } from "../../src/queues/send-hints.ts";
import { byText } from "../support/by-text.ts";
import { cloneDatabase } from "../support/database.ts";

const ids = (count: number) => Array.from({ length: count }, () => newId<"touchpoint">());

test("any number of ids makes hints that a worker takes, each id in one of them, in their order", () => {
  for (const count of [0, 1, TOUCHPOINTS_PER_HINT, TOUCHPOINTS_PER_HINT + 1, 4 * TOUCHPOINTS_PER_HINT]) {
    const given = ids(count);
    const hints = toHints(given);
    expect(hints).toHaveLength(Math.ceil(count / TOUCHPOINTS_PER_HINT));
    expect(hints.flatMap(({ touchpointIds }) => touchpointIds)).toEqual(given);
    for (const hint of hints) expect(sendEmail.data.safeParse(hint).success).toBe(true);
  }
});

test("what waits together for a slow sender is hinted again whole, and no job of it fails", async () => {
  const { url } = await cloneDatabase();
  const log = makeLog({ level: "silent", destination: { write: () => undefined } });
  const queues = await connectQueues({ redisUrl: undefined, databaseUrl: url, log });
  afterAll(() => queues.close());
  const waiting = ids(3 * TOUCHPOINTS_PER_HINT);
  const heard: TouchpointId[] = [];
  const worker = await queues.work(sendEmail, async ({ touchpointIds }) => heard.push(...touchpointIds));
  await queues.queue(sendEmail).add(toHints(waiting).map((data) => ({ data, delayMs: 0 })));
  await expect.poll(() => heard.toSorted(byText), { timeout: 10_000 }).toEqual(waiting.toSorted(byText));
  await worker.close();
  expect(await queues.queue(sendEmail).counts()).toMatchObject({ failed: 0 });
});

test("as one hint, so many ids would be refused, and wait until the sweep takes the hint for lost", () => {
  expect(sendEmail.data.safeParse({ touchpointIds: ids(TOUCHPOINTS_PER_HINT + 1) }).success).toBe(false);
});
