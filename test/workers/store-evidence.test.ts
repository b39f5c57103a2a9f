import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import type { PatientId, TouchpointId } from "../../src/domain/ids.ts";
import { changeContact } from "../../src/producers/change-contact.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, makeSenders, readTouchpoint } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: PatientId;
let sms: TouchpointId;

beforeEach(async () => {
  await forgetTouchpoints(world);
  ana = await enqueueAna(world);
  const [found] = await findWelcomes(world, [ana], "sms");
  if (!found) expect.unreachable();
  sms = found;
});

/** The database refuses `statement` on the table so many times, as if it were away. */
async function failTimes(table: "deliveries" | "contact_points", times: number): Promise<void> {
  await sql`create sequence if not exists failures`.execute(db);
  await sql`select setval('failures', 1, false)`.execute(db);
  await sql`
    create or replace function fail_for_a_while() returns trigger language plpgsql as ${sql.raw(`$$ begin
      if nextval('failures') <= ${times} then raise exception 'as asked' using errcode = '57P01'; end if; return new; end $$`)}`.execute(
    db,
  );
  await sql`create trigger fail_for_a_while before update on ${sql.table(table)} for each row execute function fail_for_a_while()`.execute(
    db,
  );
}

async function recover(table: "deliveries" | "contact_points"): Promise<void> {
  await sql`drop trigger fail_for_a_while on ${sql.table(table)}`.execute(db);
}

describe("what a provider said", () => {
  test("is stored although the database is away for a moment, and the text goes out once", async () => {
    await failTimes("deliveries", 2);
    expect(await (await makeSenders(world)).sms({ touchpointIds: [sms] })).toEqual({ sent: 1, skipped: 0 });
    await recover("deliveries");
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "sent", attempts: 1 });
    expect(world.twilio.messages()).toHaveLength(1);
    const retries = world.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "record.failed");
    // Said once a second, however often it is tried.
    expect(retries).toMatchObject([{ attempt: 1, count: 1, errorCode: "57P01" }]);
  });

  test("is kept in hand while the database is away for longer than a refused statement is tried, and is no second text", {
    timeout: 60_000,
  }, async () => {
    await failTimes("deliveries", 7);
    expect(await (await makeSenders(world)).sms({ touchpointIds: [sms] })).toEqual({ sent: 1, skipped: 0 });
    await recover("deliveries");
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "sent", attempts: 1 });
    expect(world.twilio.messages()).toHaveLength(1);
  });

  test("of an address is stored together with what follows from it, or not at all", async () => {
    world.twilio.setFaults([{ does: "refuse", code: 21211 }]);
    await failTimes("contact_points", 1);
    const seen: string[] = [];
    const replan = async () => void seen.push((await readTouchpoint(world, sms)).state);
    expect(await (await makeSenders(world, { replan })).sms({ touchpointIds: [sms] })).toEqual({ refused: 1, skipped: 0 });
    await recover("contact_points");
    expect(seen).toEqual(["failed"]);
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "failed" });
    const { rows } = await sql`select from contact_points where patient_id = ${ana} and dead_at is not null`.execute(db);
    expect(rows).toHaveLength(1);
  });

  test("of a number is about the one that was written to, not about the one that she has since she was written to", async () => {
    world.twilio.setFaults([{ does: "refuse", code: 21211 }]);
    const { sms: carrier } = world.deps;
    const send: typeof carrier.send = async (envelope, content) => {
      const answer = await carrier.send(envelope, content);
      const change = { phone: "+13035550199", consents: [] };
      await changeContact(world.deps, ana, { actor: "staff:test", dryRun: false, ifRevision: null, change });
      return answer;
    };
    const meanwhile = { ...world, deps: { ...world.deps, sms: { ...carrier, send } } };
    expect(await (await makeSenders(meanwhile)).sms({ touchpointIds: [sms] })).toEqual({ refused: 1, skipped: 0 });
    const { rows } = await sql`select from contact_points where patient_id = ${ana} and dead_at is not null`.execute(db);
    expect(rows).toEqual([]);
  });
});
