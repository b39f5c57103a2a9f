import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { ensureLinks, endTouchpoints, lockPatients, type LinkSubject, raisePlanRevision } from "../../src/db/plans.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { hashToken, makeLinkTokens } from "../../src/db/link-tokens.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const person = await storePerson(db, await storeClinic(db));

describe("a row that the plan no longer wants", () => {
  test.each([
    ["planned", "cancelled", false],
    ["held", "cancelled", false],
    ["sending", "sending", true],
    ["unknown", "unknown", true],
    ["sent", "sent", false],
  ] as const)("when it is %s is %s afterwards, and unwanted: %s", async (before, after, unwanted) => {
    const id = await storeTouchpoint(db, person, { state: before });
    await transact(db, (tx) => endTouchpoints(tx, { ended: [{ id, state: "cancelled" }], unwanted: [] }));
    const row = await db.selectFrom("touchpoints").select(["state", "unwantedAt"]).where("id", "=", id).executeTakeFirstOrThrow();
    expect([row.state, row.unwantedAt !== null]).toEqual([after, unwanted]);
  });

  test("and that a worker claims while the plan is being made is unwanted, and never planned again", async () => {
    const id = await storeTouchpoint(db, person);
    await transact(db, async (tx) => {
      await lockPatients(tx, [person.patientId]);
      expect(await claimTouchpoints(db, [claimOf(id)], { workerId: newId<"worker">(), channel: "sms" })).toHaveLength(1);
      await endTouchpoints(tx, { ended: [{ id, state: "superseded" }], unwanted: [] });
    });
    await expect(sql`update touchpoints set state = 'planned' where id = ${id}`.execute(db)).rejects.toMatchObject({ code: "AG001" });
    expect(await stateOf(db, id)).toBe("sending");
  });

  test("would come back, had the plan only ended what it had read as planned", async () => {
    const id = await storeTouchpoint(db, person);
    await claimTouchpoints(db, [claimOf(id)], { workerId: newId<"worker">(), channel: "sms" });
    await sql`update touchpoints set state = 'superseded' where id = ${id} and state in ('planned', 'held')`.execute(db);
    await sql`update touchpoints set state = 'planned' where id = ${id}`.execute(db);
    expect(await stateOf(db, id)).toBe("planned");
  });
});

describe("a patient's plan", () => {
  test("is stale from the fact to the next plan, since the first fact", async () => {
    const read = async () => (await transact(db, (tx) => lockPatients(tx, [person.patientId])))[0]?.isStale;
    const since = async () =>
      (await db.selectFrom("patients").select("unplannedSince").where("id", "=", person.patientId).executeTakeFirstOrThrow())
        .unplannedSince;
    expect([await read(), await since()]).toEqual([false, null]);
    await transact(db, (tx) => raisePlanRevision(tx, [person.patientId]));
    const first = await since();
    await transact(db, (tx) => raisePlanRevision(tx, [person.patientId]));
    expect([await read(), await since()]).toEqual([true, first]);
  });

  test("a patient who does not exist locks nothing", async () => {
    expect(await transact(db, (tx) => lockPatients(tx, [newId<"patient">()]))).toEqual([]);
  });
});

describe("a personal link", () => {
  const tokens = makeLinkTokens({ keys: new Map([["l1", Buffer.alloc(32, 7)]]) });
  const { clinicId, patientId, seriesId } = person;
  const subject: LinkSubject = { clinicId, patientId, subjectId: seriesId, recipient: "patient", expiresAt: instant(NOW + HOUR) };

  test("is made once for a subject and recipient; its expiry follows the plan; only the hash of its token is stored", async () => {
    const make = (each: LinkSubject) => transact(db, (tx) => ensureLinks(tx, [each], tokens));
    const first = (await make(subject)).get(`${seriesId}/patient`);
    const again = (await make({ ...subject, expiresAt: instant(NOW + 2 * HOUR) })).get(`${seriesId}/patient`);
    if (!first) expect.unreachable();
    expect(again).toBe(first);
    const link = await db.selectFrom("links").selectAll().where("id", "=", first).executeTakeFirstOrThrow();
    const token = tokens.tokenOf({ id: link.id, generation: link.generation, keyId: link.keyId });
    expect(link.tokenHash.equals(hashToken(token))).toBe(true);
    expect(link.expiresAt).toBe(NOW + 2 * HOUR);
    expect(JSON.stringify(link)).not.toContain(token);
  });
});
