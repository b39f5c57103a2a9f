import { expect, test } from "vitest";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { hasEnded } from "../../src/domain/touchpoint.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { describeOnBackends, EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";
import { byText } from "../support/by-text.ts";

const EXAMPLES = ["ana-iv", "ben-im", "dee-kap", "eva-home"];
const UNTIL = instant(EXAMPLES_BEGIN + 75 * DAY);

describeOnBackends("whole series", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;
  const read = () => db.selectFrom("touchpoints").selectAll().execute();

  test("reach four patients and whom they named, from enqueueing to the last check-in", { timeout: 120_000 }, async () => {
    await world.startWorkers();
    const requests = (await Promise.all(EXAMPLES.map((name) => readSeriesExample(name)))).flat();
    const results = await enqueueSeries(world.deps, requests, { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
    expect(results.map(({ kind }) => kind)).toEqual(EXAMPLES.map(() => "enqueued"));
    await stepThrough(db, { until: UNTIL, facts: await attendAll(world) });
    const sent = (await read()).filter(({ state }) => state === "sent");
    expect(sent.length).toBeGreaterThan(80);
    const rules = sent.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining(["welcome", "day-before", "home-safe", "next-day"]));
  });

  test("every touchpoint has one ending, with a reason where it was not sent", async () => {
    const rows = await read();
    expect(rows.filter(({ state }) => !hasEnded(state))).toEqual([]);
    expect(rows.filter(({ state, reason }) => ["suppressed", "expired", "failed"].includes(state) && !reason)).toEqual([]);
    expect(rows.filter(({ state }) => state === "failed" || state === "expired")).toEqual([]);
  });

  test("what the mail server and the carrier accepted is what is recorded as sent, once each", async () => {
    const rows = await read();
    const sentOver = (channel: string) => rows.filter((row) => row.state === "sent" && row.channel === channel);
    expect(world.smtp.mails()).toHaveLength(sentOver("email").length);
    expect(world.twilio.messages()).toHaveLength(sentOver("sms").length);
    const ids = world.smtp.mails().map(({ raw }) => /^Message-ID: <tp-([0-9a-f-]{36})@/im.exec(raw.toString())?.[1]);
    expect(ids.toSorted(byText)).toEqual(
      sentOver("email")
        .map(({ id }) => id)
        .toSorted(byText),
    );
    const deliveries = await db
      .selectFrom("deliveries")
      .select(["touchpointId", "providerMessageId", "attempt"])
      .where("channel", "=", "sms")
      .execute();
    expect(deliveries.map(({ providerMessageId }) => providerMessageId).toSorted(byText)).toEqual(
      world.twilio
        .messages()
        .map(({ sid }) => sid)
        .toSorted(byText),
    );
    expect(deliveries.filter(({ attempt }) => attempt !== 1)).toEqual([]);
  });

  test("nothing left outside its legal hours: each was claimed at a moment that the plan allows", async () => {
    for (const { state, channel, tryAt, legalAt, sendBy } of await read()) {
      if (state !== "sent" || channel === "task") continue;
      expect(legalAt.some(({ from, to }) => from <= tryAt && tryAt < to)).toBe(true);
      expect(tryAt).toBeLessThan(sendBy);
    }
  });

  test("the staff's tasks were opened once each, and nothing is left in the queues", async () => {
    const tasked = (await read()).filter(({ state }) => state === "tasked").map(({ id }) => id);
    const tasks = await db.selectFrom("tasks").select("touchpointId").execute();
    expect(tasks.map(({ touchpointId }) => touchpointId).toSorted(byText)).toEqual(tasked.toSorted(byText));
  });
});
