import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { saveSafety } from "../../src/db/safety-settings.ts";
import { transact } from "../../src/db/transact.ts";
import type { InvitationId } from "../../src/domain/ids.ts";
import { PHQ_9 } from "../../src/domain/instruments/phq.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { parseSeriesText } from "../../src/domain/parse-series-text.ts";
import { acknowledgeAlert } from "../../src/producers/acknowledge-alert.ts";
import { answerSession } from "../../src/producers/answer-session.ts";
import { answerSurvey } from "../../src/producers/answer-survey.ts";
import { closeAlert } from "../../src/producers/close-alert.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { at, describeOnBackends, EXAMPLES_BEGIN, must, openWorld, readClinicExample } from "../support/world.ts";
import { listPages, MARIA, SAM } from "../workers/support/alarm.ts";
import { attendAll } from "./support/attend-all.ts";

const WITHIN = { timeout: 20_000, interval: 50 };
const BY = { actor: "staff:Sam Ortiz", dryRun: false, ifRevision: null };

describeOnBackends("a night from Saturday to Sunday", async (backend) => {
  const world = await openWorld({ backend });
  const { deps, clinicId, twilio } = world;
  const { db } = deps;

  test("reminder, confirmed, driver, check-in, PHQ-9 with thoughts of self-harm, page, acknowledged, closed", async () => {
    await transact(db, (tx) => saveSafety(tx, clinicId, { vault: deps.vault, safety: world.clinic.safety }));
    await world.startWorkers();
    const series = await enqueueSundaySeries();
    const patientId = await db
      .selectFrom("series")
      .select("patientId")
      .where("id", "=", series)
      .executeTakeFirstOrThrow()
      .then((row) => row.patientId);
    const first = await db
      .selectFrom("sessions")
      .select(["id"])
      .where("seriesId", "=", series)
      .orderBy("startsAt")
      .executeTakeFirstOrThrow();
    const answers = [
      {
        at: at("2027-01-09T23:30:00Z"),
        happen: () => answerSession(deps, { sessionId: first.id, answers: ["confirmed", "driver-named"], via: "page", actor: "patient" }),
      },
    ];

    await stepThrough(db, { until: at("2027-01-17T05:00:00Z"), facts: [...answers, ...(await attendAll(world))] });
    const sent = await db.selectFrom("touchpoints").select("rule").where("state", "=", "sent").execute();
    for (const rule of ["next-day", "survey-weekly-phq-9"]) expect(sent.map((row) => row.rule)).toContain(rule);

    await stepClock(db, at("2027-01-17T06:00:00Z"));
    twilio.clear();
    const answered = await answerSurvey(deps, await openInvitation(), {
      ...BY,
      actor: "patient",
      answers: Object.fromEntries(PHQ_9.items.map(({ id }, index) => [id, index === 8 ? 2 : 1])),
      locale: "en",
      source: "patient",
    });
    expect(answered).toMatchObject({ kind: "changed", value: { alerts: [{ kind: "self-harm-answer", level: "critical" }] } });
    const { id } = await db.selectFrom("alerts").select("id").where("kind", "=", "self-harm-answer").executeTakeFirstOrThrow();
    await expect.poll(() => listPages(world, id), WITHIN).toEqual(["Sam Ortiz: sms sent"]);
    expect(twilio.messages().map(({ to, body }) => ({ to, body }))).toEqual([
      { to: SAM.phone, body: `Aspen Ridge Clinic: Urgent item, open the console: http://127.0.0.1:9/console/alerts/${id}` },
    ]);

    await stepClock(db, at("2027-01-17T06:10:30Z"));
    await expect.poll(() => listPages(world, id), WITHIN).toEqual(["Sam Ortiz: sms sent", "Maria Lopez: sms sent"]);
    expect(twilio.messages().map(({ to }) => to)).toEqual([SAM.phone, MARIA.phone]);
    expect(await acknowledgeAlert(deps, id, { actor: BY.actor, wish: "acknowledge" })).toMatchObject({ kind: "changed" });
    await stepThrough(db, { until: at("2027-01-17T20:00:00Z"), facts: [] });
    expect(await listPages(world, id)).toHaveLength(2);
    expect(twilio.messages()).toHaveLength(2);

    const card = await readAlertCard(deps, id, { actor: BY.actor, where: "test" });
    expect(card?.answers[0]).toMatchObject({ raised: true, instrument: "phq-9" });
    expect(card?.patient.emergencyContact).toMatchObject({ name: "Marta Ortiz", relation: "sister" });
    expect(await closeAlert(deps, id, { ...BY, outcome: "reached", note: "talked" })).toMatchObject({ kind: "changed" });
    const { rows } = await sql<{ held: number }>`
      select count(*)::integer as held from touchpoints where patient_id = ${patientId} and state = 'held' and reason = 'open-alert'`.execute(
      db,
    );
    expect(rows).toEqual([{ held: 0 }]);
  }, 120_000);

  /** Ana's course a day earlier, so that the weekly question is asked on a Saturday. */
  async function enqueueSundaySeries() {
    const text = (await readFile("examples/ana-iv.yaml", "utf8")).replace(
      'first: "2027-01-11", weekdays: [mon,',
      'first: "2027-01-10", weekdays: [sun,',
    );
    const usual = await readClinicExample();
    const clinic = { ...usual, staffedHours: { ...usual.staffedHours, sun: usual.staffedHours.mon ?? [] } };
    const requests = must(parseSeriesText(text, "yaml")).map((each) => must(parseSeries(each, { clinic, now: EXAMPLES_BEGIN })));
    const [result] = await enqueueSeries(deps, requests, { clinic: clinic.slug, actor: "staff:test", second: "refuse" });
    if (!result || result.kind === "refused") throw new Error(JSON.stringify(result));
    return result.seriesId;
  }

  async function openInvitation(): Promise<InvitationId> {
    const { rows } = await sql<{ id: InvitationId }>`
      select id from survey_invitations where instrument = 'phq-9' and asked_at <= afterglow_now() and closes_at > afterglow_now() order by asked_at desc limit 1`.execute(
      db,
    );
    return rows[0]?.id ?? expect.unreachable();
  }
});
