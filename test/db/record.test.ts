import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { type Claim, claimTouchpoints, recordEvidence } from "../../src/db/sends.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import { cloneDatabase } from "../support/database.ts";
import { evidenceOf } from "./support/evidence.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, storePerson, storeTouchpoint } from "./support/stored-rows.ts";
import { byText } from "../support/by-text.ts";

const { db } = await cloneDatabase();
const clinic = await storeClinic(db);
const person = await storePerson(db, clinic);
const of = { workerId: newId<"worker">(), channel: "sms" } as const;

beforeEach(async () => {
  await sql`update clinic_clock set mode = 'real', scale = 1`.execute(db);
  await setSteppedClock(db, NOW);
});

async function claimOne(): Promise<Claim> {
  const claim = claimOf(await storeTouchpoint(db, person));
  expect(await claimTouchpoints(db, [claim], of)).toHaveLength(1);
  return claim;
}

async function read({ id }: Claim) {
  const columns = ["state", "reason", "tryAt", "hintedAt", "attempts"] as const;
  return db.selectFrom("touchpoints").select(columns).where("id", "=", id).executeTakeFirstOrThrow();
}

async function readDelivery({ deliveryId }: Claim) {
  const columns = ["state", "code", "providerMessageId", "latenessMs"] as const;
  return db.selectFrom("deliveries").select(columns).where("id", "=", deliveryId).executeTakeFirstOrThrow();
}

describe("recording what a provider said", () => {
  test("ends the touchpoint and its delivery, each with its own word, in one statement for many", async () => {
    const [sent, failed] = [await claimOne(), await claimOne()];
    const refused = evidenceOf(failed, { touchpointState: "failed", reason: "bad-address", code: "21211" });
    const accepted = evidenceOf(sent);
    expect([...(await recordEvidence(db, [accepted, refused])).touchpoints].toSorted(byText)).toEqual(
      [sent.id, failed.id].toSorted(byText),
    );
    expect(await read(sent)).toMatchObject({ state: "sent", reason: null });
    expect(await readDelivery(sent)).toEqual({ state: "sent", code: null, providerMessageId: accepted.providerMessageId, latenessMs: 5 });
    expect(await read(failed)).toMatchObject({ state: "failed", reason: "bad-address" });
    expect(await readDelivery(failed)).toMatchObject({ state: "refused", code: "21211" });
  });

  test("a repeat changes nothing", async () => {
    const claim = await claimOne();
    await recordEvidence(db, [evidenceOf(claim)]);
    expect(await recordEvidence(db, [evidenceOf(claim, { touchpointState: "failed", reason: "refused" })])).toEqual({
      touchpoints: [],
      deliveries: [],
    });
    expect(await read(claim)).toMatchObject({ state: "sent" });
    expect(await readDelivery(claim)).toMatchObject({ state: "sent" });
  });

  test("late evidence settles an unknown of the same attempt", async () => {
    const claim = await claimOne();
    await recordEvidence(db, [evidenceOf(claim, { touchpointState: "unknown", reason: "no-answer", code: "ETIMEDOUT" })]);
    expect(await read(claim)).toMatchObject({ state: "unknown", reason: "no-answer" });
    await recordEvidence(db, [evidenceOf(claim)]);
    expect(await read(claim)).toMatchObject({ state: "sent", reason: null });
    expect(await readDelivery(claim)).toMatchObject({ state: "sent" });
  });

  test("a refusal that comes late ends what staff are asked about; that it was not accepted leaves that to them", async () => {
    const [refused, throttled] = [await claimOne(), await claimOne()];
    await recordEvidence(
      db,
      [refused, throttled].map((claim) => evidenceOf(claim, { touchpointState: "unknown", reason: "no-answer" })),
    );
    await sql`update touchpoints set state = 'held', reason = 'unknown' where state = 'unknown'`.execute(db);
    await recordEvidence(db, [
      evidenceOf(refused, { touchpointState: "failed", reason: "bad-address" }),
      evidenceOf(throttled, { touchpointState: "planned" }),
    ]);
    expect(await read(refused)).toMatchObject({ state: "failed", reason: "bad-address" });
    expect(await read(throttled)).toMatchObject({ state: "held", reason: "unknown" });
  });

  test("evidence of another attempt settles its own delivery and leaves the touchpoint alone", async () => {
    const first = await claimOne();
    await recordEvidence(db, [evidenceOf(first, { touchpointState: "unknown" })]);
    await sql`update touchpoints set state = 'planned' where id = ${first.id}`.execute(db);
    const second = claimOf(first.id);
    expect(await claimTouchpoints(db, [second], of)).toEqual([{ id: first.id, attempt: 2 }]);
    const late = await recordEvidence(db, [evidenceOf(first, { attempt: 1 })]);
    expect(late).toEqual({ touchpoints: [], deliveries: [first.deliveryId] });
    expect(await read(first)).toMatchObject({ state: "sending", attempts: 2 });
    expect(await readDelivery(first)).toMatchObject({ state: "sent" });
    expect(await readDelivery(second)).toMatchObject({ state: "sending" });
  });
});

describe("a message that was provably not accepted", () => {
  const notYet = (claim: Claim, backOffSeconds: number) =>
    recordEvidence(db, [evidenceOf(claim, { touchpointState: "planned", backOffSeconds })]);

  test("is planned again after its back-off, in clinic time, and asks for a hint of its own", async () => {
    const claim = await claimOne();
    await sql`update touchpoints set hinted_at = now() where id = ${claim.id}`.execute(db);
    await notYet(claim, 30);
    expect(await read(claim)).toMatchObject({ state: "planned", tryAt: NOW + 30_000, hintedAt: null });
  });

  test("waits for as long in machine time when clinic time runs faster", async () => {
    await sql`update clinic_clock set mode = 'scaled', scale = 60, machine_at = clock_timestamp()`.execute(db);
    const claim = await claimOne();
    await notYet(claim, 30);
    const { tryAt } = await read(claim);
    expect(tryAt).toBeGreaterThanOrEqual(NOW + 30 * MINUTE);
    expect(tryAt).toBeLessThan(NOW + HOUR);
  });

  test("is tried no later than its last moment, so that it ends then and not when the back-off is over", async () => {
    const claim = await claimOne();
    await notYet(claim, 7_200);
    expect(await read(claim)).toMatchObject({ tryAt: instant(NOW + HOUR) });
  });
});
