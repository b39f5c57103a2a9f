import { readFileSync } from "node:fs";
import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { toPublicId } from "../../src/domain/ids.ts";
import { templatesOf } from "../../src/messages/protocol-templates.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { protocolSchema } from "../../src/domain/protocol.ts";
import { parsePlainText } from "../../src/domain/parse-series-text.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, PHONE, TABLET } from "../support/browser.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";

let web: Web;
let ana: Enqueued;
let desk: Clerk;
const SERIES = "/console/clinics/aspen-ridge/series";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine", "im-ketamine"]);
  await withWording("iv-ketamine");
  ana = await enqueueExample(web, "ana-iv");
  desk = await clerk(web, "front-desk");
});

/** The approval of the example, with the wording that is shipped. */
async function withWording(id: string): Promise<void> {
  const text = parsePlainText(readFileSync(new URL(`../../protocols/${id}.yaml`, import.meta.url), "utf8"), "yaml");
  const protocol = protocolSchema.parse(text.ok ? text.value : null);
  const templates = templatesOf(protocol, await readTemplates(new URL("../../templates", import.meta.url).pathname));
  await sql`update protocol_approvals set templates = ${JSON.stringify(templates)} where protocol = ${id}`.execute(web.db);
}

const FINN = {
  protocol: "iv-ketamine@1",
  condition: "depression",
  ref: "20001",
  name: "Finn Moreno",
  phone: "(303) 555-0155",
  email: "finn@patients.example.org",
  locale: "es",
  consent: "sms",
  source: "intake form",
  at: "2027-01-03",
  by: "list",
  list: "2027-01-12 09:00\n2027-01-15 09:00 45",
};

const countSeries = async () =>
  Number((await sql<{ count: number }>`select count(*)::integer as count from series`.execute(web.db)).rows[0]?.count);

describe("a new series", () => {
  test("is shown message by message in the patient's language before anything is stored", async () => {
    const before = await countSeries();
    const look = await desk.post(SERIES, { ...FINN, step: "look" });
    expect(look.status).toBe(200);
    expect(look.body).toContain("2 visits");
    expect(look.body).toContain("Finn");
    expect(look.body).toMatch(/cita|visita|lunes|martes/);
    expect(look.body).toContain("Enqueue the series");
    expect(look.body.length).toBeLessThan(150_000);
    expect(await countSeries()).toBe(before);
  });

  test("says all that is wrong beside its fields and keeps what was typed", async () => {
    const refused = await desk.post(SERIES, { ...FINN, phone: "12", list: "soon", step: "look" });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('value="12"');
    expect(refused.body).toContain(">soon</textarea>");
    expect(refused.body).toContain('id="list-fault"');
  });

  test("knows a patient by the chart number alone, and asks before a second series", async () => {
    const known = { protocol: "iv-ketamine@1", condition: "depression", ref: "10482", by: "list", list: "2027-03-02 09:00", step: "look" };
    const refused = await desk.post(SERIES, known);
    expect(refused.status).toBe(422);
    expect(refused.body).toContain("Ana Ortiz");
    const look = await desk.post(SERIES, { ...known, also: "yes" });
    expect(look.status).toBe(200);
    expect(look.body).toContain("Enqueue the series");
    expect((await desk.get(`${SERIES}?patient=${toPublicId("patient", ana.patientId)}`)).body).toContain('value="10482"');
  });

  test("is enqueued as it was shown, and can be taken back for ten minutes", async () => {
    const go = await desk.post(SERIES, { ...FINN, step: "go" });
    expect(go.status).toBe(303);
    expect(go.location).toMatch(/\/console\/patients\/pat_.*\?done=series-enqueued$/);
    const { body } = await desk.get(go.location ?? "");
    expect(body).toContain("Undo");
    const [, path = ""] = /action="([^"]*\/void)"/.exec(body) ?? [];
    expect((await desk.post(path, { step: "look" })).body).toContain("What follows");
    expect((await desk.post(path, { step: "go" })).status).toBe(303);
    const { rows } = await sql<{ status: string }>`select status from series order by id desc limit 1`.execute(web.db);
    expect(rows[0]?.status).toBe("void");
  });
});

describeInBrowser("a new series in a browser", (surfer) => {
  test.each([
    ["phone", { ...PHONE, colorScheme: "light" as const }],
    ["tablet", { ...TABLET, colorScheme: "dark" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
  ])("has no barriers on a %s", async (name, look) => {
    const page = await surfer.open({ ...look, javaScriptEnabled: true });
    await bringIn(page, web, desk);
    await page.goto(web.url + SERIES);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/series-${name}.png`, fullPage: true });
    expect(await findBarriers(page)).toEqual([]);
    await page.fill("#condition", "depression");
    await page.selectOption("#protocol", "iv-ketamine@1");
    await page.fill("#ref", "20077");
    await page.fill("#name", "Dee Park");
    await page.fill("#phone", "(303) 555-0166");
    await page.check('input[name="consent"][value="sms"]');
    await page.check('input[name="weekdays"][value="mon"]');
    await page.check('input[name="weekdays"][value="wed"]');
    await page.fill("#email", "dee@patients.example.org");
    await page.check('input[name="consent"][value="email"]');
    await page.fill("#first", "2027-01-11");
    await page.waitForSelector("#preview .letters");
    if (process.env["SHOTS"])
      await page.screenshot({ path: `${process.env["SHOTS"]}/series-preview-${name}.png`, fullPage: name !== "desktop" });
    expect(await findBarriers(page)).toEqual([]);
  });

  test("is enqueued by keyboard alone, without script", async () => {
    const page = await surfer.open({ ...DESKTOP, javaScriptEnabled: false });
    await bringIn(page, web, desk);
    await page.goto(`${web.url}${SERIES}`);
    await page.focus("#condition");
    await page.keyboard.type("depression");
    await page.focus("#ref");
    await page.keyboard.type("20099");
    await page.focus("#name");
    await page.keyboard.type("Eva Lind");
    await page.focus("#email");
    await page.keyboard.type("eva@patients.example.org");
    await page.focus("#protocol");
    await page.keyboard.type("IV");
    for (const day of ["mon", "wed", "fri"]) {
      await page.focus(`input[name="weekdays"][value="${day}"]`);
      await page.keyboard.press("Space");
    }
    await page.focus("#first");
    await page.keyboard.type("01112027");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".confirm button");
    await page.focus(".confirm button");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console\/patients\//);
    expect(await page.textContent("h1")).toBe("Eva Lind");
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/patient-new.png`, fullPage: true });
    await page.click(".undo button");
    await page.click(".confirm button");
    expect(await page.textContent(".notice.good")).toContain("taken back");
  });
});
