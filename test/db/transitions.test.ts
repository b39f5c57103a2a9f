import { sql } from "kysely";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { hasEnded, TOUCHPOINT_STATES, type TouchpointState, TRANSITIONS } from "../../src/domain/touchpoint.ts";
import { cloneDatabase } from "../support/database.ts";
import { storeClinic } from "./support/stored-clinic.ts";
import { stateOf, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const person = await storePerson(db, await storeClinic(db));

/** The code of the refusal, or "changed". */
async function change(from: TouchpointState, to: TouchpointState): Promise<string> {
  const id = await storeTouchpoint(db, person, { state: from });
  try {
    await sql`update touchpoints set state = ${to}, reason = coalesce(reason, 'past') where id = ${id}`.execute(db);
    return "changed";
  } catch (error) {
    expect(await stateOf(db, id)).toBe(from);
    return error instanceof pg.DatabaseError ? (error.code ?? "") : "";
  }
}

describe("the states of a touchpoint", () => {
  const pairs = TOUCHPOINT_STATES.flatMap((from) => TOUCHPOINT_STATES.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(pairs)("%s -> %s is legal in the database exactly where it is in the domain", async (from, to) => {
    expect(await change(from, to)).toBe(TRANSITIONS[from].includes(to) ? "changed" : "AG001");
  });

  test("all pairs of eleven states were tried", () => {
    expect(pairs).toHaveLength(110);
  });

  test.each(TOUCHPOINT_STATES.filter(hasEnded))("a touchpoint that is %s carries the moment it ended", async (to) => {
    const from = TOUCHPOINT_STATES.find((state) => TRANSITIONS[state].includes(to)) ?? "planned";
    const id = await storeTouchpoint(db, person, { state: from });
    await sql`update touchpoints set state = ${to}, reason = 'past' where id = ${id}`.execute(db);
    const { endedAt } = await db.selectFrom("touchpoints").select("endedAt").where("id", "=", id).executeTakeFirstOrThrow();
    expect(endedAt).not.toBeNull();
  });

  test.each(["sending", "unknown", "held"] as const)("a row that is %s and unwanted never returns to planned", async (state) => {
    const id = await storeTouchpoint(db, person, { state });
    await sql`update touchpoints set unwanted_at = clock_timestamp() where id = ${id}`.execute(db);
    await expect(sql`update touchpoints set state = 'planned' where id = ${id}`.execute(db)).rejects.toMatchObject({ code: "AG001" });
    await sql`update touchpoints set state = 'superseded' where id = ${id}`.execute(db);
    expect(await stateOf(db, id)).toBe("superseded");
  });

  test("a state outside the closed set is refused", async () => {
    const id = await storeTouchpoint(db, person);
    await expect(sql`update touchpoints set state = 'lost' where id = ${id}`.execute(db)).rejects.toMatchObject({ code: "AG001" });
    await expect(storeTouchpoint(db, person, { state: "lost" as TouchpointState })).rejects.toThrow("touchpoints_state_check");
  });
});

describe("append-only tables", () => {
  const consent = sql`insert into consents (id, group_id, patient_id, person, channel, action, source, actor, at)
    values (gen_random_uuid(), ${person.groupId}, ${person.patientId}, 'patient', 'sms', 'granted', 'intake', 'staff:test', now())`;
  const event = sql`insert into events (clinic_at, actor, kind, subject_id) values (now(), 'staff:test', 'series.enqueued', gen_random_uuid())`;

  test.each([
    ["consents", consent],
    ["events", event],
  ] as const)("%s take rows and give none up, changed or deleted", async (table, insert) => {
    await insert.execute(db);
    const refused = { code: "AG002", message: `${table} is append-only` };
    await expect(sql`update ${sql.table(table)} set actor = 'somebody else'`.execute(db)).rejects.toMatchObject(refused);
    await expect(sql`delete from ${sql.table(table)}`.execute(db)).rejects.toMatchObject(refused);
    const { rows } = await sql`select actor from ${sql.table(table)}`.execute(db);
    expect(rows).toEqual([{ actor: "staff:test" }]);
  });
});
