import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { type SessionId, toPublicId } from "../../src/domain/ids.ts";
import { type Enqueued, enqueueExample, openClinic, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, PHONE, TABLET } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl, tokensOf } from "./support/console-visitor.ts";

let web: Web;
let ana: Enqueued;
let ben: Enqueued;
let desk: Clerk;
let nurse: Clerk;
const PATIENTS = "/console/clinics/aspen-ridge/patients";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine", "im-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  ben = await enqueueExample(web, "ben-im");
  await stepClock(web.db, at("2027-01-11T15:30:00Z"));
  desk = await clerk(web, "front-desk");
  nurse = await clerk(web, "nurse");
  // As if a worker had sent what was due until now.
  for (const state of ["sending", "sent"])
    await sql`update touchpoints set state = ${state} where due_at < (select afterglow_now()) and state = ${state === "sent" ? "sending" : "planned"} and channel <> 'task'`.execute(
      web.db,
    );
});

const pageOf = ({ patientId }: Enqueued) => `/console/patients/${toPublicId("patient", patientId)}`;
const visit = async (number: number): Promise<SessionId> => (await sessionsOf(web, ana))[number - 1] ?? expect.unreachable();
const revealed = async (login: string) => {
  const { rows } = await sql<{
    count: number;
  }>`select count(*)::integer as count from events where kind = 'patient.revealed' and actor = ${`staff:${login}`}`.execute(web.db);
  return rows[0]?.count ?? 0;
};

describe("the list of patients", () => {
  test("names who is in treatment, with the next visit, and says in the audit who was shown", async () => {
    const before = await revealed(desk.login);
    const page = await desk.get(PATIENTS);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Ana Ortiz");
    expect(page.body).toContain("0 of 6 visits");
    expect(await revealed(desk.login)).toBe(before + 2);
  });

  test("finds a patient by the exact chart number, which never stands in an address", async () => {
    const found = await desk.post(`${PATIENTS}/find`, { ref: " 10482 " });
    expect(found).toMatchObject({ status: 303, location: pageOf(ana) });
    const missed = await desk.post(`${PATIENTS}/find`, { ref: "1048" });
    expect(missed.status).toBe(404);
    expect(missed.body).toContain('value="1048"');
    expect(web.logged.join("\n")).not.toContain("10482");
  });

  test("shows nobody on hold while nobody is", async () => {
    expect((await desk.get(`${PATIENTS}?show=held`)).body).toContain("Nobody is on hold");
  });
});

describe("the page of a patient", () => {
  test("tells what was sent, what was not and why, and what is coming", async () => {
    const { body } = await desk.get(pageOf(ana));
    expect(body).toContain("Coming next");
    expect(body).toContain("Week plan");
    expect(body).toMatch(/Sent<\/dt><dd>[1-9]/);
    expect((await desk.get(`${pageOf(ana)}?show=messages`)).body).toContain("Another message says it too");
    expect((await desk.get(`${pageOf(ana)}?show=coming`)).body).toContain("planned");
    expect((await desk.get(`${pageOf(ana)}?show=record`)).body).toContain("Texts agreed to");
  });

  test("names nobody in its title and asks nothing of whoever may only look", async () => {
    const viewer = await clerk(web, "viewer");
    const { body } = await viewer.get(pageOf(ana));
    expect(body).toContain("<title>Patient - Afterglow</title>");
    expect(body).not.toContain("Put on hold");
    expect((await viewer.get(`${pageOf(ana)}/hold`)).status).toBe(403);
  });

  test("leads to a text for the chart, for whoever may read outcomes", async () => {
    const path = `/console/patients/${toPublicId("patient", ana.patientId)}`;
    const [, chart = ""] = /href="([^"]+\/chart)"/.exec((await nurse.get(path)).body) ?? [];
    const text = await nurse.get(chart);
    expect(text).toMatchObject({ status: 200, body: expect.stringContaining("VISITS") });
    expect(text.body).not.toContain("Ortiz");
    expect((await desk.get(path)).body).not.toContain("/chart");
  });

  test("is not there for somebody of another clinic", async () => {
    expect((await desk.get(`/console/patients/${toPublicId("patient", "0197c3a4-5a1e-7c00-8f00-0123456789ab")}`)).status).toBe(404);
  });
});

describe("a change", () => {
  test("is shown with everything that follows, and stores nothing until it is confirmed", async () => {
    const path = `/console/sessions/${toPublicId("session", await visit(3))}/move`;
    const form = tokensOf((await desk.get(path)).body);
    const look = await desk.post(path, { ...form, to: "2027-01-16T10:00", because: "patient", step: "look" });
    expect(look.status).toBe(200);
    expect(look.body).toContain("What follows");
    expect(look.body).toContain("another time");
    expect(
      (
        await web.db
          .selectFrom("sessions")
          .select("localStart")
          .where("id", "=", await visit(3))
          .executeTakeFirstOrThrow()
      ).localStart,
    ).toContain("2027-01-15");
    const go = await desk.post(path, { ...tokensOf(look.body), to: "2027-01-16T10:00", because: "patient", step: "go" });
    expect(go).toMatchObject({ status: 303, location: `${pageOf(ana)}?done=session-move` });
    expect((await desk.get(`${pageOf(ana)}?done=session-move`)).body).toContain("The visit is moved.");
  });

  test("that cannot be read keeps what was typed and says what would be right", async () => {
    const path = `/console/sessions/${toPublicId("session", await visit(4))}/move`;
    const refused = await desk.post(path, { to: "soon", because: "clinic", step: "look" });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('value="soon"');
    expect(refused.body).toContain("such as 2027-01-13T09:00");
  });

  test("that somebody else was faster with says who changed what, and keeps the typing", async () => {
    const path = `${pageOf(ben)}/hold`;
    const form = tokensOf((await desk.get(path)).body);
    await nurse.post(`${pageOf(ben)}/watch`, { step: "go" });
    const conflict = await desk.post(path, { ...form, code: "complaint", reason: "called on Monday", step: "go" });
    expect(conflict.status).toBe(409);
    expect(conflict.body).toContain(nurse.login);
    expect(conflict.body).toContain("watched");
    expect(conflict.body).toContain("called on Monday");
    const again = await desk.post(path, { ...tokensOf(conflict.body), code: "complaint", reason: "called on Monday", step: "go" });
    expect(again.status).toBe(303);
    expect((await desk.get(pageOf(ben))).body).toContain("called on Monday");
  });

  test("that needs judgment is not the front desk's", async () => {
    expect((await desk.post(`${pageOf(ben)}/release`, { step: "go" })).status).toBe(403);
    expect((await nurse.post(`${pageOf(ben)}/release`, { step: "go" })).status).toBe(303);
  });
});

describeInBrowser("patients in a browser", (surfer) => {
  test.each([
    ["phone", { ...PHONE, colorScheme: "light" as const }],
    ["tablet", { ...TABLET, colorScheme: "light" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
    ["desktop-dark", { ...DESKTOP, colorScheme: "dark" as const }],
  ])("have no barriers on a %s", async (name, look) => {
    const page = await surfer.open(look);
    await bringIn(page, web, nurse);
    for (const [shot, path] of [
      ["patients", PATIENTS],
      ["patient", pageOf(ana)],
      ["patient-messages", `${pageOf(ana)}?show=messages`],
      ["hold", `${pageOf(ana)}/hold`],
    ] as const) {
      await page.goto(web.url + path);
      if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/${shot}-${name}.png`, fullPage: true });
      expect(await findBarriers(page)).toEqual([]);
    }
    await page.goto(`${web.url}/console/sessions/${toPublicId("session", await visit(5))}/move`);
    await page.fill("#to", "2027-01-21T10:00");
    await page.click("text=See what follows");
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/move-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
  });
});
