import { Redis } from "ioredis";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { DAY, instant, MINUTE } from "../../src/domain/calendar.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { planSeries } from "../../src/queues/plan-series.ts";
import { sendEmail, sendSms } from "../../src/queues/send-hints.ts";
import { describeOnBackends, EXAMPLES_BEGIN, openWorld, readSeriesExample, type World } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";

/** Everything that the queues hold is gone at once, as after FLUSHALL or a fail-over to an empty replica. */
async function loseQueues({ deps, variables }: World): Promise<void> {
  const url = variables["REDIS_URL"];
  if (!url) {
    await sql`delete from afterglow_queues.job`.execute(deps.db);
    return;
  }
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
}

async function countJobs({ deps }: World): Promise<number> {
  const counts = await Promise.all(
    [planSeries.name, sendEmail.name, sendSms.name].map((name) => deps.queues.queue({ ...planSeries, name }).counts()),
  );
  return counts.reduce((sum, { waiting = 0, delayed = 0, prioritized = 0 }) => sum + waiting + delayed + prioritized, 0);
}

describeOnBackends("queues that lose everything", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;
  const listOpen = async () =>
    (
      await sql`select from touchpoints where state in ('planned', 'sending') and try_at <= (select afterglow_now()) and awaits is null`.execute(
        db,
      )
    ).rows;

  test("have a plan asked for again, from the patients whose plan is stale", async () => {
    await enqueueSeries(world.deps, await readSeriesExample("ana-iv"), {
      clinic: world.clinic.slug,
      actor: "staff:test",
      second: "refuse",
    });
    expect(await countJobs(world)).toBe(1);
    await loseQueues(world);
    expect(await countJobs(world)).toBe(0);
    const workers = await world.startWorkers();
    await sql`update patients set unplanned_since = clock_timestamp() - interval '6 seconds'`.execute(db);
    const countRows = async () => (await sql`select from touchpoints`.execute(db)).rows.length;
    await expect.poll(countRows, { timeout: 15_000 }).toBeGreaterThan(20);
    await workers.stop();
  });

  test("have what is due hinted again, and nothing goes out twice", async () => {
    await stepClock(db, instant(EXAMPLES_BEGIN + 90 * MINUTE));
    expect((await sweepDue(world.deps))?.hinted).toBe(2);
    expect(await countJobs(world)).toBe(2);
    await loseQueues(world);
    expect((await sweepDue(world.deps))?.hinted).toBe(0);
    expect([await countJobs(world), (await listOpen()).length]).toEqual([0, 2]);
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '11 seconds' where hinted_at is not null`.execute(db);
    expect((await sweepDue(world.deps))?.hinted).toBe(2);
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '11 seconds' where hinted_at is not null`.execute(db);
    expect((await sweepDue(world.deps))?.hinted).toBe(2);
    await world.startWorkers();
    await expect.poll(async () => (await listOpen()).length, { timeout: 15_000 }).toBe(0);
    expect([world.smtp.mails().length, world.twilio.messages().length]).toEqual([1, 1]);
  });

  test("lose no message of the weeks that follow, and double none", async () => {
    const lose = [6, 8].map((days) => ({ at: instant(EXAMPLES_BEGIN + days * DAY), happen: () => loseQueues(world) }));
    await stepThrough(db, { until: instant(EXAMPLES_BEGIN + 60 * DAY), facts: [...lose, ...(await attendAll(world))] });
    const rows = await db.selectFrom("touchpoints").select(["state", "channel"]).execute();
    expect(rows.filter(({ state }) => ["planned", "sending", "unknown", "expired"].includes(state))).toEqual([]);
    const countSent = (channel: string) => rows.filter((row) => row.state === "sent" && row.channel === channel).length;
    expect(countSent("sms")).toBeGreaterThan(10);
    expect([world.smtp.mails().length, world.twilio.messages().length]).toEqual([countSent("email"), countSent("sms")]);
  });
});
