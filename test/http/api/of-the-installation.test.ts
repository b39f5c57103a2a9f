import { beforeAll, describe, expect, test } from "vitest";
import { getApprovals, insertApproval } from "../../../src/db/approvals.ts";
import { readClinicTime } from "../../../src/db/clinic-clock.ts";
import { findClinic } from "../../../src/db/clinics.ts";
import { loadSafety } from "../../../src/db/safety-settings.ts";
import { transact } from "../../../src/db/transact.ts";
import { formatInstant } from "../../../src/domain/calendar.ts";
import { findGap } from "../../../src/domain/roster.ts";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";
import { ask, setStage, signInEverywhere, type Stage } from "./support.ts";

let stage: Stage;
let everywhere: SignedIn;
let clinician: SignedIn;

beforeAll(async () => {
  stage = await setStage(await startWeb({ api: { callsAMinute: 1_000_000 } }));
  everywhere = await signInEverywhere(stage);
  clinician = await signInAs(stage.web, { role: "clinician" });
});

const post = (path: string, body?: unknown) =>
  ask(stage.web, `POST ${path}`, { headers: everywhere.headers, ...(body === undefined ? {} : { body }) });

describe("the queues over the API", () => {
  test("are listed, paused, resumed and retried, first shown, by whoever may at every clinic", async () => {
    const list = async () => {
      const { body } = await ask(stage.web, "GET /queues", { headers: everywhere.headers });
      return (body["queues"] as { name: string; paused: boolean }[]).flatMap(({ name, paused }) => (paused ? [name] : []));
    };
    expect(await list()).toEqual([]);
    expect(await post("/queues/send-email/pause?dryRun=true")).toMatchObject({ status: 200, body: { kind: "steered", dryRun: true } });
    expect(await list()).toEqual([]);
    expect((await post("/queues/send-email/pause")).body).toMatchObject({ kind: "steered", queue: { name: "send-email" } });
    expect(await list()).toEqual(["send-email"]);
    expect((await post("/queues/send-email/pause")).body).toMatchObject({ kind: "same" });
    expect((await post("/queues/send-email/resume")).body).toMatchObject({ kind: "steered" });
    expect(await list()).toEqual([]);
    expect((await post("/queues/send-email/retry")).body).toMatchObject({ kind: "same" });
    expect((await post("/queues/requeue", { channel: "sms", backedOff: true })).body).toMatchObject({ due: [], rested: [], dryRun: false });
    const told = await stage.web.db
      .selectFrom("events")
      .select("kind")
      .where("actor", "=", `staff:${everywhere.login}`)
      .orderBy("id")
      .execute();
    expect(told.map(({ kind }) => kind)).toEqual(["queue.paused", "queue.resumed", "queue.requeued"]);
  });

  test("that pages staff is never paused, and one that is none is refused with what there is", async () => {
    expect(await post("/queues/page-staff/pause")).toMatchObject({ status: 422, body: { faults: [{ path: "queue" }] } });
    expect((await post("/queues/sendemail/pause")).text).toContain("did you mean send-email?");
  });

  test("are nobody's who has one clinic alone", async () => {
    expect((await ask(stage.web, "GET /queues", { headers: clinician.headers })).status).toBe(403);
  });
});

describe("the roster over the API", () => {
  test("says the first hour for which nobody is on it, within as many days as are asked for", async () => {
    const check = (query: string) => ask(stage.web, `GET /clinics/aspen-ridge/roster/check${query}`, { headers: clinician.headers });
    expect((await check("")).body).toMatchObject({ days: 28 });
    expect((await check("?days=400")).status).toBe(422);
    const { db, vault } = stage.web;
    const [other, { now }] = [await findClinic(db, "bell-harbor"), await readClinicTime(db)];
    if (!other) expect.unreachable();
    const gap = findGap(await loadSafety(db, other.id, vault), other, { from: now, days: 3 });
    const bare = await ask(stage.web, "GET /clinics/bell-harbor/roster/check?days=3", { headers: everywhere.headers });
    expect(bare.body).toEqual({ days: 3, covered: gap === undefined, firstGap: gap === undefined ? null : formatInstant(gap) });
    expect(gap).toBeDefined();
  });

  test("shows who is on duty at another moment, whether they can be reached, and no number", async () => {
    const answer = await ask(stage.web, "GET /clinics/aspen-ridge/roster?at=2027-01-09T23:00-07:00", { headers: clinician.headers });
    expect(answer.body).toMatchObject({ at: "2027-01-10T06:00:00.000Z" });
    expect(answer.text).not.toMatch(/\+1\d{10}|@/);
  });

  test("pages everybody with a test for whoever may change it, and for nobody else", async () => {
    const page = (who: SignedIn, body: unknown) => ask(stage.web, "POST /clinics/aspen-ridge/roster/test", { headers: who.headers, body });
    expect((await page(clinician, {})).body).toEqual({ pages: [{ name: "Sam Ortiz", channel: "sms", outcome: "sent", code: null }] });
    expect(await page(clinician, { person: "Nobody" })).toMatchObject({ status: 422, body: { faults: [{ path: "person" }] } });
    const nurse = await signInAs(stage.web, { role: "nurse" });
    expect((await page(nurse, {})).status).toBe(403);
  });
});

describe("all series of a clinic that are on a version", () => {
  const migrate = (query: string, to = "iv-ketamine@2") =>
    ask(stage.web, `POST /clinics/aspen-ridge/series/migrate${query}`, { headers: clinician.headers, body: { from: "iv-ketamine@1", to } });

  test("are refused one by one where the version is not approved, and none is changed", async () => {
    expect(await migrate("")).toMatchObject({
      status: 200,
      body: { entries: [{ kind: "refused", faults: [{ path: "to" }] }], next: null },
    });
    expect((await migrate("", "iv-ketamine")).status).toBe(422);
    expect((await migrate("?limit=51")).status).toBe(422);
  });

  test("go on with another that is, first shown, and a repeat finds none left", async () => {
    const { db } = stage.web;
    const { approvalId } = await db
      .selectFrom("series")
      .select("approvalId")
      .where("id", "=", stage.enqueued.seriesId)
      .executeTakeFirstOrThrow();
    const row = await db.selectFrom("protocolApprovals").select("content").where("id", "=", approvalId).executeTakeFirstOrThrow();
    expect((await getApprovals(db, [approvalId])).size).toBe(1);
    const file = { ...(row.content as object), version: 2 } as Parameters<typeof insertApproval>[1]["file"];
    await transact(db, (tx) => insertApproval(tx, { clinicId: stage.clinicId, file, templates: {}, hash: "v2", by: "Dr. Lee, clinician" }));
    const shown = await migrate("?dryRun=true");
    expect(shown.body).toMatchObject({ entries: [{ series: stage.ids["series"], kind: "changed" }], dryRun: true });
    expect((await migrate("")).body).toMatchObject({ entries: [{ kind: "changed" }], next: null, dryRun: false });
    expect((await migrate("")).body).toEqual({ entries: [], next: null, dryRun: false });
  });
});
