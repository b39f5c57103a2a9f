import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import type { Database } from "../../src/db/database.ts";
import { loadForSending } from "../../src/db/send-rows.ts";
import { claimTouchpoints, recordEvidence } from "../../src/db/sends.ts";
import * as ends from "../../src/db/sweep-ends.ts";
import * as sweeps from "../../src/db/sweeps.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import { cloneDatabase } from "../support/database.ts";
import { evidenceOf } from "./support/evidence.ts";
import { explainStatements } from "./support/explain-statements.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const person = await storePerson(db, await storeClinic(db));
const due = await storeTouchpoint(db, person);
await storeHundredThousand();

/** Four thousand patients with 25 touchpoints each, all of them for later, in no order of time. */
async function storeHundredThousand(): Promise<void> {
  await sql`
    insert into patients (id, group_id, ref_sealed, ref_index, name_sealed, zone, locale, quiet_from, quiet_to)
    select gen_random_uuid(), group_id, ref_sealed, uuid_send(gen_random_uuid()), name_sealed, zone, locale, quiet_from, quiet_to
    from patients, generate_series(1, 4000)`.execute(db);
  await sql`
    insert into contact_points (patient_id, person, channel, group_id, address_index, granted)
    select p.id, 'patient', c, group_id, uuid_send(gen_random_uuid()), true from patients p, unnest(array['email', 'sms']) c on conflict do nothing`.execute(
    db,
  );
  await sql`
    insert into touchpoints (id, clinic_id, patient_id, series_id, session_id, sender_id, link_id, due_at, try_at, first_try_at, send_by, expires_at, occurrence,
      arming, state, channel, recipient, purpose, importance, on_unknown, locale, zone, rule, template, key, awaits, legal_at)
    select gen_random_uuid(), clinic_id, p.id, series_id, session_id, case when g % 5 = 0 then null else sender_id end, link_id, at, at, at,
      at + interval '1 hour', at + interval '1 hour', 0, 0, 'planned', case when g % 5 = 0 then 'task' else channel end, recipient, purpose, importance,
      on_unknown, t.locale, t.zone, rule, template, gen_random_uuid()::text, case when g % 7 = 0 then 'dosing' end, tstzmultirange(tstzrange(at, at + interval '1 hour'))
    from touchpoints t, generate_series(1, 25) g, patients p, lateral (select (select afterglow_now()) + g * interval '3 days' as at) a order by p.id, g`.execute(
    db,
  );
  await sql`analyze`.execute(db);
}

type Statement = (db: Database) => Promise<unknown>;

async function planOf(statement: Statement): Promise<string> {
  const explained = explainStatements(db);
  await statement(explained.db);
  return explained.plans.join("\n");
}

const inTx = (work: (tx: Parameters<typeof sweeps.markHinted>[0]) => Promise<unknown>) => (each: Database) =>
  each.transaction().execute(work);
const horizon = instant(NOW + MINUTE);
const worker = newId<"worker">();

const ON_TRY: [string, Statement][] = [
  ["hinting", inTx((tx) => sweeps.markHinted(tx, { now: NOW, horizon, lostSince: NOW }))],
  ["opening tasks", inTx((tx) => ends.openDueTasks(tx, NOW))],
  ["ending what is over", inTx((tx) => ends.expireTouchpoints(tx, NOW))],
  ["waiting for legal hours", inTx((tx) => sweeps.waitForLegalHours(tx, NOW))],
];

describe("with 100,000 rows standing", () => {
  test.each(ON_TRY)("%s finds its rows by their try_at, and scans no table", async (_, statement) => {
    const plan = await planOf(statement);
    expect(plan).toMatch(/Index Scan (using|on) touchpoints_try[^]*?Index Cond: \(try_at <= /);
    expect(plan).not.toContain("Seq Scan on touchpoints");
    expect(plan).not.toContain("Seq Scan on patients");
    expect(plan).not.toContain("Seq Scan on contact_points");
  });

  test("what waits for a fact is found by its last moment", async () => {
    const plan = await planOf(inTx((tx) => ends.suppressUnrecorded(tx, NOW)));
    expect(plan).toMatch(/touchpoints_awaiting[^]*?Index Cond: \(send_by <= /);
    expect(plan).not.toContain("Seq Scan on touchpoints");
  });

  test("what is held is found by an index of its own, and what has said it by its series", async () => {
    const plan = await planOf(inTx((tx) => ends.suppressHeld(tx, NOW)));
    // With no row held, the index by last moment and the one of unsettled rows are worth the same.
    expect(plan).toMatch(/Index Scan using touchpoints_(held|unsettled)/);
    expect(plan).not.toMatch(/touchpoints_series_id_key_key on touchpoints [sf]\n\s+Filter/);
    expect(plan).not.toContain("Seq Scan on touchpoints");
  });

  test("what a dead worker holds is found by the index of rows in flight", async () => {
    const plan = await planOf(inTx((tx) => ends.abandonDeadSends(tx, { deadAfterSeconds: 20 })));
    expect(plan).toContain("touchpoints_in_flight");
    expect(plan).not.toContain("Seq Scan on touchpoints");
  });

  test.each<[string, Statement]>([
    ["the claim", (each) => claimTouchpoints(each, [claimOf(due)], { workerId: worker, channel: "sms" })],
    ["loading for a send", (each) => loadForSending(each, [due], "sms")],
  ])("%s finds its rows by id and their consent by patient", async (_, statement) => {
    const plan = await planOf(statement);
    expect(plan).toMatch(/Index Scan using touchpoints_pkey on touchpoints[^]*?Index Cond: \(id = (ANY|w)/);
    expect(plan).toMatch(/Index Scan using contact_points_pkey[^]*?Index Cond: \(\(patient_id = /);
    expect(plan).not.toContain("Seq Scan on touchpoints");
  });

  test("recording finds its deliveries by id, although a plan made while there are hardly any would rather walk through them all", async () => {
    const plan = await planOf((each) => recordEvidence(each, [evidenceOf(claimOf(due), { touchpointState: "sent" })]));
    expect(plan).toMatch(/deliveries_pkey[^\n]*\n\s+Index Cond: \(id = ANY/);
    expect(plan).toMatch(/Index Scan using touchpoints_pkey on touchpoints[^]*?Index Cond: \(id = /);
  });

  test("recording compares no evidence with every delivery of its statement: once prepared, it hashes", async () => {
    const explained = explainStatements(db, { planned: "for any values" });
    await recordEvidence(explained.db, [evidenceOf(claimOf(due), { touchpointState: "sent" })]);
    const plan = explained.plans.join("\n");
    expect(plan).toMatch(/Hash Cond: \(\w+\.(delivery_)?id = \w+\.(delivery_)?id\)[^]*Index Cond: \(id = ANY/);
    expect(plan).not.toContain("Nested Loop");
  });

  test("the guard is needed: compared with clinic time in a subquery, the same rows are looked for in the whole table", async () => {
    const plan = await db.transaction().execute(async (tx) => {
      // The program's own connections never scan where there is an index; the choice is the planner's again here.
      await sql`set local enable_seqscan = on`.execute(tx);
      const { db: each, plans } = explainStatements(tx);
      await sql`select id from touchpoints where state = 'planned' and awaits is null and try_at <= (select afterglow_now())
        and send_by <= (select afterglow_now()) limit 1000 for update skip locked`.execute(each);
      return plans.join();
    });
    expect(plan).toContain("Seq Scan on touchpoints");
  });

  test("a volatile clock keeps the index unused", async () => {
    const plan = await planOf((each) =>
      sql`select id from touchpoints where state = 'planned' and awaits is null and try_at <= clock_timestamp()`.execute(each),
    );
    expect(plan).not.toContain("Index Cond: (try_at");
  });

  test("a patient is found by chart number, and what is unplanned by its own index", async () => {
    const { lockPatientsByRef } = await import("../../src/db/people.ts");
    expect(await planOf(inTx((tx) => lockPatientsByRef(tx, person.groupId, [randomBytes(16)])))).toMatch(/Index Cond: \(\(group_id = /);
    expect(await planOf((each) => sweeps.findUnplanned(each, { staleSeconds: 5, limit: 1_000 }))).toMatch(
      /patients_unplanned[^]*?Index Cond/,
    );
  });
});
