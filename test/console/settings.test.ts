import { beforeAll, describe, expect, test } from "vitest";
import { openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";
import { LOOKS, lookAt } from "./support/look.ts";

let web: Web;
let admin: Clerk;
const ROOM = "/console/clinics/aspen-ridge/settings";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine"]);
  admin = await clerk(web, "admin");
});

const secretIn = (body: string) => /class="secret mono">([^<]*)</.exec(body)?.[1] ?? expect.unreachable();
const roleOf = async (login: string) =>
  (
    await web.db
      .selectFrom("staff")
      .innerJoin("staffClinics", "staffClinics.staffId", "staff.id")
      .select("role")
      .where("login", "=", login)
      .executeTakeFirst()
  )?.role;

describe("staff", () => {
  test("somebody is added with a password that is shown once, given another role, and ended", async () => {
    const added = await admin.post(`${ROOM}/staff`, { verb: "add", login: "maria", name: "Maria Lopez", role: "nurse" });
    expect(secretIn(added.body)).toMatch(/^[a-z0-9-]{23}$/);
    expect((await admin.get(`${ROOM}/staff`)).body).not.toContain("secret mono");
    await admin.post(`${ROOM}/staff`, { verb: "role", login: "maria", role: "clinician" });
    expect(await roleOf("maria")).toBe("clinician");
    expect(secretIn((await admin.post(`${ROOM}/staff`, { verb: "reset", login: "maria" })).body)).not.toBe("");
    await admin.post(`${ROOM}/staff`, { verb: "disable", login: "maria" });
    expect((await admin.get(`${ROOM}/staff`)).body).toContain("signs in nowhere");
  });

  test("a clinic keeps an administrator, and what is wrong is said", async () => {
    const last = await admin.post(`${ROOM}/staff`, { verb: "role", login: admin.login, role: "viewer" });
    expect(last.status).toBe(400);
    expect(last.body).toContain("keeps an administrator");
    expect(await roleOf(admin.login)).toBe("admin");
    const wrong = await admin.post(`${ROOM}/staff`, { verb: "add", login: "!", name: "Ben", role: "nurse" });
    expect(wrong.status).toBe(400);
    expect(wrong.body).toContain('value="Ben"');
  });

  test("somebody who signed in a while ago is asked for both factors, and nothing is done without them", async () => {
    const late = await clerk(web, "admin");
    await web.db.updateTable("staffSessions").set({ confirmedAt: "2020-01-01T00:00:00Z" }).execute();
    const asked = await late.post(`${ROOM}/staff`, { verb: "add", login: "eva", name: "Eva", role: "nurse" });
    expect(asked.body).toContain("Confirm that it is you");
    expect(asked.body).toContain('value="Eva"');
    expect(
      (await late.post(`${ROOM}/staff`, { verb: "add", login: "eva", name: "Eva", role: "nurse", password: "wrong", code: "1" })).status,
    ).toBe(401);
    expect(await roleOf("eva")).toBeUndefined();
    admin = await clerk(web, "admin");
  });

  test("an auditor sees who works here and changes nobody; a nurse sees the roster alone", async () => {
    const [auditor, nurse] = [await clerk(web, "auditor"), await clerk(web, "nurse")];
    expect((await auditor.get(`${ROOM}/staff`)).status).toBe(200);
    expect((await auditor.post(`${ROOM}/staff`, { verb: "disable", login: admin.login })).status).toBe(403);
    expect((await nurse.get(ROOM)).status).toBe(200);
    expect((await nurse.get(`${ROOM}/staff`)).status).toBe(403);
    expect((await nurse.get(`${ROOM}/keys`)).status).toBe(403);
  });
});

describe("keys and systems", () => {
  test("a key is made with scopes, shown once, and revoked", async () => {
    expect((await admin.post(`${ROOM}/keys`, { name: "the EHR", days: "90" })).status).toBe(400);
    const made = await admin.post(`${ROOM}/keys`, { name: "the EHR", days: "90", scope: "plans.read" });
    const secret = secretIn(made.body);
    const ask = () => fetch(`${web.url}/api/v1/clinics/aspen-ridge/series`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).toBe(200);
    expect((await admin.get(`${ROOM}/keys`)).body).not.toContain(secret);
    const [id] = secret.split(".");
    expect((await admin.post(`/console/keys/${id}/revoke`)).status).toBe(303);
    expect((await ask()).status).toBe(401);
  });

  test("a system at a host that is not allowed is refused, and the address stays typed", async () => {
    const refused = await admin.post(`${ROOM}/webhooks`, { url: "http://10.0.0.1/x", kind: "alert.raised" });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("http://10.0.0.1/x");
  });
});

test("the roster says who is on duty and what happens when nobody is", async () => {
  const { body } = await admin.get(ROOM);
  expect(body).toMatch(/on duty|Nobody is on the roster/);
  expect(body).toContain("The next person is asked after 10 minutes");
});

describeInBrowser("settings in a browser", (surfer) => {
  test.each(LOOKS)("have no barriers on %s", async (name, options) => {
    await lookAt(
      { web, who: admin, surfer, look: { name, options } },
      { roster: ROOM, staff: `${ROOM}/staff`, keys: `${ROOM}/keys`, webhooks: `${ROOM}/webhooks` },
    );
  });

  test("a key is made by keyboard alone", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, admin);
    await page.goto(`${web.url}${ROOM}/keys`);
    await page.locator("#name").focus();
    await page.keyboard.type("the board");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.locator("button", { hasText: "Make the key" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=copy the key now");
  });
});
