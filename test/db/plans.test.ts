import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { changeTouchpoints, endTouchpoints, lockPatients, raisePlanRevision } from "../../src/db/plans.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import type { PlannedTouchpoint } from "../../src/domain/touchpoint.ts";
import { cloneDatabase } from "../support/database.ts";
import { zone } from "../support/planner-facts.ts";
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

describe("a stored row that the plan wants otherwise", () => {
  const plan = (changes: Partial<PlannedTouchpoint>): PlannedTouchpoint => ({ ...text(), ...changes });
  const change = async (id: TouchpointId, to: PlannedTouchpoint) =>
    transact(db, (tx) => changeTouchpoints(tx, [{ id, to, mergedInto: null }], NOW));
  const read = (id: TouchpointId) =>
    db
      .selectFrom("touchpoints")
      .select(["state", "reason", "hintedAt", "tryAt", "unwantedAt"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow();

  test("is held, without a hint, and planned again at its first legal moment from now", async () => {
    const id = await storeTouchpoint(db, person);
    await sql`update touchpoints set hinted_at = clock_timestamp() where id = ${id}`.execute(db);
    await change(id, plan({ state: "held", reason: "patient-hold" }));
    expect(await read(id)).toMatchObject({ state: "held", reason: "patient-hold", hintedAt: null });
    await change(id, plan({ state: "planned", reason: null }));
    expect(await read(id)).toMatchObject({ state: "planned", reason: null, hintedAt: null, tryAt: NOW });
    await change(id, plan({ state: "suppressed", reason: "already-told" }));
    expect(await read(id)).toMatchObject({ state: "suppressed", reason: "already-told" });
  });

  test.each([
    ["held", "patient-hold", true],
    ["suppressed", "dead-address", true],
    ["planned", null, false],
  ] as const)(
    "and that a worker claims meanwhile is left in its hands; wanted %s (%s), it is unwanted: %s",
    async (state, reason, isUnwanted) => {
      const id = await storeTouchpoint(db, person);
      await claimTouchpoints(db, [claimOf(id)], { workerId: newId<"worker">(), channel: "sms" });
      await change(id, plan({ state, reason }));
      const row = await read(id);
      expect([row.state, row.unwantedAt !== null]).toEqual(["sending", isUnwanted]);
    },
  );

  test("and whose answer was lost stays with whoever settles it", async () => {
    const id = await storeTouchpoint(db, person);
    await claimTouchpoints(db, [claimOf(id)], { workerId: newId<"worker">(), channel: "sms" });
    await sql`update touchpoints set state = 'unknown' where id = ${id}`.execute(db);
    await sql`update touchpoints set state = 'held', reason = 'unknown' where id = ${id}`.execute(db);
    await transact(db, (tx) => endTouchpoints(tx, { ended: [{ id, state: "superseded" }], unwanted: [] }));
    expect(await read(id)).toMatchObject({ state: "held", reason: "unknown", unwantedAt: expect.anything() });
  });

  function text(): PlannedTouchpoint {
    const { clinicId, seriesId, sessionId } = person;
    return {
      key: "rule",
      clinicId,
      seriesId,
      sessionId,
      rule: "rule",
      purpose: "reminder",
      occurrence: 0,
      arming: 0,
      recipient: "patient",
      channel: "sms",
      template: "day-before",
      locale: "en",
      zone: zone("America/Denver"),
      importance: "normal",
      onUnknown: "hold",
      awaits: null,
      dueAt: instant(NOW - HOUR),
      legal: [{ from: instant(NOW - HOUR), to: instant(NOW + HOUR) }],
      notBefore: instant(NOW - HOUR),
      sendBy: instant(NOW + HOUR),
      expiresAt: instant(NOW + HOUR),
      taskKind: null,
      taskDueBy: null,
      state: "planned",
      reason: null,
      story: null,
      mergedInto: null,
      fallbackOf: null,
    };
  }
});
