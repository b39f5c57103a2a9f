import { expect, test } from "vitest";
import { monotonicMs } from "../../src/clock.ts";
import { checkLedger } from "../../src/db/ledger.ts";
import { DAY, type Instant, instant } from "../../src/domain/calendar.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";

const UNTIL = instant(EXAMPLES_BEGIN + 40 * DAY);

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;

async function findBroken(): Promise<unknown[]> {
  const results = await checkLedger(db, { clinicId: null, now: monotonicMs });
  return results.filter(({ state }) => state !== "holds" && state !== "not-asked");
}

test("the books hold on every day of two whole series, while workers send, and when all is over", async () => {
  await world.startWorkers();
  const requests = (await Promise.all(["ana-iv", "ben-im"].map((name) => readSeriesExample(name)))).flat();
  await enqueueSeries(world.deps, requests, { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  let [checks, day] = [0, 0];
  const onSettled = async (now: Instant) => {
    const today = Math.floor(now / DAY);
    if (today === day) return;
    day = today;
    checks += 1;
    expect(await findBroken()).toEqual([]);
  };
  await stepThrough(db, { until: UNTIL, facts: await attendAll(world), onSettled });
  expect(await findBroken()).toEqual([]);
  expect(checks).toBeGreaterThan(10);
  const { sent } = await db
    .selectFrom("touchpoints")
    .select((each) => each.fn.countAll<number>().as("sent"))
    .where("state", "=", "sent")
    .executeTakeFirstOrThrow();
  expect(sent).toBeGreaterThan(40);
});
