import { beforeAll, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { type Enqueued, enqueueExample, openClinic, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, PHONE, TABLET } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl, tokensOf } from "./support/console-visitor.ts";

let web: Web;
let ana: Enqueued;
let desk: Clerk;
const DAYS = "/console/clinics/aspen-ridge/days";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine", "im-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  await enqueueExample(web, "ben-im");
  await stepClock(web.db, at("2027-01-11T15:30:00Z"));
  desk = await clerk(web, "front-desk");
});

const closures = () => web.db.selectFrom("clinicClosures").selectAll().execute();
const starts = async () =>
  (
    await web.db.selectFrom("sessions").select(["localStart", "status"]).where("seriesId", "=", ana.seriesId).orderBy("number").execute()
  ).map(({ localStart, status }) => `${localStart} ${status}`);

describe("days and closures", () => {
  test("show how full each day is", async () => {
    const page = await desk.get(DAYS);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Visits by day");
    expect(page.body).toContain("The clinic has not been closed");
  });

  test("moving a day names every patient concerned, and nothing is stored before it is confirmed", async () => {
    const form = tokensOf((await desk.get(DAYS)).body);
    const asked = { ...form, change: "move", source: "2027-01-13", target: "2027-01-14" };
    const look = await desk.post(DAYS, { ...asked, step: "look" });
    expect(look.status).toBe(200);
    expect(look.body).toContain("Ana Ortiz");
    expect((await starts())[1]).toContain("2027-01-13");
    expect((await desk.post(DAYS, { ...asked, ...tokensOf(look.body), step: "go" })).location).toBe(`${DAYS}?done=move`);
    expect((await starts())[1]).toContain("2027-01-14");
  });

  test("closing a day postpones its visits, and its page lists whom nobody reached", async () => {
    const form = tokensOf((await desk.get(DAYS)).body);
    const asked = { ...form, change: "close", day: "2027-01-15", from: "", to: "", reason: "burst pipe" };
    const look = await desk.post(DAYS, { ...asked, step: "look" });
    expect(look.body).toContain("Patients postponed");
    expect(await closures()).toHaveLength(0);
    expect((await desk.post(DAYS, { ...asked, ...tokensOf(look.body), step: "go" })).status).toBe(303);
    const [closure] = await closures();
    if (!closure) expect.unreachable();
    const page = await desk.get(`/console/closures/${toPublicId("closure", closure.id)}`);
    expect(page.body).toContain("Nobody reached them yet");
    expect(page.body).toContain("Ana Ortiz");
    expect((await desk.get(DAYS)).body).toContain("burst pipe");
  });

  test("two people at once: the slower one is told who was faster, and the typing stays", async () => {
    const form = tokensOf((await desk.get(DAYS)).body);
    const other = await clerk(web, "nurse");
    await other.post(DAYS, { change: "close", day: "2027-02-01", reason: "training", step: "go" });
    const late = await desk.post(DAYS, { ...form, change: "close", day: "2027-02-02", reason: "no heating", step: "go" });
    expect(late.status).toBe(409);
    expect(late.body).toContain(other.login);
    expect(late.body).toContain('value="no heating"');
  });

  test("a day that cannot be read is refused beside its field", async () => {
    const refused = await desk.post(DAYS, { change: "close", day: "soon", reason: "x", step: "look" });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('id="day-fault"');
  });

  test("are nothing for a viewer", async () => {
    expect((await (await clerk(web, "viewer")).get(DAYS)).status).toBe(403);
  });
});

describe("adding a visit from today", () => {
  test("asks for the chart number and opens the form of the series on that day", async () => {
    const path = "/console/clinics/aspen-ridge/today/add";
    expect((await desk.post(path, { ref: "999", day: "2027-01-18" })).status).toBe(404);
    expect((await desk.post(path, { ref: "10482", day: "2027-01-18" })).location).toBe(
      `/console/series/${toPublicId("series", ana.seriesId)}/add?day=2027-01-18`,
    );
    const add = `/console/series/${toPublicId("series", ana.seriesId)}/add`;
    expect((await desk.get(`${add}?day=2027-01-18`)).body).toContain('value="2027-01-18T09:00"');
    const before = (await starts()).length;
    expect((await desk.post(add, { kind: "dosing", startsAt: "2027-01-29T09:00", step: "go" })).status).toBe(303);
    expect(await starts()).toHaveLength(before + 1);
  });
});

describeInBrowser("days in a browser", (surfer) => {
  test.each([
    ["phone", { ...PHONE, colorScheme: "dark" as const }],
    ["tablet", { ...TABLET, colorScheme: "light" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
  ])("have no barriers on a %s, from picking to what follows", async (name, look) => {
    const page = await surfer.open(look);
    await bringIn(page, web, desk);
    await page.goto(web.url + DAYS);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/days-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
    await page.fill("#source", "2027-01-22");
    await page.fill("#target", "2027-01-21");
    await page.locator("section", { hasText: "Move a day" }).getByText("See what follows").click();
    await page.waitForSelector("#preview");
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/days-preview-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
    const first = (await sessionsOf(web, ana))[0] ?? expect.unreachable();
    const touchpoint = await web.db.selectFrom("touchpoints").select("id").where("sessionId", "=", first).executeTakeFirstOrThrow();
    await page.goto(`${web.url}/console/touchpoints/${toPublicId("touchpoint", touchpoint.id)}`);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/touchpoint-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
  });
});
