import { type RawBuilder, sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { monotonicMs } from "../../src/clock.ts";
import { checkLedger, checkLedgerWithin, type CheckResult } from "../../src/db/ledger.ts";
import { MOST_SHOWN } from "../../src/db/ledger-check.ts";
import { LEDGER_CHECKS } from "../../src/db/ledger-checks.ts";
import type { ClinicId, TouchpointId } from "../../src/domain/ids.ts";
import { openWorld } from "../support/world.ts";
import { makeSent, type StoredSeries, storeSeriesNow, withoutGuards } from "./support/stored-series.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: StoredSeries;

/** One touchpoint of Ana's each, by what is to be done to it. */
const row = { sent: sql``, mail: sql``, text: sql``, task: sql``, merged: sql`` };

beforeAll(async () => {
  ana = await storeSeriesNow(world);
  const sent = await findId(sql`channel = 'email' and rule = 'welcome'`);
  await db.transaction().execute(async (tx) => {
    await withoutGuards(tx);
    await makeSent(tx, sent);
  });
  row.sent = sql`${sent}::uuid`;
  row.mail = sql`${await findId(sql`channel = 'email' and session_id is not null and awaits is null and state = 'planned'`)}::uuid`;
  row.text = sql`${await findId(sql`channel = 'sms' and recipient = 'patient' and session_id is not null and awaits is null and state = 'planned'`)}::uuid`;
  row.task = sql`${await findId(sql`channel = 'task' and state = 'planned' and recipient = 'staff'`)}::uuid`;
  row.merged = sql`${await findId(sql`state = 'suppressed' and reason = 'merged'`)}::uuid`;
});

async function findId(where: RawBuilder<unknown>): Promise<TouchpointId> {
  const { rows } = await sql<{ id: TouchpointId }>`
    select id from touchpoints where series_id = ${ana.seriesId} and ${where} order by due_at, id limit 1`.execute(db);
  if (!rows[0]) throw new Error("Ana's series has no such touchpoint");
  return rows[0].id;
}

class TakenBack extends Error {}

/** What the ledger says of the rows as `plant` leaves them; nothing of it stays. */
async function checkWith(plant: readonly RawBuilder<unknown>[], clinicId: ClinicId | null = null): Promise<CheckResult[]> {
  let results: CheckResult[] = [];
  const run = db.transaction().execute(async (tx) => {
    await withoutGuards(tx);
    for (const statement of plant) await statement.execute(tx);
    results = await checkLedgerWithin(tx, { clinicId, now: monotonicMs });
    throw new TakenBack();
  });
  await expect(run).rejects.toBeInstanceOf(TakenBack);
  return results;
}

const namesOf = (results: readonly CheckResult[], state: CheckResult["state"]) =>
  results.filter((result) => result.state === state).map(({ name }) => name);

const touch = (id: () => RawBuilder<unknown>, set: RawBuilder<unknown>) => () => [sql`update touchpoints set ${set} where id = ${id()}`];
const openTask = (set: RawBuilder<unknown>) => sql`
  insert into tasks (id, clinic_id, patient_id, series_id, kind, template, locale, importance, opened_at, due_by, state, closed_at, closed_by, assignee, outcome)
  select gen_random_uuid(), clinic_id, patient_id, id, 'call', 'call', 'en', 'high', now(), now(), ${set} from series limit 1`;
const deliver = (set: RawBuilder<unknown>) => sql`
  insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, content_hash, state, claimed_at, called_at, provider_message_id)
  select gen_random_uuid(), id, clinic_id, gen_random_uuid(), 2, channel, '', ${set} from touchpoints where id = ${row.sent}`;

const openAlert = (set: RawBuilder<unknown>) => sql`
  insert into alerts (id, clinic_id, patient_id, kind, source, source_id, raised_at, acknowledged_at, level, state, page_at, stored_at, owner)
  select gen_random_uuid(), clinic_id, patient_id, 'self-harm-answer', 'staff', gen_random_uuid(), now(), now(), ${set} from series limit 1`;

/** A crisis text to a number: its state, calls, calls whose answer is lost, next try, since when, and the carrier's id. */
const crisisText = (set: RawBuilder<unknown>) => sql`
  with text as (
    insert into inbound_messages (id, group_id, clinic_id, sender_id, provider_message_id, from_index, from_sealed, body_sealed, media, received_at, handled_at, kind)
    select gen_random_uuid(), c.group_id, c.id, d.id, 'SM' || gen_random_uuid(), '', '', '', 0, now(), now(), 'free-text'
    from clinics c join senders d on d.clinic_id = c.id and d.channel = 'sms' limit 1
    returning id, clinic_id, sender_id)
  insert into crisis_answers (id, inbound_id, clinic_id, sender_id, locale, state, attempts, unanswered, try_at, stored_at, provider_message_id)
  select gen_random_uuid(), id, clinic_id, sender_id, 'en', ${set} from text`;
const digest = (unready: number) => sql`
  insert into digests (clinic_id, about, unready, visits, written_at) select id, '2027-01-11', ${unready}::integer, 3, now() from clinics limit 1`;
const digestMail = (person: string, set: RawBuilder<unknown>) => sql`
  insert into digest_mails (id, clinic_id, about, person, state, try_at, stored_at) select gen_random_uuid(), clinic_id, about, ${person}, ${set} from digests`;

type Faults = Readonly<Record<string, () => readonly RawBuilder<unknown>[]>>;

/** One broken promise each, as no producer or worker could break it. */
const FAULTS: Faults = {
  "alert-paged": () => [openAlert(sql`'high', 'open', null, now(), null`)],
  "pager-alive": () => [openAlert(sql`'high', 'open', now() - interval '2 minutes', now(), null`)],
  "crisis-words": () => [sql`update protocol_approvals set templates = templates #- '{answer-crisis,es}'`],
  "crisis-text-sent": () => [crisisText(sql`'planned', 1, 0, now() - interval '6 minutes', now() - interval '6 minutes', null`)],
  "desk-paged": () => [
    sql`insert into tasks (id, clinic_id, patient_id, series_id, session_id, kind, template, locale, importance, opened_at, due_by, state, page_at)
      select gen_random_uuid(), clinic_id, patient_id, series_id, id, 'reply', 'wants-to-move', 'en', 'critical', now(), now(), 'open', now() - interval '6 minutes'
      from sessions where starts_at > now() limit 1`,
  ],
  "alert-ended-by-people": () => [openAlert(sql`'high', 'acknowledged', null, now(), null`)],
  "alert-silence": () => [openAlert(sql`'critical', 'acknowledged', null, now(), 'staff:Maria'`)],
  "ended-or-to-come": touch(
    () => row.text,
    sql`awaits = 'dosing', legal_at = tstzmultirange(tstzrange(now() - interval '2 hours', now() - interval '1 hour')),
    send_by = now() - interval '1 hour', try_at = now() - interval '2 hours'`,
  ),
  "due-is-claimed": touch(
    () => row.text,
    sql`try_at = now() - interval '6 minutes', send_by = now() + interval '1 hour',
    legal_at = tstzmultirange(tstzrange(now() - interval '1 hour', now() + interval '1 hour'))`,
  ),
  "ends-are-recorded": touch(() => row.sent, sql`ended_at = null`),
  "hours-agree": touch(() => row.text, sql`send_by = send_by + interval '1 second'`),
  "series-is-planned": () => [sql`update series set status = 'enqueued'`],
  "plans-are-fresh": () => [sql`update patients set plan_revision = plan_revision + 1, unplanned_since = now() - interval '61 seconds'`],
  "merged-is-said": touch(() => row.merged, sql`merged_into = null`),
  "what-matters-is-called": touch(() => row.task, sql`state = 'tasked', ended_at = now()`),
  "digests-are-mailed": () => [digest(1)],
  "tasks-are-closed-by-somebody": () => [openTask(sql`'done', now(), null, null, 'reached'`)],
  "intent-before-effect": () => [sql`update deliveries set claimed_at = called_at + interval '3 seconds'`],
  "sent-is-recorded": () => [sql`update deliveries set state = 'refused'`],
  "one-attempt-in-flight": touch(() => row.text, sql`state = 'sending', worker_id = gen_random_uuid(), claimed_at = now()`),
  "sending-is-held": () => [
    sql`update touchpoints set state = 'sending', ended_at = null, worker_id = null where id = ${row.sent}`,
    sql`update deliveries set state = 'sending', called_at = null`,
  ],
  "attempts-are-counted": touch(() => row.text, sql`attempts = 1`),
  "sent-once": () => [
    deliver(sql`'sent', now() - interval '9 minutes 30 seconds', now() - interval '9 minutes 29 seconds', 'SM2'`),
    sql`update touchpoints set attempts = 2 where id = ${row.sent}`,
  ],
  "provider-ids-are-unique": () => [
    sql`drop index deliveries_provider_message`,
    deliver(sql`'not-sent', now() - interval '9 minutes 30 seconds', now() - interval '9 minutes 29 seconds', 'SM2'`),
    sql`update deliveries set provider_message_id = 'SM2', channel = 'sms'`,
    sql`update touchpoints set attempts = 2 where id = ${row.sent}`,
  ],
  "reports-are-folded": () => [
    sql`insert into provider_events (id, provider, delivery_id, fingerprint, body_sealed, received_at)
      select gen_random_uuid(), 'twilio', id, '', '', now() - interval '11 minutes' from deliveries`,
  ],
  "budget-is-kept": () => [
    sql`update clinics set texts_per_week = 0`,
    // A text like the mail that was sent, and like it in good order.
    sql`update touchpoints set channel = 'sms', sender_id = (select id from senders where channel = 'sms') where id = ${row.sent}`,
    sql`update deliveries set channel = 'sms'`,
  ],
  "never-late": touch(
    () => row.sent,
    sql`send_by = claimed_at - interval '25 seconds', legal_at = tstzmultirange(tstzrange(claimed_at - interval '1 hour', claimed_at - interval '25 seconds'))`,
  ),
  "never-early": touch(() => row.sent, sql`first_try_at = claimed_at + interval '4 seconds'`),
  "in-its-hours": touch(
    () => row.sent,
    sql`legal_at = tstzmultirange(tstzrange(claimed_at - interval '1 hour', claimed_at - interval '5 minutes'), tstzrange(claimed_at + interval '5 minutes', send_by))`,
  ),
  "unwanted-is-not-called": touch(() => row.sent, sql`unwanted_at = claimed_at - interval '1 second'`),
  "opt-out-is-kept": () => [
    sql`update consents set recorded_at = now() - interval '1 hour'`,
    sql`insert into opt_outs (group_id, channel, address_index, source, at)
      select group_id, channel, address_index, 'test', now() - interval '20 minutes' from contact_points where person = 'patient' and channel = 'email'`,
  ],
  "consent-came-first": () => [
    sql`insert into consents (id, group_id, patient_id, person, channel, action, address_index, source, actor, at, recorded_at)
      select gen_random_uuid(), group_id, patient_id, person, channel, 'revoked', address_index, 'test', 'test', now() - interval '20 minutes', now() - interval '20 minutes'
      from contact_points where person = 'patient' and channel = 'email'`,
    sql`update consents set recorded_at = now() - interval '1 hour' where action = 'granted'`,
    sql`update contact_points set granted = false where person = 'patient' and channel = 'email'`,
  ],
  "never-for-a-time-that-is-gone": () => [
    sql`update touchpoints t set session_id = v.id from sessions v where t.id = ${row.sent} and v.number = 1 and v.series_id = t.series_id`,
    // Made long before: the first hex digits of the id are its milliseconds.
    sql`update touchpoints set id = ('0190' || substr(id::text, 5))::uuid where id = ${row.sent}`,
    sql`update deliveries set touchpoint_id = ('0190' || substr(touchpoint_id::text, 5))::uuid`,
    sql`update sessions set arming = arming + 1, changed_at = now() - interval '20 minutes' where number = 1`,
    sql`update touchpoints t set arming = v.arming from sessions v where v.id = t.session_id and t.state = 'planned'`,
  ],
  "switches-are-kept": () => [
    sql`insert into switches (id, scope, subject, reason, actor, off_at) values (gen_random_uuid(), 'channel', 'email', 'test', 'test', now() - interval '20 minutes')`,
  ],
  "safe-mode-is-kept": () => [sql`update clinic_clock set safe_mode_since = now() - interval '20 minutes', safe_mode_reason = 'test'`],
  "ended-series-is-silent": () => [sql`update series set status = 'stopped', ended_at = now()`],
  "old-times-are-silent": () => [sql`update sessions set arming = arming + 1 where number = 1`],
  "lost-sessions-are-silent": () => [sql`update sessions set status = 'no_show' where number = 1`],
  "blocks-hold": () => [sql`update patients set hold_code = 'hospitalised'`],
  "held-has-its-block": touch(() => row.text, sql`state = 'held', reason = 'patient-hold'`),
  "consent-is-the-ledgers": () => [sql`update contact_points set granted = false where person = 'escort'`],
  "tenant-wall": () => [
    sql`insert into groups (id, slug) values ('01900000-0000-7000-8000-000000000001', 'other')`,
    sql`update contact_points set group_id = '01900000-0000-7000-8000-000000000001' where person = 'escort' and channel = 'email'`,
  ],
  "one-open-link": () => [
    sql`insert into links select gen_random_uuid(), clinic_id, patient_id, kind, subject_id, recipient, generation + 1, key_id, uuid_send(gen_random_uuid()), expires_at
      from links order by id limit 1`,
  ],
  "guards-are-on": () => [sql`alter table touchpoints disable trigger touchpoints_transition`],
  "wall-clock-is-kept": () => [sql`update sessions set starts_at = starts_at + interval '1 hour' where number = 6`],
};

test("a series as it was planned and begun breaks no promise, and every check is asked", async () => {
  const results = await checkLedger(db, { clinicId: null, now: monotonicMs });
  expect(results.flatMap(({ name, offences }) => offences.map((offence) => ({ name, ...offence })))).toEqual([]);
  expect(namesOf(results, "holds")).toEqual(LEDGER_CHECKS.map(({ name }) => name));
});

test("every check has a fault that it finds", () => {
  expect(LEDGER_CHECKS.map(({ name }) => name).toSorted()).toEqual(Object.keys(FAULTS).toSorted());
});

describe("a fault is found by its own check and by no other", () => {
  test.each(Object.keys(FAULTS))("%s", async (name) => {
    const results = await checkWith(FAULTS[name]?.() ?? []);
    expect(results.flatMap((result) => result.offences.map((offence) => ({ name: result.name, ...offence })))).toEqual(
      expect.arrayContaining([
        { name, id: expect.stringMatching(/^([a-z]+_[0-9a-f-]{36}|touchpoints_transition)$/), why: expect.any(String) },
      ]),
    );
    expect(namesOf(results, "violated")).toEqual([name]);
  });
});

const minutesAgo = (minutes: number) => sql`now() - make_interval(mins => ${minutes}::integer)`;

describe("a crisis text to a number", () => {
  const whenIt = async (set: RawBuilder<unknown>, also: readonly RawBuilder<unknown>[] = []) =>
    namesOf(await checkWith([crisisText(set), ...also]), "violated");

  test.each([
    ["waits for its next try", sql`'planned', 3, 0, now() + interval '5 seconds', ${minutesAgo(50)}, null`],
    ["has gone, once more after an answer that was lost", sql`'sent', 2, 1, now(), now(), 'SM1'`],
    ["may have gone twice, and is left alone", sql`'unknown', 2, 2, ${minutesAgo(600)}, ${minutesAgo(600)}, null`],
  ])("that %s breaks no promise", async (_, set) => {
    expect(await whenIt(set)).toEqual([]);
  });

  test.each([
    ["is in the hands of nobody", sql`'sending', 1, 0, ${minutesAgo(6)}, ${minutesAgo(7)}, null`],
    ["is tried for longer than it is of use", sql`'planned', 700, 0, now(), ${minutesAgo(71)}, null`],
    ["may have gone three times", sql`'sent', 3, 2, now(), now(), 'SM1'`],
  ])("that %s breaks one", async (_, set) => {
    expect(await whenIt(set)).toEqual(["crisis-text-sent"]);
  });
});

describe("a digest", () => {
  const whenMailed = async (...mails: readonly RawBuilder<unknown>[]) => namesOf(await checkWith([digest(2), ...mails]), "violated");

  test("that two people were mailed once breaks no promise", async () => {
    const sent = sql`'sent', ${minutesAgo(600)}, ${minutesAgo(600)}`;
    expect(await whenMailed(digestMail("Maria Desk", sent), digestMail("Sam Desk", sent))).toEqual([]);
  });

  test("whose mail nobody takes up, or that is tried the whole day, breaks one", async () => {
    expect(await whenMailed(digestMail("Maria Desk", sql`'planned', ${minutesAgo(11)}, ${minutesAgo(11)}`))).toEqual([
      "digests-are-mailed",
    ]);
    expect(await whenMailed(digestMail("Maria Desk", sql`'planned', now(), ${minutesAgo(421)}`))).toEqual(["digests-are-mailed"]);
  });

  test("that one person gets twice breaks one", async () => {
    const sent = sql`'sent', now(), now()`;
    expect(await whenMailed(digestMail("Maria Desk", sent), digestMail("maria desk ", sent))).toEqual(["digests-are-mailed"]);
  });
});

test("more offenders than are shown are counted", async () => {
  const results = await checkWith([sql`update touchpoints set ended_at = now()`]);
  const found = results.find(({ name }) => name === "ends-are-recorded");
  const { rows } = await sql<{ live: number }>`select count(*) as live from touchpoints where state = 'planned'`.execute(db);
  expect(found).toMatchObject({ state: "violated", count: rows[0]?.live });
  expect(found?.offences).toHaveLength(MOST_SHOWN);
});

test("asked about one clinic, it leaves out the faults of others", async () => {
  const fault = [sql`update touchpoints set ended_at = null where state = 'sent'`];
  const other = "01900000-0000-7000-8000-00000000000c" as ClinicId;
  expect(namesOf(await checkWith(fault, other), "violated")).toEqual([]);
  expect(namesOf(await checkWith(fault, world.clinicId), "violated")).toEqual(["ends-are-recorded"]);
});

test("while clinic time is not machine time, what compares the two is not asked", async () => {
  const results = await checkWith([sql`update clinic_clock set mode = 'stepped', clinic_at = now()`, ...(FAULTS["never-late"]?.() ?? [])]);
  expect(namesOf(results, "violated")).toEqual([]);
  expect(namesOf(results, "not-asked")).toEqual(LEDGER_CHECKS.filter(({ needsRealTime }) => needsRealTime).map(({ name }) => name));
});

test("it changes nothing, and a run that is stopped says which checks it has left out", async () => {
  const results = await checkLedger(db, { clinicId: null, now: monotonicMs, signal: AbortSignal.abort() });
  expect(new Set(results.map(({ state }) => state))).toEqual(new Set(["unfinished"]));
});
