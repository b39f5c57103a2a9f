import { request } from "node:http";
import { join } from "node:path";
import type { FrameLocator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { DESKTOP, describeInBrowser, findBarriers, PHONE } from "../support/browser.ts";
import { type Demo, startDemo } from "./demo-process.ts";

/** Eleven days go by themselves, then one newcomer lives through three weeks. */
const RUN = { timeout: 300_000 };
const WITHIN = { timeout: 120_000 };

/** Where the screenshots go, for whoever wants to look at them. */
const SHOTS = process.env["SHOTS"];

describeInBrowser("the demo's page", (surfer) => {
  test(
    "lets a newcomer live through a course, a moved visit and an alert, shows itself to nobody else, and leaves nothing behind",
    RUN,
    async () => {
      const demo = await startDemo([]);
      const url = await readUrl(demo);
      const page = await surfer.open(DESKTOP);
      await page.goto(url);
      await page
        .locator("#who option")
        .first()
        .waitFor({ state: "attached", ...WITHIN });
      expect(await refusals(url)).toEqual([404, 404, 403]);
      await tour(page);
      expect(await findBarriers(page)).toEqual([]);
      await lookAtPhone(page);
      expect(demo.stdout()).toContain("The page has the clock now.");
      expect(demo.stdout()).toMatch(/\[session\] June +session 1|\[session\] June +gets Wed 20 Jan 14:00 for session 1/);
      demo.signal("SIGINT");
      expect([await demo.gone, demo.stderr(), await demo.leftovers()]).toEqual([130, "", []]);
    },
  );
});

async function readUrl(demo: Demo): Promise<string> {
  await demo.untilSaid("to take part");
  return /Open (http:\/\/127\.0\.0\.1:\d+\/demo) to take part/.exec(demo.stdout())?.[1] ?? "";
}

/** By another name of this machine, through a proxy, and from another site's page. */
function refusals(url: string): Promise<number[]> {
  return Promise.all([
    ask(url, "GET", { host: "demo.example.org" }),
    ask(url, "GET", { "x-forwarded-for": "203.0.113.9" }),
    ask(`${url}/clock`, "POST", { "sec-fetch-site": "cross-site" }),
  ]);
}

function ask(url: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on("error", reject).end();
  });
}

/** The six steps as their words say. */
async function tour(page: Page): Promise<void> {
  await go(page, "welcome");
  await page.locator("#mails button", { hasText: "are booked" }).click();
  await page.frameLocator("#letter").getByText("Hello June").waitFor();
  await done(page, "welcome");

  await go(page, "confirm");
  await page.locator("#body").fill("1");
  await page.locator("#write button").click();
  await page.locator("#texts li", { hasText: "is confirmed" }).waitFor(WITHIN);
  await done(page, "confirm");
  await shoot(page, "demo");

  await open(page, "driver");
  await page.locator("#texts button").last().click();
  const visit = page.frameLocator("#visit");
  await visit.locator("input[name=name]").fill("Theo Park");
  await visit.locator("button[value=driver-named]").click();
  await done(page, "driver");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.locator("#back").click();

  await open(page, "move");
  await page.locator("[data-step=move] [data-help]").click();
  await page.locator("#texts li", { hasText: "2:00 PM" }).first().waitFor(WITHIN);
  await done(page, "move");

  await go(page, "next-day");
  await followMail(page, "Thinking of you today");
  await sayYear(visit);
  await answerAll(visit, () => 0);
  await done(page, "next-day");

  await go(page, "safety");
  await followMail(page, "Your questions for this week");
  await sayYear(visit);
  await answerAll(visit, (number) => (number >= 9 ? 2 : 1));
  await page.locator("[data-step=safety] [data-who]").click();
  await page
    .locator("#texts li", { hasText: "ALERT" })
    .or(page.locator("#texts li", { hasText: /urgent/i }))
    .first()
    .waitFor(WITHIN);
  await page.locator("[data-step=safety] [data-console]").click();
  const console = page.frameLocator("#console");
  await console
    .getByRole("button", { name: /acknowledge|take|have/i })
    .first()
    .waitFor(WITHIN);
  await shoot(page, "alert");
  await console
    .getByRole("button", { name: /acknowledge|take|have/i })
    .first()
    .click();
  await done(page, "safety");
}

async function open(page: Page, step: string): Promise<void> {
  const head = page.locator(`[data-open=${step}]`);
  if ((await head.getAttribute("aria-expanded")) !== "true") await head.click();
}

async function go(page: Page, step: string): Promise<void> {
  await open(page, step);
  await page.locator(`[data-step=${step}] [data-seek]`).click();
  await page.locator("#moving").waitFor({ state: "visible" });
  await page.locator("#moving").waitFor({ state: "hidden", ...WITHIN });
  expect(await page.locator("#fault").textContent()).toBe("");
}

async function done(page: Page, step: string): Promise<void> {
  await page.locator(`[data-step=${step}].is-done`).waitFor(WITHIN);
}

/** Opens the newest mail of this subject and its link, on the phone. */
async function followMail(page: Page, subject: string): Promise<void> {
  await page.locator("#mails button", { hasText: subject }).first().click();
  const link = page.frameLocator("#letter").locator("a[href*='/v/']").first();
  await link.waitFor();
  await page.locator("#letter[data-ready]").waitFor({ state: "attached" });
  await link.click();
}

/** Health questions are asked of whoever knows the patient's year of birth. */
async function sayYear(visit: FrameLocator): Promise<void> {
  await visit.getByLabel("What year were you born?").fill("1989");
  await visit.getByRole("button", { name: "Continue" }).click();
}

/** Answers screen by screen until the page says thanks. */
async function answerAll(visit: FrameLocator, choose: (number: number) => number): Promise<void> {
  for (let number = 1; number < 30; number++) {
    const form = visit.locator("form[action*='/q/']").first();
    await form
      .or(visit.locator("h1", { hasText: "Thank you" }))
      .first()
      .waitFor();
    if ((await form.count()) === 0) return;
    const action = await form.getAttribute("action");
    const groups = await form.locator("fieldset").all();
    if ((await form.locator("input[type=radio]").count()) > 0) {
      for (const group of groups) {
        // How somebody is, from 0 to 10, is good; of everything else there is nothing.
        const isScale = (await group.locator("input[type=radio]").count()) > 5;
        await group.locator(`input[type=radio][value="${isScale ? 8 : 0}"]`).check();
      }
      await form.locator("button").last().click();
    } else
      await form
        .locator(`button[value="${choose(number)}"]`)
        .first()
        .click();
    await visit.locator(`form[action="${action ?? ""}"]`).waitFor({ state: "detached" });
  }
  throw new Error("The questions have no end");
}

async function lookAtPhone(page: Page): Promise<void> {
  await page.setViewportSize(PHONE.viewport);
  await page.locator(".demo-tabs [data-tab=phone]").click();
  await expect.poll(() => page.locator("#texts").isVisible()).toBe(true);
  expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  expect(await findBarriers(page)).toEqual([]);
  await shoot(page, "phone");
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
