import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { insertResponse } from "../../src/db/survey-responses.ts";
import { transact } from "../../src/db/transact.ts";
import type { Answers } from "../../src/domain/check-answers.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { getInstrument } from "../../src/domain/instruments/find-instrument.ts";
import { scoreSurvey } from "../../src/domain/score-survey.ts";
import { outcomeChart } from "../../src/http/console/outcome-chart.ts";
import { type Enqueued, enqueueExample, openClinic, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { parseZone } from "../../src/domain/place-in-time.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let ana: Enqueued;
let nurse: Clerk;
const LIST = "/console/clinics/aspen-ridge/outcomes";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  for (const [day, each] of [
    ["2027-01-08", 2],
    ["2027-01-15", 2],
    ["2027-01-22", 1],
    ["2027-01-29", 0],
  ] as const)
    await answer(day, each);
  const [first, second] = await sessionsOf(web, ana);
  for (const [id, day] of [
    [first, "2027-01-11"],
    [second, "2027-01-13"],
  ] as const)
    if (id)
      await web.db
        .updateTable("sessions")
        .set({ status: "dosed", arrivedAt: `${day}T16:00:00Z`, dosedAt: `${day}T16:20:00Z` })
        .where("id", "=", id)
        .execute();
  await stepClock(web.db, at("2027-01-30T18:00:00Z"));
  nurse = await clerk(web, "nurse");
});

/** Ana answers every question with the same. */
async function answer(day: string, value: number): Promise<void> {
  const instrument = getInstrument("phq-9");
  const answers: Answers = Object.fromEntries(instrument.items.map(({ id }) => [id, id === "9" ? 0 : value]));
  const { clinicId } = await web.db.selectFrom("series").select("clinicId").where("id", "=", ana.seriesId).executeTakeFirstOrThrow();
  const about = {
    clinicId,
    patientId: ana.patientId,
    seriesId: ana.seriesId,
    sessionId: null,
    invitationId: null,
    source: "patient",
    actor: "patient",
  } as const;
  const asked = {
    instrument: instrument.id,
    instrumentVersion: instrument.version,
    locale: "en",
    answeredAt: at(`${day}T17:00:00Z`),
  } as const;
  await transact(web.db, (tx) =>
    insertResponse(tx, { id: newId<"response">(), ...about, ...asked, answers, result: scoreSurvey(instrument, answers) }, web.vault),
  );
}

const pathOf = (rest = "") => `/console/patients/${toPublicId("patient", ana.patientId)}/outcomes${rest}`;

describe("outcomes", () => {
  test("a patient's scores are drawn with baseline and doses, and told in a table too", async () => {
    const page = await nurse.get(pathOf());
    expect(page.status).toBe(200);
    expect(page.body).toMatch(/<svg class="chart"[^>]* role="img"/);
    expect(page.body).toContain("Baseline 16, last 0, 4 answers, 2 doses.");
    expect(page.body.match(/class="dose-mark"/g)).toHaveLength(2);
    expect(page.body).toContain("remission");
    expect(page.body).toContain("Little interest or pleasure in doing things");
    expect(page.body).toMatch(/<title>Outcomes - Afterglow<\/title>/);
  });

  test("whoever reads them stands in the audit", async () => {
    await nurse.get(pathOf());
    const read = await web.db
      .selectFrom("events")
      .select("kind")
      .where("actor", "=", `staff:${nurse.login}`)
      .where("subjectId", "=", ana.patientId)
      .execute();
    expect(read.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["outcome.shown", "patient.revealed"]));
  });

  test("the clinic's overview says how many responded and remitted of those who answered last", async () => {
    const { body } = await nurse.get(LIST);
    expect(body).toContain("Ana Ortiz");
    expect(body).toMatch(/<dt>Response<\/dt><dd>100 %/);
    expect(body).toMatch(/<dt>Remission<\/dt><dd>100 %/);
    expect((await nurse.get(`${LIST}?measure=pcl-5`)).body).toContain("No answers yet");
  });

  test("a score page to print has every score, every dose and a line to sign, and no answers", async () => {
    const page = await nurse.get(pathOf("/score?measure=phq-9"));
    expect(page.body).toContain("2027-01-11, 2027-01-13");
    expect(page.body).toContain("2027-01-29");
    expect(page.body).toContain("signature");
    expect(page.body).not.toContain("Little interest");
  });

  test("an assessment is recorded, and one without a moment keeps what was typed", async () => {
    const wrong = await nurse.post(pathOf().replace("outcomes", "assessments"), {
      kind: "c-ssrs",
      level: "no risk",
      by: "Dr. Lee",
      at: "soon",
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain('value="no risk"');
    const done = await nurse.post(pathOf().replace("outcomes", "assessments"), {
      kind: "c-ssrs",
      level: "no risk",
      by: "Dr. Lee",
      at: "2027-01-29T10:00",
    });
    expect(done).toMatchObject({ status: 303, location: `${pathOf()}?recorded=1` });
    expect((await nurse.get(pathOf())).body).toContain("no risk");
  });

  test("the front desk, viewers and administrators read no answers", async () => {
    for (const role of ["front-desk", "viewer", "admin"] as const) {
      const other = await clerk(web, role);
      expect((await other.get(pathOf())).status, role).toBe(403);
      expect((await other.get(pathOf("/score"))).status, role).toBe(403);
      expect((await other.get(LIST)).status, role).toBe(403);
    }
  });
});

test("a single answer is drawn without a line to nowhere", () => {
  const zone = parseZone("America/Denver");
  if (!zone) expect.unreachable();
  const one = { at: at("2027-01-08T17:00:00Z"), total: 12 };
  const { markup } = outcomeChart({
    id: "c",
    title: "PHQ-9",
    measures: [one],
    baseline: one,
    doses: [],
    most: 27,
    remissionBelow: 5,
    zone,
  });
  expect(markup).not.toContain("NaN");
  expect(markup).toContain("1 answer, 0 doses");
});

describeInBrowser("outcomes in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    await lookAt({ web, who: nurse, surfer, look: { name, options } }, { outcomes: LIST, outcome: pathOf(), score: pathOf("/score") });
  });

  test("every answer opens by keyboard", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, nurse);
    await page.goto(web.url + pathOf());
    await page.locator("summary", { hasText: "Every answer" }).first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("details[open] >> text=Little interest");
  });
});
