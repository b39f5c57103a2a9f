import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import { changeConsent, type ConsentChange } from "../../src/producers/change-consent.ts";
import { byText } from "../support/by-text.ts";
import { at, EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, revisionOf, rowsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

type Wish = Partial<Omit<ConsentChange, "consent">> & { channel?: "sms" | "email" | "detail"; when?: Instant; of?: Enrolled };
const ask = ({ channel = "sms", when = EXAMPLES_BEGIN, of = ana, person = "patient", action = "revoked" }: Wish, options = BY) =>
  changeConsent(world.deps, of.patientId, {
    ...options,
    person,
    action,
    consent: { to: channel, source: "phone call", at: when, wording: null },
  });
const planned = async (person: string, channel: string, of = ana) =>
  (await rowsOf(db, of)).filter((row) => row.recipient === person && row.channel === channel && row.state === "planned").length;
const grantedOf = async (person: string, channel: string) =>
  (
    await db
      .selectFrom("contactPoints")
      .select("granted")
      .where("patientId", "=", ana.patientId)
      .where("person", "=", person)
      .where("channel", "=", channel)
      .executeTakeFirstOrThrow()
  ).granted;
const optOuts = async () => (await sql`select from opt_outs`.execute(db)).rows.length;

describe("consent", () => {
  test("revoked stops the channel for that person, who is no opt-out of the address", async () => {
    expect(await planned("patient", "sms")).toBeGreaterThan(0);
    expect(await ask({})).toMatchObject({ kind: "changed", value: { person: "patient", channel: "sms", action: "revoked" } });
    expect(await planned("patient", "sms")).toBe(0);
    expect(await planned("patient", "email")).toBeGreaterThan(0);
    expect(await grantedOf("patient", "sms")).toBe(false);
    expect(await optOuts()).toBe(0);
    expect(await eventsOf(db, ana.patientId)).toEqual(["consent.revoked"]);
  });

  test("given again later brings back what is still to come", async () => {
    const before = await planned("patient", "sms");
    await ask({});
    const later = instant(EXAMPLES_BEGIN + HOUR);
    await setSteppedClock(db, later);
    expect(await ask({ action: "granted", when: later })).toMatchObject({ kind: "changed" });
    expect(await planned("patient", "sms")).toBe(before);
    expect(await grantedOf("patient", "sms")).toBe(true);
  });

  test("of the escort is another than the patient's", async () => {
    const before = await planned("patient", "sms");
    await ask({ person: "escort" });
    expect(await planned("escort", "sms")).toBe(0);
    expect(await planned("patient", "sms")).toBe(before);
  });

  test("to detail belongs to the patient alone", async () => {
    const detail = async () =>
      (await db.selectFrom("patients").select("detailAccepted").where("id", "=", ana.patientId).executeTakeFirstOrThrow()).detailAccepted;
    await ask({ channel: "detail", action: "granted" });
    expect(await detail()).toBe(true);
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + HOUR));
    await ask({ channel: "detail", when: instant(EXAMPLES_BEGIN + HOUR) });
    expect(await detail()).toBe(false);
    expect(await ask({ channel: "detail", person: "escort", action: "granted" })).toMatchObject({
      kind: "refused",
      faults: [{ path: "channel" }],
    });
  });

  test("told twice is stored once, and by several at once too", async () => {
    const results = await Promise.all([ask({}), ask({}), ask({})]);
    expect(results.map(({ kind }) => kind).toSorted(byText)).toEqual(["changed", "same", "same"]);
    const before = await checksum(db);
    expect(await ask({})).toEqual({ kind: "same" });
    expect(await ask({ when: at("2026-12-31T00:00:00Z") })).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("older than what the ledger says, to come, or for an address that is not there is refused, and stores nothing", async () => {
    const before = await checksum(db);
    expect(await ask({ when: at("2026-12-01T00:00:00Z") })).toMatchObject({ kind: "refused", faults: [{ path: "at" }] });
    expect(await ask({ when: instant(EXAMPLES_BEGIN + 1) })).toMatchObject({ kind: "refused", faults: [{ path: "at" }] });
    expect(await ask({ person: "escort", channel: "email", action: "granted" })).toMatchObject({
      kind: "refused",
      faults: [{ path: "channel" }],
    });
    expect(await ask({}, { ...BY, ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({ faults: [{ path: "revision" }] });
    expect(await checksum(db)).toEqual(before);
  });

  test("is shown first by a dry run, which stores nothing", async () => {
    const before = await checksum(db);
    const shown = await ask({}, DRY);
    expect(shown).toMatchObject({ kind: "changed", dryRun: true });
    expect(await checksum(db)).toEqual(before);
  });

  test("of somebody whose address has opted out is stored and warned of, and sends nothing", async () => {
    const dee = await enrol(world, "dee-kap");
    await sql`insert into opt_outs (group_id, channel, address_index, source, at)
      select group_id, channel, address_index, 'STOP', now() from contact_points where patient_id = ${dee.patientId} and person = 'patient' and channel = 'sms'`.execute(
      db,
    );
    const result = await ask({ of: dee, action: "granted" });
    expect(result).toMatchObject({ kind: "changed", warnings: [expect.stringContaining("opted out of sms")] });
    expect(await planned("patient", "sms", dee)).toBe(0);
    await sql`delete from opt_outs`.execute(db);
  });
});

test("the current state is always what the ledger says last of the address that is there", async () => {
  const { rows } = await sql`
    select from contact_points c where c.address_index is not null and c.granted is distinct from coalesce((
      select n.action = 'granted' from consents n
      where n.patient_id = c.patient_id and n.person = c.person and n.channel = c.channel and n.address_index = c.address_index
      order by n.at desc, n.recorded_at desc limit 1), false)`.execute(db);
  expect(rows).toEqual([]);
});
