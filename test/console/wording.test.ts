import { beforeAll, describe, expect, test } from "vitest";
import { machineNow } from "../../src/clock.ts";
import { instant } from "../../src/domain/calendar.ts";
import { approveProtocol } from "../../src/producers/approve-protocol.ts";
import { enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let clinician: Clerk;
const ROOM = "/console/clinics/aspen-ridge/wording";
const STEM = "phrase-thank-you";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, []);
  const clinicId = (await web.db.selectFrom("clinics").select("id").executeTakeFirstOrThrow()).id;
  await approveProtocol(web, { id: "iv-ketamine", version: 1, clinicId, by: "Dr. Lee, clinician" }, { actor: "test", dryRun: false });
  await enqueueExample(web, "ana-iv");
  clinician = await clerk(web, "clinician");
});

/** The address of a protocol, by what its link says. */
async function protocolPath(title: RegExp): Promise<string> {
  const { body } = await clinician.get(ROOM);
  const links = [...body.matchAll(/href="[^"]*(\/console\/clinics\/aspen-ridge\/wording\/protocols\/[0-9a-f]+)"><strong>([^<]*)/g)];
  return links.find(([, , words = ""]) => title.test(words))?.[1] ?? expect.unreachable();
}

const releases = () => web.db.selectFrom("templateReleases").select(["stem", "approvedBy", "rolledBackAt"]).execute();
/** Signed in a while ago: both factors are asked for again. */
const stale = () =>
  web.db
    .updateTable("staffSessions")
    .set({ confirmedAt: new Date(instant(machineNow() - 600_000)).toISOString() })
    .execute();

describe("protocols", () => {
  test("are listed with what is in force, and no address says what is treated", async () => {
    const { body } = await clinician.get(ROOM);
    expect(body).toContain("in force");
    expect(body).toContain("draft, not approved");
    for (const [, href = ""] of body.matchAll(/href="([^"]*)"/g)) expect(href).not.toMatch(/ketamine|lozenge|infusion/i);
  });

  test("are read along the course, each rule with when, how and to whom", async () => {
    const { body } = await clinician.get(await protocolPath(/IV/));
    expect(body).toContain("Before each visit");
    expect(body).toContain("Day before");
    expect(body).toContain("approved by Dr. Lee, clinician");
  });

  test("a clinician approves what ships; a front desk does not", async () => {
    const path = await protocolPath(/IM|intramuscular/i);
    const page = await clinician.get(path);
    const hash = /name="hash" value="([^"]*)"/.exec(page.body)?.[1] ?? expect.unreachable();
    expect((await (await clerk(web, "front-desk")).post(`${path}/approve`, { hash })).status).toBe(403);
    expect((await clinician.post(`${path}/approve`, { hash: "another" })).status).toBe(400);
    expect(await clinician.post(`${path}/approve`, { hash })).toMatchObject({ status: 303, location: `${path}?done=approved` });
    expect((await clinician.get(path)).body).toContain(clinician.login);
    expect((await clinician.get(`${ROOM}/history`)).body).toContain(clinician.login);
  });
});

describe("wording", () => {
  test("is previewed with sample data in each language, with segments", async () => {
    const { body } = await clinician.get(`${ROOM}/templates/${STEM}`);
    expect(body).toContain("Willow Clinic: thank you");
    expect(body).toContain("Willow Clinic: gracias");
    expect(body).toMatch(/1 segment, /);
    expect((await clinician.get(`${ROOM}/templates/no-such`)).status).toBe(404);
  });

  test("is changed, seen, published in both languages together, and taken back", async () => {
    const typed = { "en-sms": "{{ clinic.name }}: thank you, noted.", "es-sms": "{{ clinic.name }}: gracias, anotado." };
    const shown = await clinician.post(`${ROOM}/templates/${STEM}/preview`, typed);
    expect(shown.body).toContain("Willow Clinic: thank you, noted.");
    expect(shown.body).toContain("still to be written");
    expect(await releases()).toEqual([]);
    expect((await clinician.post(`${ROOM}/templates/${STEM}/publish`, typed)).status).toBe(303);
    expect(await releases()).toMatchObject([{ stem: STEM, rolledBackAt: null }]);
    expect((await clinician.get(`${ROOM}/templates/${STEM}`)).body).toContain("anotado");
    expect((await clinician.get(`${ROOM}/templates/${STEM}/rollback`)).body).toContain("approved wording");
    expect((await clinician.post(`${ROOM}/templates/${STEM}/rollback`)).status).toBe(303);
    expect((await clinician.get(`${ROOM}/templates/${STEM}`)).body).not.toContain("anotado");
  });

  test("words that would say what is treated are not published, and stay typed", async () => {
    const refused = await clinician.post(`${ROOM}/templates/${STEM}/publish`, { "en-sms": "{{ clinic.name }}: your ketamine is ready." });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("your ketamine is ready.");
    expect(refused.body).toContain("This must not go out");
  });

  test("somebody who signed in a while ago gives both factors again, and what was typed stays", async () => {
    const late = await clerk(web, "clinician");
    await stale();
    const before = (await releases()).length;
    const asked = await late.post(`${ROOM}/templates/${STEM}/publish`, {
      "en-sms": "{{ clinic.name }}: thanks.",
      password: "wrong",
      code: "000000",
    });
    expect(asked.status).toBe(400);
    expect(asked.body).toContain("Confirm that it is you");
    expect(asked.body).toContain("{{ clinic.name }}: thanks.");
    expect((await releases()).length).toBe(before);
  });

  test("a nurse reads it and neither changes nor publishes it", async () => {
    const nurse = await clerk(web, "nurse");
    expect((await nurse.get(`${ROOM}/templates/${STEM}`)).body).not.toContain("Change the wording");
    expect((await nurse.get(`${ROOM}/templates/${STEM}/edit`)).status).toBe(403);
    expect((await nurse.post(`${ROOM}/templates/${STEM}/publish`, {})).status).toBe(403);
  });
});

describeInBrowser("protocols and wording in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    const pages = {
      wording: ROOM,
      protocol: await protocolPath(/IV/),
      templates: `${ROOM}/templates`,
      template: `${ROOM}/templates/day-before`,
      "template-edit": `${ROOM}/templates/day-before/edit`,
      "wording-history": `${ROOM}/history`,
    };
    await lookAt({ web, who: clinician, surfer, look: { name, options } }, pages);
  });

  test("a wording is changed by keyboard alone", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, await clerk(web, "clinician"));
    await page.goto(`${web.url}${ROOM}/templates/${STEM}/edit`);
    await page.locator("#en-sms").focus();
    await page.keyboard.press("Control+A");
    await page.keyboard.type("{{ clinic.name }}: thank you, we have read it.");
    await page.locator("button", { hasText: "See it with sample data" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=Publish both languages");
    await page.locator("button", { hasText: "Publish both languages" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=the next message says it");
  });
});
