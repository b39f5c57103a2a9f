import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { machineNow } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/database.ts";
import { registerWorker } from "../../src/db/workers.ts";
import { type Instant, instant } from "../../src/domain/calendar.ts";
import { makeLog } from "../../src/log.ts";
import { type HeartTimes, measureSkew, startHeartbeat } from "../../src/workers/heartbeat.ts";
import { openTcpProxy } from "../queues/support/tcp-proxy.ts";
import { cloneDatabase } from "../support/database.ts";

/** As in life, a thousand times as impatient where it does not matter how patient it is. */
const QUICK: HeartTimes = {
  lookEvery: 5,
  beatEvery: 10,
  answerWithin: 200,
  lostAfter: 300,
  giveUpAfter: { refused: 60_000, silent: 1_500 },
};
const WITHIN = { timeout: 20_000 };

const direct = await cloneDatabase();
const proxy = await openTcpProxy(direct.url);
const { db, pool } = openDatabase({ url: proxy.url, connections: 4, applicationName: "test" });
pool.on("error", () => undefined);
afterAll(async () => {
  await proxy.cut();
  await db.destroy().catch(() => undefined);
});

async function live(clock: () => Instant = machineNow, times = QUICK) {
  const workerId = await registerWorker(direct.db, { role: "worker", version: "test" });
  const verdicts: string[] = [];
  const lost: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = makeLog({ level: "info", destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const heart = startHeartbeat(
    { db, log, workerId, machineNow: clock, times },
    { onVerdict: (verdict) => verdicts.push(verdict), onLost: (error) => lost.push(error.name) },
  );
  const read = async () => {
    const { rows } = await sql<{ skewMs: number; age: number }>`
      select skew_ms, extract(epoch from clock_timestamp() - beat_at)::double precision as age from workers where id = ${workerId}`.execute(
      direct.db,
    );
    return rows[0] ?? { skewMs: Number.NaN, age: Number.NaN };
  };
  return { workerId, verdicts, lost, lines, heart, read };
}

describe("a clock's skew", () => {
  const at = (ms: number) => instant(1_800_000_000_000 + ms);

  test.each([
    ["the answer came in between", { sentAt: at(0), serverAt: at(4_000), heardAt: at(9_000) }, 0],
    ["this clock was already ahead when it asked", { sentAt: at(3_000), serverAt: at(0), heardAt: at(3_010) }, 3_000],
    ["this clock was still behind when it heard", { sentAt: at(0), serverAt: at(3_000), heardAt: at(10) }, -2_990],
  ])("is what is certain: %s", (_, times, skew) => {
    expect(measureSkew(times)).toBe(skew);
  });
});

describe("a worker's heart", () => {
  test("beats", async () => {
    const { read, heart, verdicts } = await live();
    const first = (await read()).age;
    await expect.poll(async () => (await read()).age, WITHIN).toBeLessThan(first + 1);
    await heart.stop();
    expect(verdicts).toEqual([]);
  });

  test.each([2_500, -2_500])("finds its clock %d ms off, shows that to the others, and is well again when it is set right", async (ms) => {
    let off = ms;
    const { read, heart, verdicts, lost } = await live(() => instant(machineNow() + off));
    await expect.poll(() => verdicts, WITHIN).toEqual(["clock-skewed"]);
    await expect.poll(async () => Math.abs((await read()).skewMs), WITHIN).toBeGreaterThan(2_000);
    off = 0;
    await expect.poll(() => verdicts, WITHIN).toEqual(["clock-skewed", "well"]);
    await expect.poll(async () => Math.abs((await read()).skewMs), WITHIN).toBeLessThan(2_000);
    await heart.stop();
    expect(lost).toEqual([]);
  });

  test("bears a second", async () => {
    const { heart, verdicts, read } = await live(() => instant(machineNow() + 1_000));
    await expect.poll(async () => (await read()).skewMs, WITHIN).toBeGreaterThan(0);
    await heart.stop();
    expect(verdicts).toEqual([]);
  });

  test("is lost while the database refuses, and well again when it is back", async () => {
    const { heart, verdicts, lost } = await live();
    await proxy.cut();
    await expect.poll(() => verdicts, WITHIN).toEqual(["heartbeat-lost"]);
    await proxy.mend();
    await expect.poll(() => verdicts, WITHIN).toEqual(["heartbeat-lost", "well"]);
    await heart.stop();
    expect(lost).toEqual([]);
  });

  test("gives up, once, on a database that says nothing, and sooner than on one that refuses", async () => {
    const { heart, verdicts, lost, lines } = await live();
    await expect.poll(() => proxy.connections(), WITHIN).toBeGreaterThan(0);
    proxy.stall();
    await expect.poll(() => lost, WITHIN).toEqual(["HeartbeatLost"]);
    expect(verdicts).toEqual(["heartbeat-lost"]);
    expect(new Set(lines.map(({ msg, kind }) => [msg, kind].join(" ")))).toEqual(new Set(["heartbeat.failed silent"]));
    proxy.flow();
    await expect.poll(() => verdicts, WITHIN).toEqual(["heartbeat-lost", "well"]);
    await heart.stop();
    expect(lost).toHaveLength(1);
  });

  test("stands still when its row is gone, because the others take it for dead", async () => {
    const { heart, verdicts, workerId } = await live();
    await sql`delete from workers where id = ${workerId}`.execute(direct.db);
    await expect.poll(() => verdicts, WITHIN).toEqual(["heartbeat-lost"]);
    await heart.stop();
  });
});
