import { sql } from "kysely";
import { expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { describeOnBackends, openWorld, readSeriesExample } from "../support/world.ts";

const WITHIN = { timeout: 60_000 };

type Row = {
  rule: string;
  channel: string;
  state: string;
  reason: string | null;
  story: string | null;
  dueAt: Instant;
  tryAt: Instant;
  awaits: string | null;
  sendBy: Instant;
  sessionId: string | null;
};

describeOnBackends("after hours in which nobody worked", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;

  const readRows = async (): Promise<Row[]> =>
    (
      await sql<Row>`select rule, channel, state, reason, story, due_at, try_at, awaits, send_by, session_id from touchpoints order by due_at`.execute(
        db,
      )
    ).rows;

  test("only what is still of use is sent, of each story the newest stage, and what mattered and is over is on the call list", async () => {
    for (const example of ["ana-iv", "ben-im", "chen-esketamine", "dee-kap", "eva-home"]) {
      const requests = await readSeriesExample(example);
      const results = await enqueueSeries(world.deps, requests, { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
      await planPatientsOf(world.deps)({
        patientIds: results.flatMap((result) => ("patientId" in result && result.patientId ? [result.patientId] : [])),
      });
    }
    const stages = (await readRows()).filter(({ story, state }) => story === "lead-up" && state === "planned");
    const newest = stages.find(({ sessionId, dueAt }) => stages.some((other) => other.sessionId === sessionId && other.dueAt < dueAt));
    if (!newest) expect.unreachable();
    // Everything stands still from the morning of the enrolment until an hour after the newest reminder of a visit was due.
    const now = instant(Math.min(newest.dueAt + HOUR, newest.sendBy - 1));
    await stepClock(db, now);
    const workers = await world.startWorkers();
    const isOpen = ({ state, tryAt, awaits }: Row) => state === "sending" || (state === "planned" && awaits === null && tryAt <= now);
    await expect.poll(async () => (await readRows()).filter(isOpen), WITHIN).toEqual([]);
    await workers.stop();

    const rows = await readRows();
    const sent = rows.filter(({ state }) => state === "sent");
    expect(sent.filter(({ sendBy }) => sendBy <= now)).toEqual([]);
    expect([world.smtp.mails().length, world.twilio.messages().length]).toEqual(
      ["email", "sms"].map((channel) => sent.filter((row) => row.channel === channel).length),
    );
    const ofVisit = rows.filter(({ story, sessionId }) => story === "lead-up" && sessionId === newest.sessionId);
    expect(ofVisit.filter(({ state }) => state === "sent").every(({ rule }) => rule === newest.rule)).toBe(true);
    expect(ofVisit.some(({ state, rule }) => state === "sent" && rule === newest.rule)).toBe(true);
    const older = ofVisit.filter(({ dueAt }) => dueAt < newest.dueAt);
    expect(older.length).toBeGreaterThan(0);
    expect(new Set(older.map(({ state, reason }) => [state, reason].join(" ")))).toEqual(new Set(["suppressed newer-stage"]));
    expect(rows.filter(({ state, sendBy }) => (state === "planned" || state === "held") && sendBy <= now)).toEqual([]);
  });
});
