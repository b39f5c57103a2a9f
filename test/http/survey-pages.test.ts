/** The page of a survey as a browser without scripts meets it: cookies, forms, redirects; on a real server over a real database. */
import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { loadResponses } from "../../src/db/survey-responses.ts";
import { raisePlanRevision } from "../../src/db/plans.ts";
import { transact } from "../../src/db/transact.ts";
import type { InvitationId } from "../../src/domain/ids.ts";
import { planPatients } from "../../src/producers/plan-patient.ts";
import { at, NOW } from "../domain/aspen-ridge.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { toText } from "./support/reader.ts";
import { openSurvey, type SurveyReader } from "./support/survey-reader.ts";

let web: Web;
let ana: Enqueued;
let count = 0;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 10_000, perSecond: 100, addresses: 10 } });
  await openClinic(web, ["iv-ketamine"]);
  await web.db.updateTable("clinics").set({ surveysEnabled: true }).execute();
  ana = await enrol();
});

/** Ana under another chart number, with her baseline asked. */
async function enrol(): Promise<Enqueued> {
  count += 1;
  const ref = `9${String(count).padStart(4, "0")}`;
  return enqueueExample(web, "ana-iv", {
    patient: {
      ref,
      name: "Ana Ortiz",
      birthDate: "1984-05-02",
      phone: "(303) 555-0111",
      email: "ana@example.org",
      consent: [{ to: "email", source: "intake form", at: "2026-12-29T10:05-07:00" }],
    },
    externalId: `ana-${count}`,
  });
}

async function invitationOf({ seriesId }: Enqueued, key: string): Promise<InvitationId> {
  const row = await web.db
    .selectFrom("surveyInvitations")
    .select("id")
    .where("seriesId", "=", seriesId)
    .where("key", "=", key)
    .executeTakeFirstOrThrow();
  return row.id;
}

const BASELINE = "survey-baseline-phq-9/series/0";

async function alertsOf({ patientId }: Enqueued): Promise<string[]> {
  const rows = await web.db.selectFrom("alerts").select(["kind", "level"]).where("patientId", "=", patientId).orderBy("storedAt").execute();
  return rows.map(({ kind, level }) => `${kind} ${level}`);
}

async function open(series: Enqueued, key = BASELINE): Promise<SurveyReader> {
  return openSurvey(web, await pathOf(web, await invitationOf(series, key)), "1984");
}

describe("the first page", () => {
  test("asks for the year of birth before it shows a question", async () => {
    const survey = await openSurvey(web, await pathOf(web, await invitationOf(ana, BASELINE)), null);
    expect(survey.text()).not.toContain("Little interest");
    expect(survey.html()).toContain('name="year"');
  });

  test("says before the first question when answers are read, and that nobody watches at all hours", async () => {
    const survey = await open(ana);
    const text = survey.text();
    expect(text).toContain("Little interest or pleasure in doing things");
    expect(text.indexOf("not watched around the clock")).toBeGreaterThan(-1);
    expect(text.indexOf("not watched around the clock")).toBeLessThan(text.indexOf("Little interest"));
    expect(text).toContain("Your care team reads answers Monday to Thursday, 8:00 AM to 5:00 PM; Friday, 8:00 AM to 4:00 PM.");
    expect(text).toContain("No permission required to reproduce");
  });
});

describe("answering", () => {
  test("goes on with each answer, resumes where it was left, and sends off with the last", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.send({ "1": "1" });
    await survey.send({ "2": "2" });
    expect(survey.text()).toContain("Trouble falling or staying asleep");
    const later = await open(series);
    expect(later.text()).toContain("Trouble falling or staying asleep");
    await later.sendAll({ "3": "0", "4": "1", "5": "0", "6": "1", "7": "0", "8": "0", "9": "0", difficulty: "1" });
    expect(later.text()).toContain("Your answers have arrived");
    const [stored] = await loadResponses(web.db, { patientId: series.patientId, instrument: "phq-9" }, web.vault);
    expect(stored?.result).toMatchObject({ total: 5, band: "mild", missing: [], alarms: [] });
    expect(await alertsOf(series)).toEqual([]);
  });

  test("shows thanks and never a score, a band or a risk", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll({ "1": "3", "2": "3", "3": "3", "4": "3", "5": "3", "6": "3", "7": "3", "8": "3", "9": "0", difficulty: "skip" });
    expect(survey.text()).not.toMatch(/24|severe|score|risk|depress/i);
  });

  test("ends the asking, its reminders and the task", async () => {
    const series = await enrol();
    const left = () =>
      web.db
        .selectFrom("touchpoints")
        .select(["rule", "state"])
        .where("seriesId", "=", series.seriesId)
        .where("state", "in", ["planned", "held"])
        .where((eb) => eb.or([eb("key", "like", `${BASELINE}/%`), eb("key", "like", "%/survey-baseline-phq-9:series:0/%")]))
        .execute();
    expect((await left()).map(({ rule }) => rule).toSorted()).toEqual([
      "survey-baseline-phq-9",
      "survey-chase",
      "survey-chase",
      "survey-unanswered",
    ]);
    await (await open(series)).sendAll({
      "1": "0",
      "2": "0",
      "3": "0",
      "4": "0",
      "5": "0",
      "6": "0",
      "7": "0",
      "8": "0",
      "9": "0",
      difficulty: "0",
    });
    expect(await left()).toEqual([]);
  });
});

describe("an answer that calls for help", () => {
  test.each([
    ["1", "self-harm-answer high"],
    ["3", "self-harm-answer critical"],
    ["skip", "self-harm-answer high"],
  ])("of %s to item 9 shows whom to call at once and raises %s before anything is sent off", async (value, alert) => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll({ "1": "0", "2": "0", "3": "0", "4": "0", "5": "0", "6": "0", "7": "0", "8": "0" });
    expect(survey.text()).not.toContain("If you need help now");
    await survey.send({ "9": value });
    expect(survey.text()).toContain("If you need help now");
    expect(await alertsOf(series)).toEqual([alert]);
    await survey.send({ difficulty: "skip" });
    expect(survey.text()).toContain("If you need help now");
    expect(survey.text()).toContain("Your answers have arrived");
    expect(await alertsOf(series)).toEqual([alert]);
  });

  test("that becomes graver raises another alert, one that is taken back leaves the first", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll({ "1": "0", "2": "0", "3": "0", "4": "0", "5": "0", "6": "0", "7": "0", "8": "0", "9": "1" });
    await survey.sendTo(9, { "9": "2" });
    await survey.sendTo(9, { "9": "0" });
    expect(await alertsOf(series)).toEqual(["self-harm-answer high", "self-harm-answer critical"]);
  });

  test("is taken after the survey has closed, from a page that was still open", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll({ "1": "0", "2": "0", "3": "0", "4": "0", "5": "0", "6": "0", "7": "0", "8": "0" });
    await setSteppedClock(web.db, at("2027-03-01T15:00:00Z"));
    await survey.send({ "9": "2" });
    await survey.send({ difficulty: "0" });
    await setSteppedClock(web.db, NOW);
    expect(await alertsOf(series)).toEqual(["self-harm-answer critical"]);
    expect(await loadResponses(web.db, { patientId: series.patientId, instrument: "phq-9" }, web.vault)).toHaveLength(1);
  });
});

const WHOLE = { "1": "0", "2": "0", "3": "0", "4": "0", "5": "0", "6": "0", "7": "0", "8": "0", "9": "0", difficulty: "0" };

describe("an answer that calls for help", () => {
  const UP_TO_NINE = { "1": "0", "2": "0", "3": "0", "4": "0", "5": "0", "6": "0", "7": "0", "8": "0" };

  test("shows whom to call after three seconds of a slow database, and is stored all the same once it answers", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll(UP_TO_NINE);
    const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
    const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
    const slow = web.db.transaction().execute(async (tx) => {
      await sql`select from patients where id = ${series.patientId} for update`.execute(tx);
      locked();
      await goOn;
    });
    await isLocked;
    const answer = await survey.post(9, { "9": "2" });
    expect(answer.status).toBe(503);
    const page = toText(await answer.text());
    expect(page).toContain("If you need help now");
    expect(page).toContain("Your answers did not arrive");
    expect(await alertsOf(series)).toEqual([]);
    release();
    await slow;
    await expect.poll(() => alertsOf(series)).toEqual(["self-harm-answer critical"]);
  }, 20_000);

  test("shows whom to call, in both languages, when nothing answers at all; another answer shows no alarm", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll(UP_TO_NINE);
    await sql`alter table survey_invitations rename to gone`.execute(web.db);
    const [grave, harmless] = [await survey.post(9, { "9": "2" }), await survey.post(9, { "9": "0" })];
    await sql`alter table gone rename to survey_invitations`.execute(web.db);
    expect([grave.status, harmless.status]).toEqual([500, 500]);
    const page = toText(await grave.text());
    for (const words of ["call 988", "llame al 988", "In danger, call 911", "En peligro, llame al 911"]) expect(page).toContain(words);
    expect(toText(await harmless.text())).not.toContain("988");
  });
});

describe("a second answer", () => {
  test("gets the same thank-you and stores nothing", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll(WHOLE);
    const thanks = survey.text();
    await survey.sendTo(1, { "1": "3" });
    expect(survey.text()).toBe(thanks);
    expect(await loadResponses(web.db, { patientId: series.patientId, instrument: "phq-9" }, web.vault)).toHaveLength(1);
  });

  test("that says something graver in another tab is kept beside the first and raises its alert, once", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll(WHOLE);
    await survey.sendTo(9, { "9": "2" });
    await survey.sendTo(9, { "9": "2" });
    expect(await alertsOf(series)).toEqual(["self-harm-answer critical"]);
    expect(survey.text()).toContain("If you need help now");
    expect(await loadResponses(web.db, { patientId: series.patientId, instrument: "phq-9" }, web.vault)).toHaveLength(2);
  });

  test("at the same moment is one answer", async () => {
    const series = await enrol();
    const survey = await open(series);
    await survey.sendAll({ ...WHOLE, difficulty: undefined });
    await Promise.all(Array.from({ length: 5 }, () => survey.post(10, { difficulty: "0" })));
    expect(await loadResponses(web.db, { patientId: series.patientId, instrument: "phq-9" }, web.vault)).toHaveLength(1);
  });
});

describe("what is no answer", () => {
  test.each([
    ["out of range", "1=4"],
    ["below zero", "1=-1"],
    ["a decimal", "1=1.5"],
    ["words", "1=yes"],
    ["HTML", "1=%3Cscript%3Ealert(1)%3C%2Fscript%3E"],
    ["nothing", ""],
    ["empty", "1="],
    ["twice", "1=1&1=2"],
    ["left out where it may not be", "1=skip"],
    ["with another field", "1=1&total=0"],
    ["of another item", "2=1"],
    ["a prototype", "__proto__=1"],
  ])("%s is asked again and stores nothing", async (_, body) => {
    const series = ana;
    const survey = await open(series);
    const answer = await survey.postRaw(1, body);
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain("Please choose one of the answers.");
    expect(page).not.toContain("<script");
    expect(
      (
        await web.db
          .selectFrom("surveyInvitations")
          .select("draftSealed")
          .where("id", "=", await invitationOf(series, BASELINE))
          .executeTakeFirstOrThrow()
      ).draftSealed,
    ).toBeNull();
  });

  test("a megabyte of text is refused", async () => {
    const survey = await open(ana);
    expect((await survey.postRaw(1, `1=${"x".repeat(1_000_000)}`)).status).toBe(400);
  });

  test("a screen that is not there is none, and nobody jumps over a question", async () => {
    const survey = await open(ana);
    expect((await survey.postRaw(11, "1=1")).status).toBe(404);
    expect((await survey.postRaw(0, "1=1")).status).toBe(404);
    await survey.go(9);
    expect(survey.text()).toContain("Little interest");
  });

  test("a page of somebody else opens nothing with one's own cookie", async () => {
    const ben = await enrol();
    const [mine, theirs] = [await open(ana), await open(ben)];
    const answer = await fetch(theirs.address(1), {
      method: "POST",
      redirect: "manual",
      headers: { cookie: mine.cookie(), "content-type": "application/x-www-form-urlencoded" },
      body: "1=1",
    });
    expect(answer.status).toBe(403);
  });

  test("a scanner that follows the link a hundred times changes nothing", async () => {
    const before = await sql`select md5(string_agg(i::text, '' order by id)) as sum from survey_invitations i`.execute(web.db);
    const path = await pathOf(web, await invitationOf(ana, BASELINE));
    for (let i = 0; i < 100; i++) await fetch(web.url + path, { method: i % 2 ? "HEAD" : "GET" });
    expect((await sql`select md5(string_agg(i::text, '' order by id)) as sum from survey_invitations i`.execute(web.db)).rows).toEqual(
      before.rows,
    );
  });
});

test("a plan made again gives the same invitations, links and rows", async () => {
  const series = await enrol();
  const look = async () => ({
    invitations: await web.db.selectFrom("surveyInvitations").selectAll().where("seriesId", "=", series.seriesId).orderBy("id").execute(),
    links: await web.db.selectFrom("links").selectAll().where("patientId", "=", series.patientId).orderBy("id").execute(),
    touchpoints: await web.db
      .selectFrom("touchpoints")
      .select(["id", "state", "linkId", "dueAt"])
      .where("seriesId", "=", series.seriesId)
      .orderBy("id")
      .execute(),
  });
  const before = await look();
  await transact(web.db, async (tx) => {
    await raisePlanRevision(tx, [series.patientId]);
    await planPatients(tx, [series.patientId], web.tokens);
  });
  expect(await look()).toEqual(before);
  expect(before.invitations.length).toBeGreaterThan(3);
});
