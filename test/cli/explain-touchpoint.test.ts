import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { newId } from "../../src/clock.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

const PRIVATE = /Ana|Ortiz|Marta|555-?01|\+1303|example\.org|10482/;

type Explained = {
  readonly state: string;
  readonly waitsFor: { readonly name: string; readonly says: string } | null;
  readonly claimableNow: boolean;
  readonly story: readonly { readonly says: string; readonly clinicAt: string | null; readonly machineAt: string }[];
  readonly tasks: readonly { readonly task: string; readonly state: string }[];
};

let clinic: SeededClinic;
let text: string;
let session: string;

beforeAll(async () => {
  clinic = await seedClinic();
  const series = String(linesOf((await clinic.run(["series", "enqueue", ANA, "--json", "--actor", "Maria"])).stdout)[0]?.["series"]);
  await clinic.plan();
  const shown = JSON.parse((await clinic.run(["series", "show", series, "--json"])).stdout);
  text = shown.touchpoints.find(
    (each: { rule: string; session: number; channel: string }) =>
      each.rule === "day-before" && each.session === 1 && each.channel === "sms",
  ).id;
  session = shown.sessions[0].id;
  // The evening before the first session: it is due.
  await setSteppedClock(clinic.db, at("2027-01-10T23:30:00Z"));
});

async function explain(id: string = text): Promise<Explained> {
  const { code, stdout, stderr } = await clinic.run(["touchpoint", "explain", id, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toMatch(PRIVATE);
  return JSON.parse(stdout);
}

const tellings = ({ story }: Explained) => story.map(({ says }) => says);
const change = (statement: string) => clinic.pool.query(statement);

test("what is due and not blocked waits for nothing, and its story begins with who enqueued it and which approval asks for it", async () => {
  const explained = await explain();
  expect(explained).toMatchObject({ state: "planned", waitsFor: null, claimableNow: true });
  expect(tellings(explained)).toEqual([
    expect.stringMatching(/^the series was enqueued \(.*\), by staff:Maria$/),
    expect.stringMatching(/^planned by rule day-before of iv-ketamine@1, approval apr_[0-9a-f-]{36} of \d{4}-\d\d-\d\d$/),
  ]);
});

const BLOCKS: readonly [name: string, says: RegExp, block: string, lift: string][] = [
  ["hold", /on hold \(hospitalised\)/, "update patients set hold_code = 'hospitalised'", "update patients set hold_code = null"],
  ["pause", /series is paused/, "update series set status = 'paused'", "update series set status = 'active'"],
  ["address", /no address/, "update contact_points set address_index = null where person = 'patient' and channel = 'sms'", "select 1"],
  [
    "address",
    /address is dead/,
    "update contact_points set dead_at = now() where person = 'patient' and channel = 'sms'",
    "update contact_points set dead_at = null",
  ],
  ["consent", /no consent/, "update contact_points set granted = false", "update contact_points set granted = true"],
  [
    "switch",
    /sending of this template is switched off/,
    "insert into switches (id, scope, subject, reason, actor) values (gen_random_uuid(), 'template', 'day-before', 'test', 'test')",
    "update switches set on_at = clock_timestamp()",
  ],
  ["safe-mode", /safe mode/, "update clinic_clock set safe_mode_since = now()", "update clinic_clock set safe_mode_since = null"],
  ["awaits", /treatment/, "update touchpoints set awaits = 'dosing'", "update touchpoints set awaits = null"],
  ["wanted", /newer fact/, "update touchpoints set unwanted_at = now()", "update touchpoints set unwanted_at = null"],
];

test.each(BLOCKS)("the first block is told in words: %s %s", async (name, says, block, lift) => {
  const { rows } = await sql<{
    index: Buffer;
  }>`select address_index as index from contact_points where person = 'patient' and channel = 'sms'`.execute(clinic.db);
  await change(block);
  expect(await explain()).toMatchObject({ claimableNow: false, waitsFor: { name, holds: false, says: expect.stringMatching(says) } });
  await change(lift);
  await sql`update contact_points set address_index = ${rows[0]?.index} where person = 'patient' and channel = 'sms'`.execute(clinic.db);
  if (name !== "awaits") expect(await explain()).toMatchObject({ claimableNow: true, waitsFor: null });
  await change("update touchpoints set awaits = null");
});

test("before its hour it waits for its hour, and of several blocks the one that somebody has to lift comes first", async () => {
  await setSteppedClock(clinic.db, at("2027-01-10T15:00:00Z"));
  expect(await explain()).toMatchObject({ waitsFor: { name: "legal-window" } });
  await change("update patients set hold_code = 'other'");
  expect(await explain()).toMatchObject({ waitsFor: { name: "hold" } });
  await change("update patients set hold_code = null");
  await setSteppedClock(clinic.db, at("2027-01-10T23:30:00Z"));
});

test("a message that was sent tells of its worker, its attempts, the provider's words and its end", async () => {
  const [id, worker] = [text.replace("tp_", ""), newId<"worker">()];
  await sql`insert into workers (id, role, host, pid, version, tz_version) values (${worker}, 'worker', 'desk', 42, '0.0.0', '2026a')`.execute(
    clinic.db,
  );
  await sql`update touchpoints set state = 'sending', attempts = 2 where id = ${id}`.execute(clinic.db);
  await sql`update touchpoints set state = 'sent' where id = ${id}`.execute(clinic.db);
  await sql`
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, claimed_at, called_at, answered_at, lateness_ms, content_hash, provider_message_id, code, provider_state, provider_at)
    select gen_random_uuid(), id, clinic_id, ${worker}::uuid, a.attempt, 'sms', a.state, ended_at - a.before, ended_at - a.before, ended_at - a.before, 12, '', a.sid, a.code, a.reported, ended_at + a.after
    from touchpoints, (values (1, 'not-sent', interval '2 milliseconds', null, '20429', null, null::interval), (2, 'sent', interval '1 millisecond', 'SM1', null, 'delivered', interval '1 millisecond'))
      as a (attempt, state, before, sid, code, reported, after) where id = ${id}`.execute(clinic.db);
  const explained = await explain();
  expect(explained).toMatchObject({ state: "sent", waitsFor: null });
  expect(tellings(explained).slice(2)).toEqual([
    "attempt 1: claimed by worker desk/42",
    "attempt 1: the provider was called, 12 ms after it could go",
    "attempt 1: it was not taken, and may be tried again (20429)",
    "attempt 2: claimed by worker desk/42",
    "attempt 2: the provider was called, 12 ms after it could go",
    "attempt 2: the provider took it (SM1)",
    "the end. It was taken by the provider.",
    "attempt 2: the provider reported delivered",
  ]);
  const { stdout } = await clinic.run(["touchpoint", "explain", text]);
  expect(stdout).toContain("of machine time  attempt 2: the provider took it (SM1)");
  expect(stdout).not.toMatch(PRIVATE);
});

test("what a fact ended says which fact, when, and who stated it", async () => {
  await setSteppedClock(clinic.db, at("2027-01-11T17:30:00Z"));
  expect((await clinic.run(["session", "no-show", session, "--actor", "Jo"])).code).toBe(0);
  const { rows } = await sql<{ id: string }>`select id from touchpoints where rule = 'next-day' and state = 'cancelled' limit 1`.execute(
    clinic.db,
  );
  const explained = await explain(rows[0]?.id ?? "");
  expect(explained.story).toContainEqual(
    expect.objectContaining({
      clinicAt: "2027-01-11T17:30:00.000Z",
      says: expect.stringMatching(/^the patient did not come \(.*\), by staff:Jo$/),
    }),
  );
  expect(tellings(explained).at(-1)).toMatch(/^the end\. It will not be sent: its session does not take place/);
});
