import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import type { PatientId, TouchpointId } from "../../src/domain/ids.ts";
import { makeSendGate } from "../../src/workers/send-gate.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, makeSenders, readTouchpoint, WELCOME_AT } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const channels = ["email", "sms"] as const;
let ana: PatientId;
let welcomes: { email: TouchpointId; sms: TouchpointId };

beforeEach(async () => {
  await forgetTouchpoints(world);
  ana = await enqueueAna(world);
  const [email] = await findWelcomes(world, [ana], "email");
  const [sms] = await findWelcomes(world, [ana], "sms");
  if (!email || !sms) expect.unreachable();
  welcomes = { email, sms };
});

const countSent = (channel: "email" | "sms") => (channel === "email" ? world.smtp.mails() : world.twilio.messages()).length;
const readDeliveries = (id: TouchpointId) =>
  db
    .selectFrom("deliveries")
    .select(["state", "attempt", "code", "calledAt", "answeredAt", "latenessMs", "providerMessageId"])
    .where("touchpointId", "=", id)
    .execute();

describe.each(channels)("a hint over %s", (channel) => {
  test("is sent, and what was sent is recorded", async () => {
    const send = await makeSenders(world);
    expect(await send[channel]({ touchpointIds: [welcomes[channel]] })).toEqual({ sent: 1, skipped: 0 });
    expect(countSent(channel)).toBe(1);
    expect(await readTouchpoint(world, welcomes[channel])).toMatchObject({ state: "sent", attempts: 1 });
    const [delivery] = await readDeliveries(welcomes[channel]);
    expect(delivery).toMatchObject({ state: "sent", attempt: 1, code: null });
    expect(delivery?.providerMessageId).toMatch(channel === "sms" ? /^SM/ : /./);
    expect(delivery?.latenessMs).toBeGreaterThanOrEqual(0);
  });

  test("is recorded as in time where the computers' clocks disagree by more than any lateness", async () => {
    const send = await makeSenders(world);
    await sql`update clinic_clock set machine_at = machine_at + interval '60 days'`.execute(db);
    expect(await send[channel]({ touchpointIds: [welcomes[channel]] })).toEqual({ sent: 1, skipped: 0 });
    expect(await readDeliveries(welcomes[channel])).toMatchObject([{ state: "sent", latenessMs: 0 }]);
  });

  test("run twice sends once", async () => {
    const send = await makeSenders(world);
    const hint = { touchpointIds: [welcomes[channel]] };
    await send[channel](hint);
    expect(await send[channel](hint)).toEqual({ skipped: 1 });
    expect(countSent(channel)).toBe(1);
    expect(await readDeliveries(welcomes[channel])).toHaveLength(1);
  });

  test("in the hands of several workers at the same moment sends once", async () => {
    const workers = await Promise.all(Array.from({ length: 5 }, () => makeSenders(world)));
    const words = await Promise.all(workers.map((send) => send[channel]({ touchpointIds: [welcomes[channel]] })));
    expect(words.reduce((sum, { sent = 0 }) => sum + sent, 0)).toBe(1);
    expect(countSent(channel)).toBe(1);
  });

  test("says nothing when the world has changed since it was planned", async () => {
    const send = await makeSenders(world);
    await sql`update contact_points set granted = false where patient_id = ${ana}`.execute(db);
    expect(await send[channel]({ touchpointIds: [welcomes[channel]] })).toEqual({ skipped: 1 });
    expect(countSent(channel)).toBe(0);
    expect(await readTouchpoint(world, welcomes[channel])).toMatchObject({ state: "planned", attempts: 0 });
  });

  test("says nothing in quiet hours, and nothing too late", async () => {
    const send = await makeSenders(world);
    const { legalAt } = await db.selectFrom("touchpoints").select("legalAt").where("id", "=", welcomes[channel]).executeTakeFirstOrThrow();
    const last = legalAt.at(-1)?.to ?? WELCOME_AT;
    await stepClock(db, last);
    expect(await send[channel]({ touchpointIds: [welcomes[channel]] })).toEqual({ skipped: 1 });
    expect(countSent(channel)).toBe(0);
  });

  test("meant for the other channel is left to it", async () => {
    const send = await makeSenders(world);
    const other = channel === "email" ? "sms" : "email";
    expect(await send[channel]({ touchpointIds: [welcomes[other]] })).toEqual({ skipped: 1 });
  });
});

describe("a row that cannot be written", () => {
  test("touches none of its neighbours, and is tried again", async () => {
    const other = await enqueueAna(world);
    const [good] = await findWelcomes(world, [other], "sms");
    await sql`update touchpoints set template = 'no-such-template' where id = ${welcomes.sms}`.execute(db);
    const send = await makeSenders(world);
    expect(await send.sms({ touchpointIds: [welcomes.sms, ...(good ? [good] : [])] })).toEqual({ sent: 1, "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "planned", attempts: 0 });
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "message.unwritten", touchpointId: welcomes.sms }),
    );
  });

  test("because its approval's templates are broken keeps no other approval from being read", async () => {
    const other = await enqueueAna(world);
    const [good] = await findWelcomes(world, [other], "sms");
    await sql`
      with broken as (
        insert into protocol_approvals (id, clinic_id, protocol, version, content, templates, hash, approved_by, approved_at)
        select gen_random_uuid(), clinic_id, protocol, version, content, '[{"broken": true}]', 'broken', approved_by, '2000-01-01'
        from protocol_approvals where id = (select approval_id from series where patient_id = ${ana}) returning id)
      update series set approval_id = broken.id from broken where patient_id = ${ana}`.execute(db);
    const send = await makeSenders(world);
    expect(await send.sms({ touchpointIds: [welcomes.sms, ...(good ? [good] : [])] })).toEqual({ sent: 1, "not-yet": 1, skipped: 0 });
  });

  test("because its HTML prints what its text does not ask for was provably not sent, and is tried again", async () => {
    const other = await enqueueAna(world);
    const [good] = await findWelcomes(world, [other], "email");
    await sql`
      with broken as (
        insert into protocol_approvals (id, clinic_id, protocol, version, content, templates, hash, approved_by, approved_at)
        select gen_random_uuid(), clinic_id, protocol, version, content,
          jsonb_set(jsonb_set(templates::jsonb, '{welcome,en,email,html}', '"<p>{{ session.join_url }}</p>"'), '{welcome,en,email,mjml}', '"another"'), 'broken-html', approved_by, '2000-01-01'
        from protocol_approvals where id = (select approval_id from series where patient_id = ${ana}) returning id)
      update series set approval_id = broken.id from broken where patient_id = ${ana}`.execute(db);
    const send = await makeSenders(world);
    expect(await send.email({ touchpointIds: [welcomes.email, ...(good ? [good] : [])] })).toEqual({ sent: 1, "not-yet": 1, skipped: 0 });
    expect(countSent("email")).toBe(1);
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ state: "planned", attempts: 1 });
    expect(await readDeliveries(welcomes.email)).toMatchObject([{ state: "not-sent", code: "unwritten" }]);
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "message.unwritten", touchpointId: welcomes.email }),
    );
  });

  test("because what is sealed does not open never reaches a provider", async () => {
    await sql`update patients set phone_sealed = email_sealed where id = ${ana}`.execute(db);
    const send = await makeSenders(world);
    expect(await send.sms({ touchpointIds: [welcomes.sms] })).toEqual({ "not-yet": 1, skipped: 0 });
    expect(countSent("sms")).toBe(0);
  });
});

describe("a sender's rate", () => {
  const setTokens = (tokens: number) =>
    sql`update rate_buckets set tokens = ${tokens}, burst = 8, per_second = 0.5, refilled_at = clock_timestamp()`.execute(db);
  const reset = () => sql`update rate_buckets set tokens = 1000, burst = 1000, per_second = 500`.execute(db);

  test("holds back what it has no tokens for: planned, not taken for lost, and hinted for when there are some", async () => {
    const more = await Promise.all([enqueueAna(world), enqueueAna(world)].map(async (each) => findWelcomes(world, [await each], "email")));
    const ids = [welcomes.email, ...more.flat()];
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '1 hour' where id = any(${ids}::uuid[])`.execute(db);
    await setTokens(1);
    const send = await makeSenders(world);
    expect(await send.email({ touchpointIds: ids })).toEqual({ sent: 1, "not-yet": 2, skipped: 0 });
    await reset();
    expect(countSent("email")).toBe(1);
    expect(send.later).toHaveLength(1);
    expect(send.later[0]?.ids).toHaveLength(2);
    expect(send.later[0]?.afterMs).toBeGreaterThanOrEqual(500);
    const { rows } = await sql<{ state: string; fresh: boolean }>`
      select state, hinted_at > clock_timestamp() - interval '10 seconds' as fresh from touchpoints where id = any(${send.later[0]?.ids ?? []}::uuid[])`.execute(
      db,
    );
    expect(rows).toEqual([
      { state: "planned", fresh: true },
      { state: "planned", fresh: true },
    ]);
  });
});

describe("the connections of a process", () => {
  test("bound what it claims: of five at once no more than two are in flight", async () => {
    const patients: PatientId[] = [];
    for (let count = 0; count < 4; count++) patients.push(await enqueueAna(world));
    const ids = [welcomes.email, ...(await findWelcomes(world, patients, "email"))];
    const gate = makeSendGate({ least: 2, most: 2 });
    const { email } = world.deps;
    const claimed: number[] = [];
    const countInFlight = async () => {
      const { rows } = await sql<{ count: number }>`select count(*) as count from touchpoints where state = 'sending'`.execute(db);
      claimed.push(rows[0]?.count ?? 0);
    };
    const sendCounted: typeof email.send = async (...letter) => {
      const outcome = await email.send(...letter);
      await countInFlight();
      return outcome;
    };
    const watched: typeof email = { ...email, send: sendCounted };
    const send = await makeSenders({ ...world, deps: { ...world.deps, email: watched } }, { gate });
    expect(await send.email({ touchpointIds: ids })).toEqual({ sent: 5, skipped: 0 });
    expect(claimed).toHaveLength(5);
    expect(Math.max(...claimed)).toBe(2);
  });

  test("a database that fails while tokens are taken costs no connection", async () => {
    const gate = makeSendGate({ least: 1, most: 1 });
    const send = await makeSenders(world, { gate });
    await sql`alter table rate_buckets rename to away`.execute(db);
    await expect(send.email({ touchpointIds: [welcomes.email] })).rejects.toThrow("rate_buckets");
    await sql`alter table away rename to rate_buckets`.execute(db);
    expect(await send.email({ touchpointIds: [welcomes.email] })).toEqual({ sent: 1, skipped: 0 });
  });

  test("nor does one that fails at a later part of a hint: the room of that part is free again", async () => {
    const ids = [welcomes.email, ...(await findWelcomes(world, [await enqueueAna(world), await enqueueAna(world)], "email"))];
    const send = await makeSenders(world, { gate: makeSendGate({ least: 1, most: 1 }) });
    await sql`create sequence parts`.execute(db);
    await sql`
      create function fail_second_part() returns trigger language plpgsql as ${sql.raw(`$$ begin
        if nextval('parts') = 2 then raise exception 'away' using errcode = '57P01'; end if; return new; end $$`)}`.execute(db);
    await sql`create trigger fail_second_part before insert on deliveries for each row execute function fail_second_part()`.execute(db);
    await expect(send.email({ touchpointIds: ids })).rejects.toThrow("away");
    await sql`drop trigger fail_second_part on deliveries`.execute(db);
    expect(await send.email({ touchpointIds: ids })).toEqual({ sent: 2, skipped: 1 });
  });

  test("a closed gate claims nothing more and leaves the rows to others", async () => {
    const gate = makeSendGate({ least: 4, most: 4 });
    gate.close();
    const send = await makeSenders(world, { gate });
    expect(await send.email({ touchpointIds: [welcomes.email] })).toEqual({ skipped: 1 });
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ state: "planned", attempts: 0 });
  });
});
