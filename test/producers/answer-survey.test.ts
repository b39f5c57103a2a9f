import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { findApprovalInForce } from "../../src/db/approvals.ts";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { saveSafety } from "../../src/db/safety-settings.ts";
import { findInvitation, markAnswered } from "../../src/db/survey-invitations.ts";
import { transact } from "../../src/db/transact.ts";
import type { Answers } from "../../src/domain/check-answers.ts";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import type { AlertId, InvitationId, SessionId } from "../../src/domain/ids.ts";
import { HOME_SAFE } from "../../src/domain/instruments/check-ins.ts";
import { saysOfHome } from "../../src/domain/instruments/says-of-home.ts";
import { PHQ_9 } from "../../src/domain/instruments/phq.ts";
import { answerSurvey } from "../../src/producers/answer-survey.ts";
import { keepDraft } from "../../src/producers/keep-draft.ts";
import { raiseSilenceAlerts } from "../../src/producers/raise-silence-alerts.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import { at, openWorld } from "../support/world.ts";
import { enrol, type Enrolled } from "./support/enrolled.ts";
import { answersAbout } from "./support/texting.ts";

const world = await openWorld({ backend: "postgres" });
const { deps, clinicId } = world;
const { db } = deps;
const BY = { actor: "patient", dryRun: false, ifRevision: null, locale: "en", source: "patient" } as const;

beforeAll(async () => {
  await transact(db, (tx) => saveSafety(tx, clinicId, { vault: deps.vault, safety: world.clinic.safety }));
});

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await sql`delete from alerts`.execute(db);
});

async function invitationOf({ seriesId }: Enrolled, instrument: string, sessionId: SessionId | null = null): Promise<InvitationId> {
  const { rows } = await sql<{ id: InvitationId }>`
    select id from survey_invitations
    where series_id = ${seriesId} and instrument = ${instrument} and (${sessionId}::uuid is null or session_id = ${sessionId}::uuid)
    order by asked_at limit 1`.execute(db);
  return rows[0]?.id ?? expect.unreachable();
}

const answer = (id: InvitationId, answers: Answers) => answerSurvey(deps, id, { ...BY, answers });
const alerts = async () =>
  (await db.selectFrom("alerts").select(["kind", "level"]).orderBy("storedAt").execute()).map(({ kind, level }) => `${kind} ${level}`);

describe("the check-in after a session", () => {
  let ana: Enrolled;
  let first: { id: SessionId; startsAt: Instant; endsAt: Instant };

  beforeEach(async () => {
    ana = await enrol(world, "ana-iv");
    first = await db
      .selectFrom("sessions")
      .select(["id", "startsAt", "endsAt"])
      .where("seriesId", "=", ana.seriesId)
      .orderBy("startsAt")
      .executeTakeFirstOrThrow();
    await setSteppedClock(db, instant(first.endsAt + 2 * HOUR));
  });

  const homeSafe = async (answers: Answers) => answer(await invitationOf(ana, "home-safe", first.id), answers);

  test("answered with yes counts as being safely home, as if it had been said on the page of the visit", async () => {
    expect(await homeSafe({ home: 1, company: 1, severe: 0 })).toMatchObject({ kind: "changed" });
    expect(await answersAbout(world, ana)).toEqual(["1 home-safe page"]);
    expect(await alerts()).toEqual([]);
  });

  test.each([
    ["not being home", { home: 0, company: 1, severe: 0 }, "side-effect high"],
    ["having what an ambulance is for", { home: 1, company: 1, severe: 1 }, "severe-side-effect critical"],
  ])("answered with %s counts as trouble, beside its alert", async (_what, answers, alert) => {
    await homeSafe(answers);
    expect(await answersAbout(world, ana)).toEqual(["1 home-trouble page"]);
    expect(await alerts()).toEqual([alert]);
  });

  test("ends the wait for somebody at home to say that it is over", async () => {
    await sql`update sessions set setting = 'home' where id = ${first.id}`.execute(db);
    await homeSafe({ home: 1, company: 1, severe: 0 });
    await stepClock(db, instant(first.endsAt + 5 * HOUR));
    expect(await raiseSilenceAlerts(deps)).toBe(0);
  });

  test("told on the phone is kept as told by staff", async () => {
    await answerSurvey(deps, await invitationOf(ana, "home-safe", first.id), {
      ...BY,
      actor: "staff:Maria Lopez",
      source: "staff",
      answers: { home: 1, company: 0, severe: 0 },
    });
    expect(await answersAbout(world, ana)).toEqual(["1 home-safe staff"]);
  });

  test("says nothing of a visit that was called off meanwhile, and nothing where another instrument was answered", async () => {
    await sql`update sessions set status = 'cancelled' where id = ${first.id}`.execute(db);
    await homeSafe({ home: 1, company: 1, severe: 0 });
    expect(await answersAbout(world, ana)).toEqual([]);
    expect(saysOfHome("next-day", { home: 1, severe: 0 })).toBeNull();
    expect(saysOfHome(HOME_SAFE.id, { severe: 0 })).toBeNull();
  });
});

const whole = (each: number, nine = 0): Answers =>
  Object.fromEntries(PHQ_9.items.map(({ id }) => [id, id === "9" ? nine : id === "difficulty" ? 0 : each]));

describe("one answer", () => {
  test("that five send at the same moment is stored once, and the others are told the same", async () => {
    const id = await invitationOf(await enrol(world, "ana-iv"), "phq-9");
    const kinds = await Promise.all(Array.from({ length: 5 }, async () => (await answer(id, whole(1))).kind));
    expect(kinds.toSorted()).toEqual(["changed", "same", "same", "same", "same"]);
    expect(await db.selectFrom("surveyResponses").select("id").where("invitationId", "=", id).execute()).toHaveLength(1);
  });

  test("is claimed by one of two who have both seen it open", async () => {
    const id = await invitationOf(await enrol(world, "ana-iv"), "phq-9");
    const seen = await Promise.all([findInvitation(db, id), findInvitation(db, id)]);
    expect(seen.map((each) => each?.answeredAt)).toEqual([null, null]);
    const won = await Promise.all([1, 2].map(() => transact(db, (tx) => markAnswered(tx, id, at("2027-01-07T17:00:00Z")))));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  test("would be stored twice without the guard on the invitation and its unique response", async () => {
    const id = await invitationOf(await enrol(world, "ana-iv"), "phq-9");
    const unguarded = () =>
      sql`update survey_invitations set answered_at = now() where id = ${id} returning id`.execute(db).then(({ rows }) => rows.length);
    expect(await Promise.all([unguarded(), unguarded()])).toEqual([1, 1]);
    const store = () =>
      sql`
      insert into survey_responses (id, clinic_id, patient_id, invitation_id, source, actor, instrument, instrument_version, locale, answered_at, result_sealed)
      select ${newId()}::uuid, clinic_id, patient_id, id, 'patient', 'patient', instrument, instrument_version, 'en', now(), '\\x00'
      from survey_invitations where id = ${id}`.execute(db);
    const guarded = await Promise.allSettled([store(), store()]);
    expect(guarded.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await sql`alter table survey_responses drop constraint survey_responses_invitation_id_key`.execute(db);
    await store();
    expect(await db.selectFrom("surveyResponses").select("id").where("invitationId", "=", id).execute()).toHaveLength(2);
  });
});

describe("an answer that is worse than the one before", () => {
  /** From now on series are planned under an approval in which a rise by two points is too much. */
  async function approveTwoPoints(): Promise<void> {
    const inForce = await findApprovalInForce(db, clinicId, { id: "iv-ketamine", version: 1 });
    const rule = JSON.stringify([{ instrument: "phq-9", points: 2, source: "Dr. Gray, by letter" }]);
    await sql`
      insert into protocol_approvals (id, clinic_id, protocol, version, content, templates, hash, approved_by)
      select ${newId()}::uuid, clinic_id, protocol, version, jsonb_set(content, '{worsening}', ${rule}::jsonb), templates, 'two points', approved_by
      from protocol_approvals where id = ${inForce?.id ?? expect.unreachable()}`.execute(db);
  }

  /** Six points, then eight: less than the instrument itself calls worse. */
  async function worsenByTwo(): Promise<string[]> {
    const ana = await enrol(world, "ana-iv");
    const { rows } = await sql<{ id: InvitationId }>`
      select id from survey_invitations where series_id = ${ana.seriesId} and instrument = 'phq-9' order by asked_at limit 2`.execute(db);
    const [before, after] = rows;
    if (!before || !after) expect.unreachable();
    await setSteppedClock(db, at("2027-01-07T17:00:00Z"));
    await answer(before.id, { ...whole(0), "1": 3, "2": 3 });
    await stepClock(db, at("2027-01-18T17:00:00Z"));
    await answer(after.id, { ...whole(0), "1": 3, "2": 3, "3": 2 });
    return alerts();
  }

  test("by less than the instrument's own rule raises nothing", async () => {
    expect(await worsenByTwo()).toEqual([]);
  });

  test("by what the clinic's protocol calls worse raises an alert of medium level", async () => {
    await approveTwoPoints();
    expect(await worsenByTwo()).toEqual(["worsening medium"]);
  });
});

describe("an alert about an answer that was never sent off", () => {
  async function stopAtNine(
    value: number,
  ): Promise<{ card: NonNullable<Awaited<ReturnType<typeof readAlertCard>>>; invitation: InvitationId }> {
    const id = await invitationOf(await enrol(world, "ana-iv"), "phq-9");
    const { difficulty: _open, ...answers } = whole(1, value);
    await keepDraft(deps, (await findInvitation(db, id)) ?? expect.unreachable(), answers);
    return { card: await cardOf(), invitation: id };
  }

  async function cardOf() {
    const [alert] = await db.selectFrom("alerts").select("id").orderBy("storedAt").execute();
    const id: AlertId = alert?.id ?? expect.unreachable();
    return (await readAlertCard(deps, id, { actor: "staff:Maria", where: "test" })) ?? expect.unreachable();
  }

  test("shows what was filled in, and when", async () => {
    const { card } = await stopAtNine(2);
    expect(card.unsent).toMatchObject({ instrument: "phq-9", answers: { "9": 2, "1": 1 } });
    expect(card.answers).toEqual([]);
  });

  test("shows the answer itself once it was sent off", async () => {
    const { invitation } = await stopAtNine(2);
    await answer(invitation, whole(1, 2));
    const card = await cardOf();
    expect(card.unsent).toBeNull();
    expect(card.answers.map(({ raised }) => raised)).toEqual([true]);
    expect(await alerts()).toEqual(["self-harm-answer critical"]);
  });

  test("shows what is filled in now where a graver answer has taken the place of the one that raised it", async () => {
    const { invitation } = await stopAtNine(1);
    await keepDraft(deps, (await findInvitation(db, invitation)) ?? expect.unreachable(), { "9": 3 });
    expect(await alerts()).toEqual(["self-harm-answer high", "self-harm-answer critical"]);
    expect((await cardOf()).unsent?.answers["9"]).toBe(3);
  });
});
