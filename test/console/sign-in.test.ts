import { Secret, TOTP } from "otpauth";
import { encode } from "uqr";
import { beforeAll, describe, expect, test } from "vitest";
import { machineNow } from "../../src/clock.ts";
import { findClinic } from "../../src/db/clinics.ts";
import { addStaff } from "../../src/producers/change-staff.ts";
import { openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, NARROW } from "../support/browser.ts";
import { freeBaseUrl } from "./support/console-visitor.ts";

let web: Web;

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, []);
});

/** Somebody who was handed a password and has not signed in yet. */
async function addPerson(login: string): Promise<string> {
  const clinic = await findClinic(web.db, "aspen-ridge");
  if (!clinic) throw new Error("No clinic");
  const added = await addStaff(web.db, clinic, { login, name: "Dee Walker", role: "nurse", actor: "test", now: machineNow() });
  if (added.kind !== "changed" || added.value.password === null) throw new Error("Not added");
  return added.value.password;
}

async function post(path: string, fields: Record<string, string>, cookie = "") {
  const answer = await fetch(web.url + path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", cookie },
    body: new URLSearchParams(fields).toString(),
  });
  const [fresh = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  return { status: answer.status, headers: answer.headers, body: await answer.text(), cookie: fresh };
}

const fieldIn = (body: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? expect.unreachable();

/** What an app would read: the dark modules of the picture, back from its shapes. */
function modulesOf(body: string): boolean[][] {
  const [, size = "0"] = /<svg class="qr" viewBox="0 0 (\d+) /.exec(body) ?? expect.unreachable();
  const [, path = ""] = /<path d="([^"]*)" fill="#000"/.exec(body) ?? expect.unreachable();
  const rows = Array.from({ length: Number(size) }, () => Array.from({ length: Number(size) }, () => false));
  for (const [, x = "", y = "", length = ""] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));
  return rows;
}

const expected = (login: string, secret: string) =>
  encode(new TOTP({ issuer: "Afterglow", label: login, secret: Secret.fromBase32(secret), period: 30 }).toString(), { ecc: "M", border: 4 })
    .data;

describe("setting up a sign-in", () => {
  test("shows the key as a picture that an app reads, with its words for whoever does not see it", async () => {
    const { body, headers } = await post("/console/sign-in", { login: "dee", password: await addPerson("dee") });
    const secret = fieldIn(body, "secret");
    expect(modulesOf(body)).toEqual(expected("dee", secret));
    expect(modulesOf(body)).not.toEqual(expected("ben", secret));
    expect(body).toMatch(/role="img" aria-label="QR code[^"]*the key below says the same"/);
    expect(body).toContain(secret.replace(/(.{4})/g, "$1 ").trim());
    expect(body).not.toMatch(/style=|otpauth:|<img/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("shows the same picture again after a wrong code, and signs in with a right one; neither logs nor addresses have the key", async () => {
    const first = await post("/console/sign-in", { login: "finn", password: await addPerson("finn") });
    const [secret, csrf] = [fieldIn(first.body, "secret"), fieldIn(first.body, "_csrf")];
    const fields = { secret, _csrf: csrf, password: "orange boat lamp" };
    const wrong = await post("/console/sign-in/set-up", { ...fields, code: "000000" }, first.cookie);
    expect(wrong.status).toBe(401);
    expect(modulesOf(wrong.body)).toEqual(expected("finn", secret));
    const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: machineNow() });
    const done = await post("/console/sign-in/set-up", { ...fields, code }, first.cookie);
    expect([done.status, done.headers.get("location")]).toEqual([303, "/console"]);
    expect(web.logged.length).toBeGreaterThan(0);
    expect(web.logged.filter((line) => line.includes(secret) || line.includes("otpauth"))).toEqual([]);
  });

  test("a key that is none of ours draws nothing", async () => {
    const first = await post("/console/sign-in", { login: "eva", password: await addPerson("eva") });
    const fields = { secret: "<script>", _csrf: fieldIn(first.body, "_csrf"), password: "orange boat lamp", code: "000000" };
    expect((await post("/console/sign-in/set-up", fields, first.cookie)).headers.get("location")).toBe("/console/sign-in");
  });
});

describeInBrowser("setting up in a browser", (surfer) => {
  test.each([
    ["phone", { ...NARROW, colorScheme: "dark" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
  ])("is read on a %s, dark on light in any colours", async (look, options) => {
    const password = await addPerson(`chen-${look}`);
    const page = await surfer.open(options);
    await page.goto(`${web.url}/console/sign-in`);
    await page.fill("#login", `chen-${look}`);
    await page.fill("#password", password);
    await page.keyboard.press("Enter");
    await page.locator("svg.qr").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await page.evaluate("getComputedStyle(document.querySelector('svg.qr rect')).fill")).toBe("rgb(255, 255, 255)");
    const { SHOTS } = process.env;
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/set-up-${look}.png`, fullPage: true });
  });
});
