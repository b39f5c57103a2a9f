import { describe, expect, inject, test } from "vitest";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { recordOutcome } from "../../src/producers/record-outcome.ts";
import { type ScriptedFact, stepThrough } from "../../src/producers/step-through.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample, type World } from "../support/world.ts";

const backends = inject("redisUrl") ? (["postgres", "redis"] as const) : (["postgres"] as const);

describe.each(backends)("a whole series on %s", (backend) => {
  test("Ana's six sessions reach her and her escort from enqueueing to the last check-in, each touchpoint with one ending", async () => {
    const world = await openWorld({ backend });
    await world.startWorkers();
    const [request] = await readSeriesExample("ana-iv");
    const [result] = await enqueueSeries(world.deps, request ? [request] : [], {
      clinic: world.clinic.slug,
      actor: "staff:test",
      second: "refuse",
    });
    expect(result).toMatchObject({ kind: "enqueued" });
    await stepThrough(world.deps.db, { until: instant(EXAMPLES_BEGIN + 60 * DAY), facts: await attendAll(world) });
    const rows = await world.deps.db.selectFrom("touchpoints").select(["state", "channel", "rule", "reason", "id"]).execute();
    console.log(
      Object.entries(Object.groupBy(rows, (r) => `${r.state} ${r.channel} ${r.rule} ${r.reason ?? ""}`))
        .map(([k, v]) => `${k} ${v?.length}`)
        .sort()
        .join("\n"),
    );
    expect(world.smtp.mails().length).toBe(rows.filter(({ state, channel }) => state === "sent" && channel === "email").length);
    expect(world.twilio.messages().length).toBe(rows.filter(({ state, channel }) => state === "sent" && channel === "sms").length);
    expect(rows.filter(({ state }) => ["planned", "sending", "unknown", "held"].includes(state))).toEqual([]);
  });
});

/** Everybody comes, is dosed and goes home at the planned times. */
async function attendAll({ deps }: World): Promise<ScriptedFact[]> {
  const sessions = await deps.db.selectFrom("sessions").select(["id", "startsAt", "endsAt"]).where("status", "=", "scheduled").execute();
  const fact = (id: (typeof sessions)[number]["id"], at: number, status: "arrived" | "dosed" | "discharged"): ScriptedFact => ({
    at: instant(at),
    happen: async () =>
      expect(await recordOutcome(deps, id, { outcome: { status }, actor: "staff:test" })).toMatchObject({ kind: "recorded" }),
  });
  return sessions.flatMap(({ id, startsAt, endsAt }) => [
    fact(id, startsAt - 600_000, "arrived"),
    fact(id, startsAt + 600_000, "dosed"),
    fact(id, endsAt, "discharged"),
  ]);
}
