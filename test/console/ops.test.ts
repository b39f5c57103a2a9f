import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { findClinic } from "../../src/db/clinics.ts";
import { listSwitches } from "../../src/db/switches.ts";
import { registerWorker } from "../../src/db/workers.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { makeOpsReader } from "../../src/http/console/ops-view.ts";
import { sayCode } from "../../src/http/console/code-words.ts";
import { meaningOfTwilioCode } from "../../src/channels/twilio-codes.ts";
import { steerQueue } from "../../src/producers/steer-queue.ts";
import { enqueueExample, openClinic, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { DESKTOP, describeInBrowser, findBarriers, PHONE } from "../support/browser.ts";
import { at } from "../support/world.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "./support/console-visitor.ts";

let web: Web;
let admin: Clerk;
let nurse: Clerk;
const OPS = "/console/clinics/aspen-ridge/ops";

beforeAll(async () => {
  const { url } = await freeBaseUrl();
  web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  await openClinic(web, ["iv-ketamine", "im-ketamine"]);
  await enqueueExample(web, "ana-iv");
  await enqueueExample(web, "ben-im");
  await stepClock(web.db, at("2027-01-11T15:30:00Z"));
  admin = await clerk(web, "admin");
  nurse = await clerk(web, "nurse");
});

const eventsOf = async (kind: string) =>
  (await sql<{ actor: string; data: unknown }>`select actor, data from events where kind = ${kind} order by id`.execute(web.db)).rows;

describe("the page Queues", () => {
  test("says that nobody works, how much is ready and that nothing is switched off", async () => {
    const page = await admin.get(OPS);
    expect(page.status).toBe(200);
    expect(page.body).toContain("No worker is alive");
    expect(page.body).toContain("Nothing is switched off");
    expect(page.body).toContain("Will miss, 2 h");
    expect(page.body).toContain("page-staff");
    expect(page.body.length).toBeLessThan(150_000);
  });

  test("names nobody, and no word of anybody's health", async () => {
    const { body } = await admin.get(OPS);
    expect(body).not.toMatch(/Ana|Ben|ketamine|depress/i);
  });

  test("shows workers that differ in their version, and one whose clock is off", async () => {
    await registerWorker(web.db, { role: "worker", version: "9.9.1" });
    const slow = await registerWorker(web.db, { role: "worker", version: "9.9.2" });
    await sql`update workers set skew_ms = 4000 where id = ${slow}`.execute(web.db);
    const { body } = await admin.get(OPS);
    expect(body).toContain("2 versions");
    expect(body).toContain("claims nothing");
    await sql`update workers set stopped_at = clock_timestamp()`.execute(web.db);
  });

  test("is not for the front desk, and a nurse may look and stop, but steer nothing", async () => {
    const desk = await clerk(web, "front-desk");
    expect((await desk.get(OPS)).status).toBe(403);
    const { body } = await nurse.get(OPS);
    expect(body).toContain("See what it stops");
    expect(body).not.toContain("verb=pause");
    expect((await nurse.get(`${OPS}/queue?verb=pause&name=send-sms`)).status).toBe(403);
    expect((await nurse.post(`${OPS}/queue`, { verb: "pause", name: "send-sms" })).status).toBe(403);
  });

  test("says that safe mode is on before everything else", async () => {
    await sql`update clinic_clock set safe_mode_since = afterglow_now(), safe_mode_reason = 'it was copied into another database'`.execute(
      web.db,
    );
    const { body } = await admin.get(OPS);
    await sql`update clinic_clock set safe_mode_since = null, safe_mode_reason = null`.execute(web.db);
    expect(body.indexOf("Safe mode is on")).toBeGreaterThan(0);
    expect(body.indexOf("Safe mode is on")).toBeLessThan(body.indexOf("Backlog"));
  });
});

describe("what was sent and what was not", () => {
  beforeAll(async () => {
    await sql`
      insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, provider_state, code, lateness_ms, content_hash)
      select v.id, gen_random_uuid(), (select id from clinics limit 1), gen_random_uuid(), 1, v.channel, v.state, v.provider_state, v.code, v.lateness_ms, ''::bytea
      from (values (${newId()}::uuid, 'sms', 'sent', 'delivered', null, 40), (${newId()}::uuid, 'sms', 'sent', 'undelivered', '30006', 2500), (${newId()}::uuid, 'email', 'refused', null, '5.1.1', 90))
        as v (id, channel, state, provider_state, code, lateness_ms)`.execute(web.db);
    await sql`
      update touchpoints set state = 'suppressed', reason = 'over-budget'
      where id = (select id from touchpoints where state = 'planned' and channel = 'sms' order by due_at desc limit 1)`.execute(web.db);
    await sql`
      update touchpoints set state = 'held', reason = 'patient-hold'
      where id = (select id from touchpoints where state = 'planned' and channel = 'sms' order by due_at desc limit 1)`.execute(web.db);
    await registerWorker(web.db, { role: "worker", version: "9.9.1" });
  });

  test("is told with the meaning of every code and reason, and how late it was", async () => {
    // The page keeps its numbers for some seconds, and what ended unsent for a minute: this is another process.
    const read = makeOpsReader(web);
    const clinic = (await findClinic(web.db, "aspen-ridge")) ?? expect.unreachable();
    const { numbers, unsent } = await read(clinic.id);
    expect(numbers?.codes).toEqual([
      { channel: "email", code: "5.1.1", count: 1 },
      { channel: "sms", code: "30006", count: 1 },
    ]);
    expect(unsent).toContainEqual({ state: "suppressed", reason: "over-budget", count: 1 });
    await expect.poll(async () => (await admin.get(OPS)).body, { timeout: 15_000, interval: 500 }).toContain("a landline, or a carrier");
    const { body } = await admin.get(OPS);
    expect(body).toContain("no such mailbox");
    expect(body).toContain("the patient is on hold");
    expect(body).toContain("2.5 s");
  });
});

describe("stopping", () => {
  test("shows first what it stops, asks for a reason, stops it, and lets it go on", async () => {
    const preview = await nurse.get(`${OPS}/stop?what=channel%3Asms`);
    expect(preview.body).toMatch(/Planned messages of it<\/dt><dd>[1-9]\d*/);
    expect(await listSwitches(web.db)).toEqual([]);
    const nameless = await nurse.post(`${OPS}/stop`, { what: "channel:sms", reason: "" });
    expect(nameless.status).toBe(422);
    expect(nameless.body).toContain("Expected:");
    expect(await listSwitches(web.db)).toEqual([]);
    const done = await nurse.post(`${OPS}/stop`, { what: "channel:sms", reason: "texts arrive twice" });
    expect(done).toMatchObject({ status: 303, location: `${OPS}?done=stopped` });
    const [off] = await listSwitches(web.db);
    expect(off).toMatchObject({ scope: "channel", subject: "sms", reason: "texts arrive twice", actor: `staff:${nurse.login}` });
    expect((await nurse.get(OPS)).body).toContain("Texts of this clinic");
    expect((await nurse.get(`${OPS}/stop?what=channel%3Asms`)).body).toContain("off already");
    if (!off) expect.unreachable();
    const id = toPublicId("switch", off.id);
    expect((await nurse.post(`${OPS}/resume`, { switch: id })).status).toBe(403);
    expect((await admin.get(`${OPS}/resume?switch=${id}`)).body).toContain("texts arrive twice");
    expect((await listSwitches(web.db)).length).toBe(1);
    expect((await admin.post(`${OPS}/resume`, { switch: id })).location).toBe(`${OPS}?done=resumed`);
    expect(await listSwitches(web.db)).toEqual([]);
    expect((await admin.post(`${OPS}/resume`, { switch: id })).status).toBe(409);
  });

  test("refuses what it does not know", async () => {
    expect((await nurse.get(`${OPS}/stop?what=template%3Aday-befor`)).status).toBe(409);
    expect((await nurse.get(`${OPS}/stop?what=channel%3Afax`)).status).toBe(409);
    expect((await nurse.get(`${OPS}/stop`)).status).toBe(409);
  });
});

describe("steering the queues", () => {
  test("pauses and resumes after a preview, and the audit says who", async () => {
    expect((await admin.get(`${OPS}/queue?verb=pause&name=send-sms`)).body).toContain("Pause this queue");
    expect(await web.queues.controls("send-sms").isPaused()).toBe(false);
    expect((await admin.post(`${OPS}/queue`, { verb: "pause", name: "send-sms" })).location).toBe(`${OPS}?done=pause`);
    expect(await web.queues.controls("send-sms").isPaused()).toBe(true);
    expect((await admin.get(`${OPS}/queue?verb=pause&name=send-sms`)).status).toBe(409);
    expect((await admin.post(`${OPS}/queue`, { verb: "resume", name: "send-sms" })).location).toBe(`${OPS}?done=resume`);
    expect(await web.queues.controls("send-sms").isPaused()).toBe(false);
    expect(await eventsOf("queue.paused")).toEqual([{ actor: `staff:${admin.login}`, data: { queue: "send-sms", count: 0 } }]);
  });

  test("pauses never the queue that pages people", async () => {
    expect((await admin.post(`${OPS}/queue`, { verb: "pause", name: "page-staff" })).status).toBe(409);
    expect(await web.queues.controls("page-staff").isPaused()).toBe(false);
    expect(await steerQueue(web, { name: "page-staf", verb: "pause" }, { actor: "test", dryRun: true })).toMatchObject({
      kind: "refused",
      faults: [{ expected: expect.stringContaining("did you mean page-staff?") }],
    });
  });

  test("hints again what is due: the preview leaves the rows alone, the deed forgets their hints", async () => {
    const { rows } = await sql<{ id: string }>`
      update touchpoints set hinted_at = clock_timestamp() where id in (
        select id from claimable_touchpoints where channel in ('sms', 'email') and try_at <= afterglow_now() and legal_at @> afterglow_now()) returning id`.execute(
      web.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    const hinted = async () =>
      (await sql<{ count: number }>`select count(*)::integer as count from touchpoints where hinted_at is not null`.execute(web.db)).rows[0]
        ?.count;
    const before = await hinted();
    const preview = await admin.get(`${OPS}/queue?verb=requeue`);
    expect(preview.body).toMatch(new RegExp(`Due, hinted, unclaimed</dt><dd>${rows.length}<`));
    expect(await hinted()).toBe(before);
    expect((await admin.post(`${OPS}/queue`, { verb: "requeue" })).location).toBe(`${OPS}?done=requeued`);
    expect(await hinted()).toBe((before ?? 0) - rows.length);
  });
});

test("every code that the text channel knows has words", () => {
  const codes = Array.from({ length: 90_010 }, (_, code) => code).filter((code) => meaningOfTwilioCode(code));
  expect(codes.length).toBeGreaterThan(30);
  expect(codes.filter((code) => sayCode("sms", String(code)) === undefined)).toEqual([]);
  expect(sayCode("email", "535 5.7.8")).toContain("credentials");
  expect(sayCode("email", "nothing")).toBeUndefined();
});

describeInBrowser("the page Queues in a browser", (surfer) => {
  test.each([
    ["phone", { ...PHONE, colorScheme: "light" as const }],
    ["desktop", { ...DESKTOP, colorScheme: "light" as const }],
    ["desktop-dark", { ...DESKTOP, colorScheme: "dark" as const }],
  ])("has no barriers on a %s", async (name, look) => {
    const page = await surfer.open(look);
    await bringIn(page, web, admin);
    for (const [at, path] of [
      ["ops", OPS],
      ["ops-stop", `${OPS}/stop?what=channel%3Asms`],
    ] as const) {
      await page.goto(web.url + path);
      if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/${at}-${name}.png`, fullPage: true });
      expect(await findBarriers(page)).toEqual([]);
    }
  });

  test("is stopped and let go on with the keyboard alone", async () => {
    const page = await surfer.open(DESKTOP);
    await bringIn(page, web, admin);
    await page.goto(web.url + OPS);
    await page.getByLabel("Stop").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByLabel("Why").focus();
    await page.keyboard.type("wrong times");
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=stopped/);
    expect(await page.getByText("wrong times").count()).toBe(1);
    await page.getByRole("link", { name: "See what would go on" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Let it go on" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/done=resumed/);
    expect(await listSwitches(web.db)).toEqual([]);
  });
});
