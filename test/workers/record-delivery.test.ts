import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { insertProviderEvent } from "../../src/db/provider-events.ts";
import { type Claim, claimTouchpoints, recordEvidence } from "../../src/db/sends.ts";
import type { ProviderEventId } from "../../src/domain/ids.ts";
import { recordDeliveriesOf, repairReports } from "../../src/workers/record-delivery.ts";
import { settleUnknown } from "../../src/workers/settle-unknown.ts";
import { evidenceOf } from "../db/support/evidence.ts";
import { claimOf, storePerson, storeTouchpoint } from "../db/support/stored-rows.ts";
import { NOW, storeClinic } from "../db/support/stored-clinic.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
const clinic = await storeClinic(db);
const person = await storePerson(db, clinic);
const record = recordDeliveriesOf(world.deps);

beforeEach(async () => {
  await sql`delete from provider_events`.execute(db);
  await setSteppedClock(db, NOW);
});

type Word = { readonly state: string; readonly code?: string };

/** Stores a report as the webhook does; a repeat is none. */
async function store(claim: Claim, sid: string, { state, code }: Word): Promise<ProviderEventId[]> {
  const body = JSON.stringify({ MessageSid: sid, MessageStatus: state, To: "+13035550111", ...(code && { ErrorCode: code }) });
  const fingerprint = Buffer.from([sid, state, code ?? ""].join("/"));
  return [await insertProviderEvent(db, { provider: "twilio", deliveryId: claim.deliveryId, fingerprint, body }, vault)].filter(
    (id) => id !== undefined,
  );
}

const sidOf = (index: number) => `SM${index.toString(16).padStart(32, "0")}`;
let made = 0;

async function claimTexts(count: number): Promise<{ claim: Claim; sid: string }[]> {
  const claims = await Promise.all(Array.from({ length: count }, async () => claimOf(await storeTouchpoint(db, person))));
  expect(await claimTouchpoints(db, claims, { workerId: newId<"worker">(), channel: "sms" })).toHaveLength(count);
  return claims.map((claim) => ({ claim, sid: sidOf(++made) }));
}

async function claimText(): Promise<{ claim: Claim; sid: string }> {
  const [one] = await claimTexts(1);
  if (!one) expect.unreachable();
  return one;
}

async function standing({ id, deliveryId }: Claim) {
  const touchpoint = await db.selectFrom("touchpoints").select(["state", "reason"]).where("id", "=", id).executeTakeFirstOrThrow();
  const columns = ["state", "rank", "providerState", "providerCode", "providerMessageId", "calledAt"] as const;
  const delivery = await db.selectFrom("deliveries").select(columns).where("id", "=", deliveryId).executeTakeFirstOrThrow();
  return { touchpoint, delivery };
}

/** Everything that waits is older than a lost hint. */
async function repair() {
  await sql`update provider_events set received_at = received_at - interval '6 seconds' where folded_at is null`.execute(db);
  return repairReports(world.deps);
}

async function hear(claim: Claim, sid: string, ...words: readonly Word[]): Promise<void> {
  for (const word of words) await record({ eventIds: await store(claim, sid, word) });
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe("what a provider reports", () => {
  test("is kept with the delivery: how far it came, the code, and the provider's id", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { providerMessageId: sid })]);
    await hear(claim, sid, { state: "sent" }, { state: "undelivered", code: "30003" });
    expect(await standing(claim)).toMatchObject({
      touchpoint: { state: "sent" },
      delivery: { state: "sent", providerState: "undelivered", providerCode: "30003", providerMessageId: sid },
    });
  });

  test("of an attempt that is under way waits for the attempt's own record", async () => {
    const { claim, sid } = await claimText();
    await hear(claim, sid, { state: "delivered" });
    expect((await repair()).folded).toBe(0);
    expect(await standing(claim)).toMatchObject({ touchpoint: { state: "sending" }, delivery: { state: "sending", providerState: null } });
    await recordEvidence(db, [evidenceOf(claim, { providerMessageId: sid })]);
    expect((await repair()).folded).toBe(1);
    expect(await standing(claim)).toMatchObject({ touchpoint: { state: "sent" }, delivery: { state: "sent", providerState: "delivered" } });
  });

  test.each(["queued", "sent", "undelivered", "failed"])(
    "settles an unknown, also with '%s': there is a message, so it was taken",
    async (state) => {
      const { claim, sid } = await claimText();
      await recordEvidence(db, [evidenceOf(claim, { touchpointState: "unknown", reason: "no-answer" })]);
      await hear(claim, sid, { state });
      expect(await standing(claim)).toMatchObject({
        touchpoint: { state: "sent", reason: null },
        delivery: { state: "sent", providerState: state, providerMessageId: sid },
      });
    },
  );

  test("of a first attempt ends the second before it is claimed, and leaves it alone after", async () => {
    const [before, after] = await claimTexts(2);
    if (!before || !after) expect.unreachable();
    for (const { claim } of [before, after]) {
      await recordEvidence(db, [evidenceOf(claim, { touchpointState: "unknown" })]);
      await sql`update touchpoints set state = 'planned', resends = 1 where id = ${claim.id}`.execute(db);
    }
    await hear(before.claim, before.sid, { state: "sent" });
    expect(await standing(before.claim)).toMatchObject({ touchpoint: { state: "sent" } });
    expect(await claimTouchpoints(db, [claimOf(before.claim.id)], { workerId: newId<"worker">(), channel: "sms" })).toEqual([]);
    const again = claimOf(after.claim.id);
    expect(await claimTouchpoints(db, [again], { workerId: newId<"worker">(), channel: "sms" })).toHaveLength(1);
    await hear(after.claim, after.sid, { state: "sent" });
    expect(await standing(after.claim)).toMatchObject({ touchpoint: { state: "sending" }, delivery: { state: "sent" } });
    expect(await standing(again)).toMatchObject({ delivery: { state: "sending" } });
  });

  test("of an attempt proven while its re-send was turned away ends it, instead of a third", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { touchpointState: "unknown" })]);
    await sql`update touchpoints set state = 'planned', resends = 1 where id = ${claim.id}`.execute(db);
    const again = claimOf(claim.id);
    await claimTouchpoints(db, [again], { workerId: newId<"worker">(), channel: "sms" });
    await hear(claim, sid, { state: "sent" });
    await recordEvidence(db, [evidenceOf(again, { attempt: 2, touchpointState: "planned", backOffSeconds: 30 })]);
    expect(await standing(claim)).toMatchObject({ touchpoint: { state: "planned" } });
    expect(await settleUnknown(world.deps)).toMatchObject({ sent: 1 });
    expect(await standing(claim)).toMatchObject({ touchpoint: { state: "sent" } });
  });

  test("never brings back what a fact has ended", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { touchpointState: "unknown" })]);
    await sql`update touchpoints set unwanted_at = clock_timestamp(), state = 'superseded' where id = ${claim.id}`.execute(db);
    await hear(claim, sid, { state: "delivered" });
    expect(await standing(claim)).toMatchObject({
      touchpoint: { state: "superseded" },
      delivery: { state: "sent", providerState: "delivered" },
    });
  });

  test("of no delivery of ours, or in no form that can be read, is put aside and keeps nothing else from being folded", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { providerMessageId: sid })]);
    const foreign = {
      id: newId<"touchpoint">(),
      deliveryId: newId<"delivery">(),
      contentHash: Buffer.alloc(0),
      addressIndex: Buffer.alloc(0),
      version: null,
    };
    const eventIds = [...(await store(foreign, sidOf(++made), { state: "sent" })), ...(await store(claim, sid, { state: "delivered" }))];
    const broken = await insertProviderEvent(
      db,
      { provider: "twilio", deliveryId: claim.deliveryId, fingerprint: Buffer.from("x"), body: "{" },
      vault,
    );
    if (!broken) expect.unreachable();
    expect(await record({ eventIds: [broken, ...eventIds] })).toEqual({ folded: 2 });
    expect(await standing(claim)).toMatchObject({ delivery: { providerState: "delivered" } });
    expect((await repair()).folded).toBe(0);
  });

  test("of a message whose sid another delivery has leaves that id where it is", async () => {
    const [one, other] = await claimTexts(2);
    if (!one || !other) expect.unreachable();
    await recordEvidence(db, [
      evidenceOf(one.claim, { providerMessageId: one.sid }),
      evidenceOf(other.claim, { touchpointState: "unknown" }),
    ]);
    await hear(other.claim, one.sid, { state: "sent" });
    expect(await standing(other.claim)).toMatchObject({ touchpoint: { state: "sent" }, delivery: { providerMessageId: null } });
    expect(await standing(one.claim)).toMatchObject({ delivery: { providerMessageId: one.sid } });
  });
});

describe("in every order, before and after our own record", () => {
  const reports: readonly (readonly [string, readonly Word[], string])[] = [
    ["a text that arrived", [{ state: "queued" }, { state: "sent" }, { state: "delivered" }, { state: "sent" }], "delivered"],
    ["a text that was read", [{ state: "sent" }, { state: "delivered" }, { state: "read" }, { state: "delivered" }], "read"],
    [
      "a text that did not arrive",
      [{ state: "queued" }, { state: "sending" }, { state: "sent" }, { state: "undelivered", code: "30003" }],
      "undelivered",
    ],
    [
      "a text that was given up at once",
      [{ state: "queued" }, { state: "failed", code: "30007" }, { state: "failed", code: "30007" }],
      "failed",
    ],
    [
      "a text of which two things are said",
      [{ state: "undelivered", code: "30008" }, { state: "delivered" }, { state: "sent" }, { state: "undelivered" }],
      "delivered",
    ],
    [
      "five reports of one text",
      [{ state: "accepted" }, { state: "queued" }, { state: "sending" }, { state: "sent" }, { state: "delivered" }],
      "delivered",
    ],
  ];

  test.each(reports)("%s ends in one state", async (_, words, providerState) => {
    // Of five, our own record is the first or the last; of fewer it stands at every place.
    const places = words.length < 5 ? [...Array(words.length + 1).keys()] : [0, words.length];
    const cases = permutations(words).flatMap((order) => places.map((ownAt) => ({ order, ownAt })));
    const seen = new Set<string>();
    for (const own of ["sent", "unknown"] as const) {
      const texts = await claimTexts(cases.length);
      for (let step = 0; step <= words.length; step++) {
        const now = texts.filter((_text, index) => cases[index]?.ownAt === step);
        await recordEvidence(
          db,
          now.map(({ claim, sid }) => evidenceOf(claim, { touchpointState: own, providerMessageId: own === "sent" ? sid : null })),
        );
        const ids = (
          await Promise.all(
            texts.map(async ({ claim, sid }, index) => {
              const word = cases[index]?.order[step];
              return word ? store(claim, sid, word) : [];
            }),
          )
        ).flat();
        for (let at = 0; at < ids.length; at += 50) await record({ eventIds: ids.slice(at, at + 50) });
      }
      while ((await repair()).folded > 0);
      for (const { claim, sid } of texts) {
        const { touchpoint, delivery } = await standing(claim);
        expect(delivery).toMatchObject({ state: "sent", providerState, providerMessageId: sid });
        expect(touchpoint).toEqual({ state: "sent", reason: null });
        expect(delivery.calledAt).not.toBeNull();
        seen.add(JSON.stringify({ touchpoint, ...delivery, providerMessageId: null }));
      }
    }
    expect([...seen]).toHaveLength(1);
  });
});

describe("the inbox", () => {
  test("is folded once, however many workers are told of it at once", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { providerMessageId: sid })]);
    const eventIds = await store(claim, sid, { state: "undelivered", code: "30003" });
    const before = await revisionOf();
    const results = await Promise.all(Array.from({ length: 6 }, () => record({ eventIds })));
    expect(results.reduce((sum, { folded }) => sum + folded, 0)).toBe(1);
    expect(await revisionOf()).toBe(before + 1);
  });

  test("finds what lost its hint after five seconds and not before", async () => {
    const { claim, sid } = await claimText();
    await recordEvidence(db, [evidenceOf(claim, { providerMessageId: sid })]);
    await store(claim, sid, { state: "delivered" });
    await sql`update provider_events set received_at = clock_timestamp() - interval '3 seconds'`.execute(db);
    expect((await repairReports(world.deps)).folded).toBe(0);
    expect((await repair()).folded).toBe(1);
  });

  test("is emptied of what is older than thirty days", async () => {
    const idAt = (days: number) => newId<"provider-event">().replace(/^.{13}/, hexTime(Date.now() - days * 86_400_000));
    const [old, young] = [idAt(30.01), idAt(29.99)];
    for (const id of [old, young])
      await sql`insert into provider_events (id, provider, fingerprint, body_sealed, folded_at) values (${id}, 'twilio', ${Buffer.from(id)}, '', now())`.execute(
        db,
      );
    expect((await repairReports(world.deps)).purged).toBe(1);
    expect((await db.selectFrom("providerEvents").select("id").execute()).map(({ id }) => id)).toEqual([young]);
  });
});

function hexTime(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

async function revisionOf(): Promise<number> {
  return (await db.selectFrom("patients").select("planRevision").where("id", "=", person.patientId).executeTakeFirstOrThrow()).planRevision;
}
