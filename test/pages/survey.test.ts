/** The page of a survey in a real browser: by finger and by keyboard, in light and dark, in both languages, without barriers. */
import { beforeAll, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { describeInBrowser, DESKTOP, findBarriers, NARROW, PHONE } from "../support/browser.ts";

let web: Web;
let count = 0;

beforeAll(async () => {
  web = await startWeb({ changes: { PUBLIC_BASE_URL: "http://localhost" }, pageRate: { burst: 10_000, perSecond: 100, addresses: 10 } });
  await openClinic(web, ["iv-ketamine"]);
  await web.db.updateTable("clinics").set({ surveysEnabled: true }).execute();
});

async function enrol(locale: "en" | "es", condition = "depression"): Promise<Enqueued> {
  count += 1;
  const consent = [{ to: "email", source: "intake form", at: "2026-12-29T10:05-07:00" }];
  const patient = {
    ref: `8${String(count).padStart(4, "0")}`,
    name: "Ana Ortiz",
    birthDate: "1984-05-17",
    email: "ana@example.org",
    locale,
    consent,
  };
  return enqueueExample(web, "ana-iv", { patient, condition, externalId: `survey-${count}` });
}

async function linkOf({ seriesId }: Enqueued, rule: string): Promise<string> {
  const row = await web.db
    .selectFrom("surveyInvitations")
    .select("id")
    .where("seriesId", "=", seriesId)
    .where("key", "like", `${rule}/%`)
    .executeTakeFirstOrThrow();
  return web.url + (await pathOf(web, row.id));
}

async function enter(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.fill("#year", "1984");
  await page.press("#year", "Enter");
  await page.waitForSelector("form");
}

const SHOTS = process.env["SURVEY_SHOTS"];

async function look(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  expect(await findBarriers(page), name).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), `${name} does not scroll sideways`).toBe(true);
}

describeInBrowser("a survey in a browser", (surfer) => {
  test("is answered by a tap a question, goes back, and ends in thanks", async () => {
    const page = await surfer.open(PHONE);
    await enter(page, await linkOf(await enrol("en"), "survey-baseline-phq-9"));
    await look(page, "first-phone");
    await page.click("text=Several days");
    await look(page, "second-phone");
    await page.click("text=Back");
    expect(await page.textContent('[aria-pressed="true"]')).toContain("your answer");
    for (let item = 1; item <= 9; item++) await page.click("text=Not at all");
    await look(page, "difficulty-phone");
    await page.click("text=Not difficult at all");
    await look(page, "thanks-phone");
    expect(await page.textContent("main")).toContain("Your answers have arrived");
  }, 60_000);

  test("shows whom to call as soon as an answer calls for it", async () => {
    const page = await surfer.open({ ...PHONE, colorScheme: "dark" });
    await enter(page, await linkOf(await enrol("en"), "survey-baseline-phq-9"));
    for (let item = 1; item <= 8; item++) await page.click("text=Not at all");
    await look(page, "nine-dark");
    await page.click("text=More than half the days");
    await look(page, "help-dark");
    expect(await page.isVisible("text=If you need help now")).toBe(true);
    await page.click("text=Skip this question");
    await look(page, "thanks-help-dark");
    expect(await page.isVisible("text=If you need help now")).toBe(true);
  }, 60_000);

  test("is answered by keyboard alone, in Spanish, on the narrowest phone", async () => {
    const page = await surfer.open(NARROW);
    await enter(page, await linkOf(await enrol("es"), "survey-baseline-phq-9"));
    await look(page, "first-narrow-es");
    await page.focus("text=Varios días");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=2 de 10");
    expect(await page.textContent("main")).toContain("Se ha sentido decaído(a), deprimido(a) o sin esperanzas");
  }, 60_000);

  test("of a group is sent whole, and says what is missing", async () => {
    const series = await enrol("es");
    const page = await surfer.open(PHONE);
    await enter(page, await linkOf(series, "next-day"));
    await look(page, "check-in-es");
    await page.click("button:has-text('Siguiente')");
    await look(page, "check-in-fault-es");
    expect(await page.isVisible("text=Elija una respuesta para cada pregunta.")).toBe(true);
    for (const name of ["severe", "fall"]) await page.check(`input[name="${name}"][value="0"]`);
    await page.click("button:has-text('Siguiente')");
    await look(page, "check-in-symptoms-es");
  }, 60_000);

  test("looks right on a desktop, in light and dark", async () => {
    const series = await enrol("en");
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await surfer.open({ ...DESKTOP, colorScheme });
      await enter(page, await linkOf(series, "three-days-last"));
      await look(page, `mood-desktop-${colorScheme}`);
    }
  }, 60_000);

  test("keeps what was answered when the connection drops, and goes on there", async () => {
    const series = await enrol("en");
    const link = await linkOf(series, "survey-baseline-phq-9");
    const page = await surfer.open(PHONE);
    await enter(page, link);
    await page.click("text=Several days");
    await page.context().setOffline(true);
    await page.click("text=Not at all").catch(() => undefined);
    await page.context().setOffline(false);
    await enter(page, link);
    expect(await page.textContent("main")).toContain("Feeling down, depressed, or hopeless");
  }, 60_000);
});
