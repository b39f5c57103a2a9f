import { sql } from "kysely";
import { expect, test } from "vitest";
import { machineNow } from "../../src/clock.ts";
import { readLiveness } from "../../src/db/liveness.ts";
import { instant } from "../../src/domain/calendar.ts";
import { makeReadinessCheck } from "../../src/http/check-readiness.ts";
import { HEART_TIMES } from "../../src/workers/heartbeat.ts";
import { startWorkers } from "../../src/workers/start-workers.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, readTouchpoint } from "./support/clinic-at-work.ts";

const WITHIN = { timeout: 25_000 };

describeOnBackends("a worker whose clock is off", async (backend) => {
  const world = await openWorld({ backend });
  const { db, queues } = world.deps;

  test("claims nothing, says so once and makes readiness red; set right, it sends what waited", async () => {
    let off = 3_000;
    const readiness = makeReadinessCheck({ db, queues, config: { ROLE: "all" } });
    const workers = await startWorkers({
      ...world.deps,
      machineNow: () => instant(machineNow() + off),
      heartTimes: { ...HEART_TIMES, lookEvery: 20, beatEvery: 50 },
    });
    const said = (event: string) => world.logged.filter((line) => line.includes(`"${event}"`)).length;
    await expect.poll(() => said("worker.paused"), WITHIN).toBe(1);
    await expect.poll(async () => (await readLiveness(db, { deadAfterSeconds: 20 })).working, WITHIN).toBe(0);
    expect(await readiness()).toEqual({ database: "ok", migrations: "ok", queue: "ok", work: "down" });
    const ana = await enqueueAna(world);
    const [sms] = await findWelcomes(world, [ana], "sms");
    if (!sms) expect.unreachable();
    // It sweeps and hints all the same, and whoever is well would take the hint.
    await expect.poll(async () => (await readTouchpoint(world, sms)).hintedAt, WITHIN).not.toBeNull();
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "planned", attempts: 0 });
    off = 0;
    await expect.poll(() => said("worker.resumed"), WITHIN).toBe(1);
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '11 seconds' where hinted_at is not null`.execute(db);
    await expect.poll(async () => (await readTouchpoint(world, sms)).state, WITHIN).toBe("sent");
    await expect.poll(readiness, WITHIN).toEqual({ database: "ok", migrations: "ok", queue: "ok", work: "ok" });
    expect(said("worker.paused")).toBe(1);
    await workers.stop();
    expect([world.twilio.messages().length, (await readLiveness(db, { deadAfterSeconds: 20 })).alive]).toEqual([1, 0]);
  });
});
