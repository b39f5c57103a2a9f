import { createHash } from "node:crypto";
import type { Route } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { hurryAction } from "../../src/db/console-actions.ts";
import { type ActionId, type SessionId, toPublicId } from "../../src/domain/ids.ts";
import { type Enqueued, enqueueExample, openClinic, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, PHONE } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";

let web: Web;
let ana: Enqueued;
let desk: Clerk;
const TODAY = "/console/clinics/aspen-ridge/today";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine", "im-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  await enqueueExample(web, "ben-im");
  await stepClock(web.db, at("2027-01-11T15:30:00Z"));
  desk = await clerk(web, "front-desk");
});

const visit = async (number: number): Promise<SessionId> => (await sessionsOf(web, ana))[number - 1] ?? expect.unreachable();
const actions = () => web.db.selectFrom("consoleActions").selectAll().orderBy("id", "desc").execute();
const statusOf = async (id: SessionId) =>
  (await web.db.selectFrom("sessions").select("status").where("id", "=", id).executeTakeFirstOrThrow()).status;

/** A visit's part of the page. */
const rowIn = (body: string, id: SessionId) =>
  body
    .split(/(?=<li id="ses_)/)
    .find((part) => part.startsWith(`<li id="${toPublicId("session", id)}"`))
    ?.split("</li>\n")[0] ?? "";

/** The process carries actions out twice a second; this waits for it, with a limit. */
async function carriedOut(id: ActionId): Promise<void> {
  await hurryAction(web.db, id, `staff:${desk.login}`);
  await expect.poll(async () => (await actions()).find((each) => each.id === id)?.doneAt ?? null, { timeout: 10_000 }).not.toBeNull();
}

describe("today", () => {
  test("shows every visit of the day with name, time and readiness, and says in the audit that it was looked at", async () => {
    const page = await desk.get(TODAY);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Ana");
    expect(page.body).toContain("09:00");
    expect(page.body).toMatch(/not ready|something open/);
    const { rows } = await sql<{
      count: number;
    }>`select count(*)::integer as count from events where kind = 'patient.revealed' and actor = ${`staff:${desk.login}`}`.execute(web.db);
    expect(rows[0]?.count).toBeGreaterThan(0);
  });

  test("records what was clicked after ten seconds, as of the click", async () => {
    const first = await visit(1);
    const answer = await desk.post(`/console/sessions/${toPublicId("session", first)}/do`, { verb: "arrive" });
    expect(answer).toMatchObject({ status: 303, location: `${TODAY}#${toPublicId("session", first)}` });
    expect(await statusOf(first)).toBe("scheduled");
    const [action] = await actions();
    if (!action) expect.unreachable();
    const row = rowIn((await desk.get(TODAY)).body, first);
    expect(row).toContain(`/actions/${toPublicId("action", action.id)}/undo`);
    expect(row).not.toContain(">Dosed<");
    await carriedOut(action.id);
    expect(await statusOf(first)).toBe("arrived");
    expect(rowIn((await desk.get(TODAY)).body, first)).toContain(">Dosed<");
  });

  test("takes back what was clicked, and then nothing happens", async () => {
    const second = await visit(2);
    await desk.post(`/console/sessions/${toPublicId("session", second)}/do`, { verb: "cancel", because: "patient" });
    const [action] = await actions();
    if (!action) expect.unreachable();
    expect((await desk.get(TODAY)).body).toContain("a visit of another day");
    const undone = await desk.post(`/console/clinics/aspen-ridge/actions/${toPublicId("action", action.id)}/undo`, {
      at: toPublicId("session", second),
    });
    expect(undone.location).toBe(`${TODAY}#${toPublicId("session", second)}`);
    await sql`update console_actions set run_at = clock_timestamp() - interval '1 hour' where id = ${action.id}`.execute(web.db);
    const [after] = await actions();
    expect(after?.undoneAt).not.toBeNull();
    expect(await statusOf(second)).toBe("scheduled");
  });

  test("postpones a visit, which then asks for a new date", async () => {
    const third = await visit(3);
    await desk.post(`/console/sessions/${toPublicId("session", third)}/do`, { verb: "postpone", because: "patient" });
    const [action] = await actions();
    if (!action) expect.unreachable();
    await carriedOut(action.id);
    expect(await statusOf(third)).toBe("postponed");
    expect((await desk.get(`${TODAY}?day=2027-01-15`)).body).toContain("Give a new date");
  });

  test("offers to add a visit to whoever may", async () => {
    expect((await desk.get(TODAY)).body).toContain("Add visit");
    expect((await (await clerk(web, "viewer")).get(TODAY)).body).not.toContain("Add visit");
  });

  test("says why what was clicked was refused", async () => {
    const first = await visit(1);
    await desk.post(`/console/sessions/${toPublicId("session", first)}/do`, { verb: "no-show" });
    const [action] = await actions();
    if (!action) expect.unreachable();
    await carriedOut(action.id);
    expect((await desk.get(TODAY)).body).toContain("was not done");
  });

  test("gives up what cannot be carried out, tells its person, and keeps nothing else from being done", async () => {
    const second = await visit(2);
    await desk.post(`/console/sessions/${toPublicId("session", second)}/do`, { verb: "cancel", because: "patient" });
    const [action] = await actions();
    if (!action) expect.unreachable();
    await sql`
      update console_actions set action_sealed = '\\x00', run_at = clock_timestamp() - interval '6 minutes', claimed_at = clock_timestamp() - interval '1 minute'
      where id = ${action.id}`.execute(web.db);
    await expect
      .poll(async () => (await actions()).find((each) => each.id === action.id)?.doneAt ?? null, { timeout: 10_000 })
      .not.toBeNull();
    expect(await statusOf(second)).toBe("scheduled");
    expect((await desk.get(TODAY)).body).toContain("could not be carried out");
  });

  test("is one look while it renews itself, and another when somebody opens it again", async () => {
    const looks = async () =>
      (await sql`select from events where kind = 'patient.revealed' and actor = ${`staff:${desk.login}`}`.execute(web.db)).rows.length;
    await desk.get(TODAY);
    const before = await looks();
    const renewed = await fetch(web.url + TODAY, { headers: { cookie: desk.cookie, "x-renewal": "1" } });
    expect(await renewed.text()).toContain("Ana");
    expect(await looks()).toBe(before);
    await desk.get(TODAY);
    expect(await looks()).toBeGreaterThan(before);
    await sql`alter table events disable trigger user`.execute(web.db);
    await sql`update events set recorded_at = recorded_at - interval '16 minutes'`.execute(web.db);
    await sql`alter table events enable trigger user`.execute(web.db);
    const later = await looks();
    await fetch(web.url + TODAY, { headers: { cookie: desk.cookie, "x-renewal": "1" } });
    expect(await looks()).toBeGreaterThan(later);
  });

  test("left alone does not keep anybody signed in", async () => {
    const idle = await clerk(web, "nurse");
    const seenAt = async () =>
      (
        await sql<{
          seenAt: number;
        }>`select n.seen_at from staff_sessions n join staff s on s.id = n.staff_id where s.login = ${idle.login}`.execute(web.db)
      ).rows[0]?.seenAt;
    await sql`update staff_sessions set seen_at = seen_at - interval '10 minutes' where staff_id = (select id from staff where login = ${idle.login})`.execute(
      web.db,
    );
    const before = await seenAt();
    await fetch(web.url + TODAY, { headers: { cookie: idle.cookie, "x-renewal": "1" } });
    expect(await seenAt()).toBe(before);
    await idle.get(TODAY);
    expect(await seenAt()).toBeGreaterThan(before ?? 0);
  });

  test("gives a sheet that needs nothing but itself", async () => {
    const answer = await fetch(`${web.url}${TODAY}/sheet`, { headers: { cookie: desk.cookie } });
    const sheet = await answer.text();
    expect(sheet).toContain("Ana");
    expect(sheet).not.toMatch(/<link|<script|src=|href=/);
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(sheet) ?? [];
    expect(answer.headers.get("content-security-policy")).toContain(createHash("sha256").update(style).digest("base64"));
  });

  test("lets a viewer look and not do", async () => {
    const viewer = await clerk(web, "viewer");
    expect((await viewer.get(TODAY)).body).not.toContain('/do"');
    const first = await visit(1);
    expect((await viewer.post(`/console/sessions/${toPublicId("session", first)}/do`, { verb: "dose" })).status).toBe(403);
  });

  test("sends whoever is not signed in to the sign-in, and back", async () => {
    const answer = await fetch(web.url + TODAY, { redirect: "manual" });
    expect(answer.headers.get("location")).toBe(`/console/sign-in?next=${encodeURIComponent(TODAY)}`);
  });

  test("refuses a form without its token", async () => {
    const first = await visit(1);
    expect((await desk.post(`/console/sessions/${toPublicId("session", first)}/do`, { verb: "dose", _csrf: "x" })).status).toBe(403);
  });
});

describeInBrowser("today in a browser", (surfer) => {
  test("keeps the keyboard where it is when the page renews itself", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, desk);
    const focused = Promise.withResolvers<void>();
    let loads = 0;
    // The same page, in more of a hurry, that is renewed only once the keyboard is where it is to stay.
    await page.route(web.url + TODAY, async (route: Route) => {
      loads += 1;
      if (loads > 1) await focused.promise;
      const answer = await route.fetch();
      const body = await answer.text();
      await route.fulfill({
        response: answer,
        body:
          loads > 1 ? body : body.replace(/data-refresh="\d+"/, 'data-refresh="1"').replace(/<title>.*?<\/title>/, "<title>before</title>"),
      });
    });
    await page.goto(web.url + TODAY);
    const button = page.locator(".visits > li button", { hasText: /^Dosed$/ }).last();
    await button.focus();
    focused.resolve();
    await expect.poll(() => page.title(), { timeout: 10_000 }).toContain("Today");
    const last = "[...document.querySelectorAll('.visits > li button')].filter((each) => each.textContent === 'Dosed').at(-1)";
    expect(await page.evaluate(`document.activeElement === ${last}`)).toBe(true);
    // It renews itself on: what is under way when the page goes away would be nobody's failure.
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test("says that it may be old while there is no connection, and no longer when there is one again", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, desk);
    let loads = 0;
    let isAway = true;
    await page.route(web.url + TODAY, async (route: Route) => {
      loads += 1;
      if (loads > 1 && isAway) return route.abort();
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace(/data-refresh="\d+"/, 'data-refresh="1"') });
    });
    await page.goto(web.url + TODAY);
    const notice = page.getByRole("status").filter({ hasText: "may be old" });
    await expect.poll(() => notice.count(), { timeout: 15_000 }).toBe(1);
    isAway = false;
    await expect.poll(() => notice.count(), { timeout: 15_000 }).toBe(0);
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test.each([
    ["phone", { ...PHONE, colorScheme: "light" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
    ["desktop-dark", { ...DESKTOP, colorScheme: "dark" as const }],
  ])("has no barriers on a %s", async (name, look) => {
    const page = await surfer.open(look);
    await bringIn(page, web, desk);
    await page.goto(web.url + TODAY);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/today-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
    await page.goto(`${web.url}${TODAY}/sheet`);
    expect(await findBarriers(page)).toEqual([]);
    await page.context().clearCookies();
    await page.goto(`${web.url}/console/sign-in`);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/sign-in-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
  });
});
