import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { type AlertId, toPublicId } from "../../src/domain/ids.ts";
import { raiseByStaff } from "../../src/producers/raise-by-staff.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let ana: Enqueued;
let nurse: Clerk;
let desk: Clerk;
const LIST = "/console/clinics/aspen-ridge/alerts";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
  await stepClock(web.db, at("2027-01-10T20:30:00Z"));
  nurse = await clerk(web, "nurse");
  desk = await clerk(web, "front-desk");
});

async function raise(level: "critical" | "high" | "medium" = "critical"): Promise<AlertId> {
  const options = { actor: "test", dryRun: false, ifRevision: null, kind: "self-harm-words", level, clinicId: null } as const;
  const result = await raiseByStaff(web, ana.patientId, options);
  if (result.kind !== "changed") throw new Error("Not raised");
  return result.value.alert;
}

const pathOf = (id: AlertId, verb = "") => `/console/alerts/${toPublicId("alert", id)}${verb === "" ? "" : `/${verb}`}`;
const stateOf = (id: AlertId) =>
  web.db.selectFrom("alerts").select(["state", "owner", "outcome"]).where("id", "=", id).executeTakeFirstOrThrow();

describe("alerts", () => {
  test("what nobody has stands on the list with whose turn it is next, and the audit says who looked", async () => {
    const id = await raise();
    await sql`update alerts set page_at = clock_timestamp() + interval '9 minutes' where id = ${id}`.execute(web.db);
    const page = await nurse.get(LIST);
    expect(page.status).toBe(200);
    expect(page.body).toContain("Ana");
    expect(page.body).toContain("nobody has it");
    expect(page.body).toMatch(/next .* in .*8:5\d|next .* in .*9:00/s);
    const looked = await web.db
      .selectFrom("events")
      .select("data")
      .where("actor", "=", `staff:${nurse.login}`)
      .where("kind", "=", "patient.revealed")
      .execute();
    expect(looked).not.toEqual([]);
  });

  test("a nurse takes an alert with one button, and the next one is told who has it and may take it over", async () => {
    const id = await raise();
    expect(await nurse.post(pathOf(id, "acknowledge"))).toMatchObject({ status: 303, location: pathOf(id) });
    expect(await stateOf(id)).toMatchObject({ state: "acknowledged", owner: `staff:${nurse.login}` });
    const other = await clerk(web, "clinician");
    const refused = await other.post(pathOf(id, "acknowledge"));
    expect(refused.status).toBe(409);
    expect(refused.body).toContain(nurse.login);
    await other.post(pathOf(id, "take-over"));
    expect(await stateOf(id)).toMatchObject({ owner: `staff:${other.login}` });
  });

  test("the card has whom to call, where they are and what is kept back, and the clinic's name of nobody in its title", async () => {
    const page = await nurse.get(pathOf(await raise()));
    expect(page.body).toContain('href="tel:+1');
    expect(page.body).toContain("Kept back");
    expect(page.body).toMatch(/<title>Alert - Afterglow<\/title>/);
  });

  test("an alert is closed with what came of it, the note sealed; without an outcome the note stays typed", async () => {
    const id = await raise();
    const missing = await nurse.post(pathOf(id, "close"), { outcome: "", note: "talked for ten minutes" });
    expect(missing.status).toBe(400);
    expect(missing.body).toContain("talked for ten minutes");
    expect((await stateOf(id)).state).toBe("open");
    expect((await nurse.post(pathOf(id, "close"), { outcome: "reached", note: "talked for ten minutes" })).status).toBe(303);
    expect(await stateOf(id)).toMatchObject({ state: "closed", outcome: "reached" });
    expect((await nurse.get(pathOf(id))).body).toContain("talked for ten minutes");
    const events = await web.db.selectFrom("events").select("data").where("subjectId", "=", id).execute();
    expect(JSON.stringify(events)).not.toContain("talked");
  });

  test("what an alert keeps back goes when its owner lets it go", async () => {
    const id = await raise();
    const { body } = await nurse.get(pathOf(id));
    const [, held = ""] = /action="([^"]*\/console\/touchpoints\/[^"]*\/release)"/.exec(body) ?? [];
    expect(held).not.toBe("");
    const answer = await nurse.post(new URL(held, web.url).pathname, { verdict: "send" });
    expect(answer.status).toBe(303);
    expect(answer.location).toContain("/console/alerts/");
    expect((await nurse.get(pathOf(id))).body).not.toContain(held);
  });

  test("the front desk sees alerts and raises them, and neither takes nor closes one nor reads answers", async () => {
    const id = await raise();
    const page = await desk.get(pathOf(id));
    expect(page.status).toBe(200);
    expect(page.body).not.toContain("/acknowledge");
    expect((await desk.post(pathOf(id, "acknowledge"))).status).toBe(403);
    expect((await desk.post(pathOf(id, "close"), { outcome: "reached" })).status).toBe(403);
    const wrong = await desk.post(`${LIST}/raise`, { ref: "nobody", kind: "worsening", level: "high" });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain("chart number");
    const { refSealed } = await web.db.selectFrom("patients").select("refSealed").where("id", "=", ana.patientId).executeTakeFirstOrThrow();
    const ref = web.vault.open(refSealed, { table: "patients", column: "ref_sealed", row: ana.patientId });
    const raised = await desk.post(`${LIST}/raise`, { ref, kind: "worsening", level: "high" });
    expect(raised.status).toBe(303);
    expect(raised.location).toContain("/console/alerts/alr_");
  });

  test("a viewer looks, and an auditor does not come in", async () => {
    const id = await raise();
    const [viewer, auditor] = [await clerk(web, "viewer"), await clerk(web, "auditor")];
    expect((await viewer.get(pathOf(id))).status).toBe(200);
    expect((await viewer.get(`${LIST}/raise`)).status).toBe(403);
    expect((await auditor.get(pathOf(id))).status).toBe(403);
    expect((await auditor.get(LIST)).status).toBe(403);
  });
});

describeInBrowser("alerts in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    const id = await raise("high");
    await sql`update alerts set page_at = clock_timestamp() + interval '9 minutes' where state = 'open' and level = 'critical'`.execute(
      web.db,
    );
    await lookAt(
      { web, who: nurse, surfer, look: { name, options } },
      {
        alerts: LIST,
        "alerts-closed": `${LIST}?show=closed`,
        alert: pathOf(id),
        "alert-raise": `${LIST}/raise`,
      },
    );
  });

  test("are taken and closed by keyboard alone", async () => {
    const id = await raise();
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, nurse);
    await page.goto(web.url + pathOf(id));
    await page.locator("button", { hasText: "I have it" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=has it");
    await page.locator("select[name=outcome]").focus();
    await page.keyboard.type("Reached");
    await page.keyboard.press("Tab");
    await page.keyboard.type("sister is there");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=What came of it");
    expect(await stateOf(id)).toMatchObject({ state: "closed", outcome: "reached" });
  });
});
