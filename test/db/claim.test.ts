import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { loadForSending } from "../../src/db/send-rows.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { findExplained } from "../../src/db/view-explain.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import { TOUCHPOINT_STATES, type TouchpointState } from "../../src/domain/touchpoint.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";
import { byText } from "../support/by-text.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
const worker = newId<"worker">();
const of = { workerId: worker, channel: "sms" } as const;
let person: StoredPerson;

beforeEach(async () => {
  person = await storePerson(db, clinic);
});

type Blocked = { readonly why: string; readonly wish?: Parameters<typeof storeTouchpoint>[2]; readonly block?: () => Promise<unknown> };

const onContact = (change: ReturnType<typeof sql>) => () =>
  sql`update contact_points set ${change} where patient_id = ${person.patientId} and person = 'patient' and channel = 'sms'`.execute(db);
const span = (from: number, to: number) => [{ from: instant(NOW + from), to: instant(NOW + to) }];

const BLOCKED: Blocked[] = [
  { why: "its time has not come", wish: { tryAt: instant(NOW + 1) } },
  { why: "its legal hours begin a moment later", wish: { legal: span(1, HOUR) } },
  { why: "its last moment is just over", wish: { legal: span(-HOUR, 0) } },
  { why: "it lies between two legal spans", wish: { legal: [...span(-HOUR, -1), ...span(1, HOUR)] } },
  { why: "it waits for a fact", wish: { awaits: "discharge" } },
  { why: "the patient is on hold", block: () => sql`update patients set hold_code = 'ill' where id = ${person.patientId}`.execute(db) },
  { why: "consent was revoked", block: onContact(sql`granted = false`) },
  { why: "the address is dead", block: onContact(sql`dead_at = now()`) },
  { why: "there is no address", block: onContact(sql`address_index = null`) },
  {
    why: "the address opted out",
    block: () =>
      sql`insert into opt_outs select group_id, channel, address_index, 'carrier', now() from contact_points
        where patient_id = ${person.patientId} and person = 'patient' and channel = 'sms'`.execute(db),
  },
];

describe("a claim", () => {
  test("does not take a message that was written to an address which is not the recipient's any more", async () => {
    const id = await storeTouchpoint(db, person);
    const written = claimOf(id);
    await onContact(sql`address_index = uuid_send(gen_random_uuid())`)();
    expect(await claimTouchpoints(db, [written], of)).toEqual([]);
    expect(await stateOf(db, id)).toBe("planned");
  });

  test("gives the right to send to a row that may go, with a delivery and an attempt of its own", async () => {
    const id = await storeTouchpoint(db, person);
    const claim = claimOf(id);
    expect(await claimTouchpoints(db, [claim], of)).toEqual([{ id, attempt: 1 }]);
    const row = await db.selectFrom("touchpoints").select(["state", "workerId", "attempts"]).where("id", "=", id).executeTakeFirstOrThrow();
    expect(row).toEqual({ state: "sending", workerId: worker, attempts: 1 });
    const deliveries = await db
      .selectFrom("deliveries")
      .select(["id", "state", "attempt", "contentHash"])
      .where("touchpointId", "=", id)
      .execute();
    expect(deliveries).toEqual([{ id: claim.deliveryId, state: "sending", attempt: 1, contentHash: claim.contentHash }]);
  });

  test.each([
    ["at its first legal moment", { legal: span(0, HOUR), tryAt: NOW }],
    ["at its last one", { legal: span(-HOUR, 1) }],
  ])("takes a row %s", async (_, wish) => {
    const id = await storeTouchpoint(db, person, wish);
    expect(await claimTouchpoints(db, [claimOf(id)], of)).toHaveLength(1);
  });

  test.each(BLOCKED)("takes nothing when $why, and nothing is loaded for it", async ({ wish, block }) => {
    const id = await storeTouchpoint(db, person, wish);
    await block?.();
    expect(await loadForSending(db, [id], "sms")).toEqual([]);
    expect(await claimTouchpoints(db, [claimOf(id)], of)).toEqual([]);
    expect(await stateOf(db, id)).toBe("planned");
    expect(await db.selectFrom("deliveries").select("id").where("touchpointId", "=", id).execute()).toEqual([]);
  });

  test.each(TOUCHPOINT_STATES.filter((state) => state !== "planned"))("takes nothing that is %s", async (state: TouchpointState) => {
    const id = await storeTouchpoint(db, person, { state });
    expect(await claimTouchpoints(db, [claimOf(id)], of)).toEqual([]);
  });

  test("takes nothing that a fact has made unwanted", async () => {
    const id = await storeTouchpoint(db, person);
    await sql`update touchpoints set unwanted_at = now() where id = ${id}`.execute(db);
    expect(await claimTouchpoints(db, [claimOf(id)], of)).toEqual([]);
  });

  test("one person's block is nobody else's: the neighbours of the same hint go", async () => {
    const other = await storePerson(db, clinic);
    const ids = [
      await storeTouchpoint(db, person),
      await storeTouchpoint(db, other),
      await storeTouchpoint(db, person, { recipient: "escort" }),
    ];
    await onContact(sql`granted = false`)();
    const claimed = await claimTouchpoints(db, ids.map(claimOf), of);
    expect(claimed.map(({ id }) => id).toSorted(byText)).toEqual([ids[1], ids[2]]);
  });

  test.each(BLOCKED)("what `explain` says of a row agrees with the claim when $why", async ({ wish, block }) => {
    const id = await storeTouchpoint(db, person, wish);
    await block?.();
    const said = await findExplained(db, id);
    if (!said) expect.unreachable();
    const now = said.now;
    const inTime = said.tryAt <= now && said.legalAt.some(({ from, to }) => from <= now && now < to);
    const reachable = said.hasAddress && said.isGranted && !said.isDead && !said.isOptedOut;
    const allowed = said.state === "planned" && said.awaits === null && !said.isUnwanted && said.holdCode === null && reachable;
    expect(said.isClaimable).toBe(allowed);
    expect(allowed && inTime).toBe(false);
  });
});
