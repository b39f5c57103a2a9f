import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { type AddressFailure, clearFailures, failAddresses } from "../../src/db/address-failures.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR } from "../../src/domain/calendar.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { byText } from "../support/by-text.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const clinic = await storeClinic(db);

beforeEach(async () => {
  await setSteppedClock(db, NOW);
  await sql`delete from tasks`.execute(db);
  await sql`delete from opt_outs`.execute(db);
});

const fail = (...failures: readonly (Omit<AddressFailure, "addressIndex"> & { addressIndex?: Buffer | null })[]) =>
  transact(db, (tx) =>
    failAddresses(
      tx,
      failures.map((each) => ({ addressIndex: null, ...each })),
    ),
  );

async function readContacts({ patientId }: StoredPerson) {
  return db
    .selectFrom("contactPoints")
    .select(["person", "channel", "deadAt", "failures", "flaggedAt", "addressIndex"])
    .where("patientId", "=", patientId)
    .execute();
}

async function contactOf(person: StoredPerson, whose = "patient", channel = "sms") {
  const contact = (await readContacts(person)).find((each) => each.person === whose && each.channel === channel);
  if (!contact) expect.unreachable();
  return contact;
}

/** The escort of the one has the number of the other. */
async function share(other: StoredPerson, one: StoredPerson): Promise<void> {
  await sql`
    update contact_points c set address_index = o.address_index from contact_points o
    where c.patient_id = ${other.patientId} and c.person = 'escort' and c.channel = 'sms' and o.patient_id = ${one.patientId} and o.person = 'patient' and o.channel = 'sms'`.execute(
    db,
  );
}

const tasks = () => db.selectFrom("tasks").select(["kind", "template", "touchpointId", "patientId", "dueBy", "state"]).execute();
const failed = (person: StoredPerson): Promise<TouchpointId> => storeTouchpoint(db, person, { state: "failed" });

describe("an address of which the provider says", () => {
  test("that it does not exist is dead for everybody who has it, and on no other channel", async () => {
    const [one, other] = [await storePerson(db, clinic), await storePerson(db, clinic)];
    await share(other, one);
    const affected = await fail({ touchpointId: await failed(one), why: "bad-address" });
    expect(affected.toSorted(byText)).toEqual([one.patientId, other.patientId].toSorted(byText));
    const dead = async (person: StoredPerson) =>
      (await readContacts(person)).filter(({ deadAt }) => deadAt !== null).map(({ person, channel }) => `${person} ${channel}`);
    expect(await dead(one)).toEqual(["patient sms"]);
    expect(await dead(other)).toEqual(["escort sms"]);
  });

  test("that it does not exist is flagged at once, with one task within a working day", async () => {
    const [one, other] = [await storePerson(db, clinic), await storePerson(db, clinic)];
    await share(other, one);
    const touchpointId = await failed(one);
    await fail({ touchpointId, why: "bad-address" });
    await fail({ touchpointId: await failed(one), why: "bad-address" });
    // Nine in the morning, staffed until five.
    expect(await tasks()).toEqual([
      { kind: "review", template: "check-address", touchpointId, patientId: one.patientId, dueBy: NOW + 8 * HOUR, state: "open" },
    ]);
    const { rows } = await sql<{ kind: string; data: unknown }>`select kind, data from events where subject_id = ${one.patientId}`.execute(
      db,
    );
    expect(rows).toEqual([{ kind: "address.flagged", data: { channel: "sms" } }]);
  });

  test("that it opted out stands in the group's list once, however often it is told", async () => {
    const one = await storePerson(db, clinic);
    const touchpointId = await failed(one);
    for (let told = 0; told < 2; told++) expect(await fail({ touchpointId, why: "opted-out" })).toEqual([one.patientId]);
    const outs = await db.selectFrom("optOuts").select(["channel", "source"]).where("groupId", "=", clinic.groupId).execute();
    expect(outs).toEqual([{ channel: "sms", source: "carrier" }]);
    const waiting = await storeTouchpoint(db, one);
    expect(await claimTouchpoints(db, [claimOf(waiting)], { workerId: newId<"worker">(), channel: "sms" })).toEqual([]);
    expect(await stateOf(db, waiting)).toBe("planned");
    expect(await tasks()).toEqual([]);
  });
});

describe("an address that fails again and again", () => {
  test("is flagged at the third failure and not at the second, once, and lives on", async () => {
    const person = await storePerson(db, clinic);
    for (let told = 0; told < 2; told++) expect(await fail({ touchpointId: await failed(person), why: "unreachable" })).toEqual([]);
    expect(await contactOf(person)).toMatchObject({ failures: 2, flaggedAt: null });
    expect(await tasks()).toEqual([]);
    for (let told = 0; told < 2; told++) await fail({ touchpointId: await failed(person), why: "unreachable" });
    expect(await contactOf(person)).toMatchObject({ failures: 4, flaggedAt: NOW, deadAt: null });
    expect(await tasks()).toMatchObject([{ kind: "review", template: "check-address" }]);
  });

  test("counts every failure that is told at once", async () => {
    const person = await storePerson(db, clinic);
    const failures = await Promise.all([1, 2, 3].map(async () => ({ touchpointId: await failed(person), why: "unreachable" as const })));
    await fail(...failures);
    expect(await contactOf(person)).toMatchObject({ failures: 3, flaggedAt: NOW });
    expect(await tasks()).toHaveLength(1);
  });

  test("counts failures only in a row: a text that arrives begins anew", async () => {
    const person = await storePerson(db, clinic);
    for (let told = 0; told < 2; told++) await fail({ touchpointId: await failed(person), why: "unreachable" });
    await transact(db, async (tx) => clearFailures(tx, [{ touchpointId: await failed(person), addressIndex: null }]));
    expect(await contactOf(person)).toMatchObject({ failures: 0, flaggedAt: null });
  });

  test("is as alive after a late arrival as before when it was found dead", async () => {
    const person = await storePerson(db, clinic);
    await fail({ touchpointId: await failed(person), why: "bad-address" });
    await transact(db, async (tx) => clearFailures(tx, [{ touchpointId: await failed(person), addressIndex: null }]));
    expect(await contactOf(person)).toMatchObject({ deadAt: NOW, flaggedAt: NOW });
  });
});

describe("a report of an address that staff have changed since", () => {
  const OLD = Buffer.from("the address of before");

  test("leaves the new one alone", async () => {
    const person = await storePerson(db, clinic);
    expect(await fail({ touchpointId: await failed(person), addressIndex: OLD, why: "bad-address" })).toEqual([]);
    expect(await contactOf(person)).toMatchObject({ deadAt: null, failures: 0 });
    expect(await tasks()).toEqual([]);
  });

  test("that it opted out is kept for the old one, whoever gets it next", async () => {
    const person = await storePerson(db, clinic);
    expect(await fail({ touchpointId: await failed(person), addressIndex: OLD, why: "opted-out" })).toEqual([]);
    expect(await db.selectFrom("optOuts").select("addressIndex").execute()).toEqual([{ addressIndex: OLD }]);
  });

  test("by mail, which anybody can write, speaks of nobody but the recipient of that very message", async () => {
    const [one, other] = [await storePerson(db, clinic), await storePerson(db, clinic)];
    const mail = await storeTouchpoint(db, one, { channel: "email", state: "sent" as const });
    const { addressIndex } = await contactOf(other, "patient", "email");
    expect(await fail({ touchpointId: mail, addressIndex, why: "bad-address" })).toEqual([]);
    expect(await contactOf(other, "patient", "email")).toMatchObject({ deadAt: null });
    const own = await contactOf(one, "patient", "email");
    expect(await fail({ touchpointId: mail, addressIndex: own.addressIndex, why: "bad-address" })).toEqual([one.patientId]);
  });
});
