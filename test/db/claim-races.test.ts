import { sql } from "kysely";
import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { claimTouchpoints, recordEvidence } from "../../src/db/sends.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { cloneDatabase } from "../support/database.ts";
import { evidenceOf } from "./support/evidence.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";
import { byText } from "../support/by-text.ts";

const { db, url } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
let person: StoredPerson;
const of = () => ({ workerId: newId<"worker">(), channel: "sms" }) as const;

beforeEach(async () => {
  person = await storePerson(db, clinic);
});

/** A session of its own in which somebody else works. */
async function inAnotherSession<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Settles when `count` sessions of this database wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rows } = await sql<{ count: number }>`
        select count(*) as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
        return rows[0]?.count;
      },
      { timeout: 5_000 },
    )
    .toBe(count);
}

describe("two workers with the same hint", () => {
  test("get each row once between them", async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => storeTouchpoint(db, person)));
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimTouchpoints(db, ids.map(claimOf), of())));
    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .toSorted(byText),
    ).toEqual(ids.toSorted(byText));
    const { rows } = await sql<{
      count: number;
    }>`select count(*) as count from deliveries where touchpoint_id = any(${ids}::uuid[])`.execute(db);
    expect(rows[0]?.count).toBe(40);
  });

  test("both get it when the claim reads first and does not ask for the state again", async () => {
    const id = await storeTouchpoint(db, person);
    const unguarded = async () => {
      const { rows } = await sql`select id from claimable_touchpoints where id = ${id}`.execute(db);
      return rows.length;
    };
    const seen = await Promise.all([unguarded(), unguarded()]);
    const written = await Promise.all(
      seen.map(() => sql`update touchpoints set state = 'sending', attempts = attempts + 1 where id = ${id}`.execute(db)),
    );
    expect(written.map(({ numAffectedRows }) => Number(numAffectedRows))).toEqual([1, 1]);
  });
});

describe("a row that somebody else holds", () => {
  const holdAnd = async (id: TouchpointId, fact: string, meanwhile: () => Promise<unknown>) =>
    inAnotherSession(async (client) => {
      await client.query("begin");
      await client.query(fact, [id]);
      const result = await meanwhile();
      await client.query("commit");
      return result;
    });

  test("is skipped rather than waited for: the fact of its holder decides first", async () => {
    const [held, free] = [await storeTouchpoint(db, person), await storeTouchpoint(db, person)];
    const fact = "update touchpoints set state = 'superseded' where id = $1";
    const claimed = await holdAnd(held, fact, () => claimTouchpoints(db, [held, free].map(claimOf), of()));
    expect(claimed).toEqual([{ id: free, attempt: 1 }]);
    expect(await stateOf(db, held)).toBe("superseded");
  });

  test("would be sent at its old time by a claim that waits and compares with a revision it read before", async () => {
    const id = await storeTouchpoint(db, person);
    const waiting = inAnotherSession(async (client) => {
      await client.query("begin");
      await client.query("update patients set plan_revision = plan_revision + 1 where id = $1", [person.patientId]);
      await client.query("update touchpoints set reason = 'moved' where id = $1", [id]);
      const naive = sql`update touchpoints t set state = 'sending' from patients p
        where t.id = ${id} and p.id = t.patient_id and p.plan_revision = p.planned_revision and t.state = 'planned'`.execute(db);
      await untilWaiting(1);
      await client.query("commit");
      return naive;
    });
    expect(Number((await waiting).numAffectedRows)).toBe(1);
    expect((await sql`select from patients where id = ${person.patientId} and plan_revision = planned_revision`.execute(db)).rows).toEqual(
      [],
    );
  });

  test("locking a claim's rows locks touchpoints alone: who holds the patient or the contact point keeps nothing from being sent", async () => {
    const id = await storeTouchpoint(db, person);
    const claimed = await inAnotherSession(async (client) => {
      await client.query("begin");
      await client.query("select from patients where id = $1 for update", [person.patientId]);
      await client.query("select from contact_points where patient_id = $1 for update", [person.patientId]);
      const result = await claimTouchpoints(db, [claimOf(id)], of());
      await client.query("rollback");
      return result;
    });
    expect(claimed).toEqual([{ id, attempt: 1 }]);
  });
});

describe("a row that a fact changes while it is in a worker's hands", () => {
  test.each([
    ["planned", "superseded"],
    ["sent", "sent"],
    ["failed", "failed"],
    ["unknown", "unknown"],
  ] as const)("and whose outcome would be %s ends %s, once it is unwanted", async (outcome, ends) => {
    const id = await storeTouchpoint(db, person);
    const claim = claimOf(id);
    await claimTouchpoints(db, [claim], of());
    await sql`update touchpoints set unwanted_at = clock_timestamp() where id = ${id}`.execute(db);
    await recordEvidence(db, [evidenceOf(claim, { touchpointState: outcome })]);
    expect(await stateOf(db, id)).toBe(ends);
  });

  test("and that nobody marked as unwanted is planned again and goes out a second time: hence the mark", async () => {
    const id = await storeTouchpoint(db, person);
    const claim = claimOf(id);
    await claimTouchpoints(db, [claim], of());
    await sql`update touchpoints set state = 'superseded' where id = ${id} and state = 'planned'`.execute(db);
    await recordEvidence(db, [evidenceOf(claim, { touchpointState: "planned", backOffSeconds: 0 })]);
    expect(await claimTouchpoints(db, [claimOf(id)], of())).toEqual([{ id, attempt: 2 }]);
  });
});
