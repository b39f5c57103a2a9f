import { expect, test } from "vitest";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { describeOnBackends, EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";

describeOnBackends("a number that turns out not to exist in the middle of a course", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;

  test("has its message told by mail at once, and every later one, while nobody texts it again", async () => {
    await world.startWorkers();
    const [ana] = await readSeriesExample("ana-iv");
    if (!ana?.patient.phone) expect.unreachable();
    await enqueueSeries(world.deps, [ana], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
    const to = ana.patient.phone;
    await stepThrough(db, { until: instant(EXAMPLES_BEGIN + 7 * DAY), facts: [] });
    const afterFirst = instant(Date.parse("2027-01-11T16:30:00Z"));
    const breakNumber = { at: afterFirst, happen: async () => world.twilio.setFaults([{ does: "refuse", code: 21211, to }]) };
    await stepThrough(db, { until: instant(EXAMPLES_BEGIN + 60 * DAY), facts: [breakNumber, ...(await attendAll(world))] });

    const rows = await db.selectFrom("touchpoints").selectAll().where("recipient", "=", "patient").orderBy("dueAt").execute();
    const failed = rows.filter(({ state }) => state === "failed");
    expect(failed).toMatchObject([{ rule: "home-safe", channel: "sms", reason: "bad-address" }]);
    const [dead] = failed;
    const fallback = rows.find(({ fallbackOf }) => fallbackOf === dead?.id);
    expect(fallback).toMatchObject({ rule: "home-safe", channel: "email", state: "sent", sessionId: dead?.sessionId });
    const homeSafe = rows.filter(({ rule, state }) => rule === "home-safe" && state === "sent");
    expect(homeSafe.map(({ channel }) => channel)).toEqual(Array(6).fill("email"));
    const attempts = await db.selectFrom("deliveries").select("code").where("code", "=", "21211").execute();
    expect(attempts).toHaveLength(1);
    expect(rows.filter(({ state }) => ["planned", "sending", "unknown", "held"].includes(state))).toEqual([]);
  });
});
