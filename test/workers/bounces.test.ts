import { createHash } from "node:crypto";
import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { insertProviderEvent } from "../../src/db/provider-events.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { repairReports } from "../../src/workers/record-delivery.ts";
import { type BounceWish, writeBounce } from "../channels/support/bounces.ts";
import { openWorld } from "../support/world.ts";
import { forgetTouchpoints, readTouchpoint, WELCOME_AT } from "./support/clinic-at-work.ts";
import { age, type Lost, readAttempts, sendWelcome, settle } from "./support/lost-answers.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await sql`delete from provider_events`.execute(db);
  await forgetTouchpoints(world);
});

/** As the mail server's pipe stores it. */
async function receive({ id }: Lost, wish: Partial<BounceWish> = {}): Promise<void> {
  const mail = writeBounce({ touchpointId: id, ...wish });
  const fingerprint = createHash("sha256").update(mail).digest();
  await insertProviderEvent(db, { provider: "smtp", deliveryId: null, fingerprint, body: mail.toString("latin1") }, vault);
  await sql`update provider_events set received_at = received_at - interval '6 seconds' where folded_at is null`.execute(db);
  await repairReports(world.deps);
}

async function emailOf(patientId: PatientId): Promise<string> {
  const { emailSealed } = await db.selectFrom("patients").select("emailSealed").where("id", "=", patientId).executeTakeFirstOrThrow();
  if (!emailSealed) expect.unreachable();
  return vault.open(emailSealed, { table: "patients", column: "email_sealed", row: patientId });
}

async function contactOf(patientId: PatientId) {
  return db
    .selectFrom("contactPoints")
    .select(["deadAt", "failures", "flaggedAt"])
    .where("patientId", "=", patientId)
    .where("person", "=", "patient")
    .where("channel", "=", "email")
    .executeTakeFirstOrThrow();
}

async function isStale(patientId: PatientId): Promise<boolean> {
  const row = await db
    .selectFrom("patients")
    .select(["planRevision", "plannedRevision"])
    .where("id", "=", patientId)
    .executeTakeFirstOrThrow();
  return row.planRevision !== row.plannedRevision;
}

const openTasks = () => db.selectFrom("tasks").select(["kind", "template"]).where("state", "=", "open").execute();

describe("a mail that comes back", () => {
  test("from a mailbox that does not exist marks the address dead, and the plan is made anew; the touchpoint stays sent", async () => {
    const ana = await sendWelcome(world, "email");
    await receive(ana, { to: await emailOf(ana.patientId) });
    expect(await readAttempts(world, ana.id)).toMatchObject([{ state: "sent", providerState: "bounced", providerCode: "5.1.1" }]);
    expect(await readTouchpoint(world, ana.id)).toMatchObject({ state: "sent" });
    expect(await contactOf(ana.patientId)).toEqual({ deadAt: WELCOME_AT, failures: 1, flaggedAt: WELCOME_AT });
    expect(await isStale(ana.patientId)).toBe(true);
    expect(await openTasks()).toEqual([{ kind: "review", template: "check-address" }]);
    await planPatientsOf(world.deps)({ patientIds: [ana.patientId] });
    const { rows } =
      await sql`select from touchpoints where patient_id = ${ana.patientId} and recipient = 'patient' and channel = 'email' and state = 'planned'`.execute(
        db,
      );
    expect(rows).toEqual([]);
  });

  test("from a full mailbox counts, and is looked at the third time", async () => {
    const ana = await sendWelcome(world, "email");
    await receive(ana, { to: await emailOf(ana.patientId), status: "5.2.2" });
    expect(await contactOf(ana.patientId)).toEqual({ deadAt: null, failures: 1, flaggedAt: null });
    expect(await isStale(ana.patientId)).toBe(true);
    expect(await openTasks()).toEqual([]);
  });

  test("only late is recorded, and nothing follows from it", async () => {
    const ana = await sendWelcome(world, "email");
    await receive(ana, { to: await emailOf(ana.patientId), action: "delayed", status: "4.4.1" });
    expect(await readAttempts(world, ana.id)).toMatchObject([{ providerState: "delayed", providerCode: "4.4.1" }]);
    expect(await contactOf(ana.patientId)).toMatchObject({ deadAt: null, failures: 0 });
    expect(await isStale(ana.patientId)).toBe(false);
  });

  test("because of us is no fault of the address, and is said aloud", async () => {
    const ana = await sendWelcome(world, "email");
    await receive(ana, { to: await emailOf(ana.patientId), status: "5.7.26" });
    expect(await contactOf(ana.patientId)).toMatchObject({ deadAt: null, failures: 0 });
    expect(await isStale(ana.patientId)).toBe(true);
    const lines = world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "sender.refused");
    expect(lines).toMatchObject([{ kind: "report", code: "5.7.26" }]);
  });

  test("about another address than the patient's says nothing of the patient's", async () => {
    const ana = await sendWelcome(world, "email");
    await receive(ana, { to: "somebody@elsewhere.test" });
    expect(await readAttempts(world, ana.id)).toMatchObject([{ providerState: "bounced" }]);
    expect(await contactOf(ana.patientId)).toMatchObject({ deadAt: null, failures: 0 });
  });

  test("twice, or after a report that it was late, is one that came back", async () => {
    const ana = await sendWelcome(world, "email");
    const to = await emailOf(ana.patientId);
    await receive(ana, { to, status: "5.2.2" });
    await receive(ana, { to, action: "delayed", status: "4.4.1" });
    await receive(ana, { to, status: "5.2.2", message: ["X-Queue: again"] });
    expect(await contactOf(ana.patientId)).toMatchObject({ failures: 1 });
    expect(await readAttempts(world, ana.id)).toMatchObject([{ providerState: "bounced" }]);
  });

  test("after its answer was lost was taken: nobody sends it again, and nobody has to ask", async () => {
    world.smtp.setFaults([{ does: "drop-after-accepting", times: 1 }]);
    const ana = await sendWelcome(world, "email", "hold");
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ held: 1 });
    await receive(ana, { to: await emailOf(ana.patientId), status: "5.2.2" });
    expect(await readTouchpoint(world, ana.id)).toMatchObject({ state: "sent" });
    expect(await openTasks()).toEqual([]);
  });
});

test("what is no report is put aside, and said in the log without a word of it", async () => {
  const ana = await sendWelcome(world, "email");
  await receive(ana, { action: "banana" });
  expect(await readAttempts(world, ana.id)).toMatchObject([{ providerState: null }]);
  const { rows } = await sql`select from provider_events where folded_at is null`.execute(db);
  expect(rows).toEqual([]);
  expect(world.logged.join("")).toContain("report.unread");
  expect(world.logged.join("")).not.toContain("ben@mail.test");
});
