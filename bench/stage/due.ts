/** Touchpoints that are due: copies of what was really planned for real patients, rule by rule, so that every message is opened, rendered and sealed as in life. */
import type pg from "pg";
import { machineNow, newId } from "../../src/clock.ts";
import { instant } from "../../src/domain/calendar.ts";
import type { SenderId, SeriesId } from "../../src/domain/ids.ts";
import type { DueTouchpoint } from "../../src/producers/hint-touchpoints.ts";

export type DuePlan = {
  readonly channel: "email" | "sms";
  readonly count: number;
  /** Milliseconds from now: when the first comes due, and over how long they are spread. */
  readonly startsInMs: number;
  readonly overMs: number;
  /** `hinted`: the sweep takes them for hinted already and leaves them to the caller. */
  readonly hints: "hinted" | "to-be-hinted";
};

/** Inserts them and returns them in order of time. `series` are those whose plan is copied. */
export async function addDue(pool: pg.Pool, series: readonly SeriesId[], plan: DuePlan): Promise<DueTouchpoint[]> {
  const begin = machineNow() + plan.startsInMs;
  const moments = Array.from({ length: plan.count }, (_, index) => begin + (plan.overMs * index) / plan.count);
  const ids = moments.map(() => newId<"touchpoint">());
  const { rows } = await pool.query<{ sender_id: SenderId }>({
    name: "add-due",
    text: ADD_DUE,
    values: [ids, moments.map((at) => new Date(at).toISOString()), series, plan.channel, plan.hints === "hinted" ? "now" : null],
  });
  if (rows.length !== plan.count) throw new Error(`${rows.length} of ${plan.count} touchpoints could be made due`);
  return rows.map(({ sender_id: senderId }, index) => ({
    id: found(ids, index),
    senderId,
    channel: plan.channel,
    tryAt: instant(found(moments, index)),
  }));
}

function found<Value>(list: readonly Value[], index: number): Value {
  const value = list[index];
  if (value === undefined) throw new Error("A list is too short");
  return value;
}

const ADD_DUE = `
  with base as materialized (
    select t.*, row_number() over (order by md5(t.id::text)) - 1 as position from touchpoints t
    where t.series_id = any($3::uuid[]) and t.channel = $4 and t.recipient = 'patient' and t.state = 'planned' and t.key not like 'bench/%'),
  wanted as (
    select w.id, w.at, (w.n - 1) % (select count(*) from base) as position, w.n
    from unnest($1::uuid[], $2::timestamptz[]) with ordinality as w (id, at, n)),
  added as (
    insert into touchpoints (id, clinic_id, patient_id, series_id, session_id, sender_id, link_id, due_at, try_at, first_try_at, send_by, expires_at, hinted_at, occurrence, arming, state, channel, recipient,
      purpose, importance, on_unknown, locale, zone, rule, template, key, legal_at)
    select w.id, b.clinic_id, b.patient_id, b.series_id, b.session_id, b.sender_id, b.link_id, w.at, w.at, w.at, w.at + interval '8 hours', w.at + interval '10 hours', $5::timestamptz, b.occurrence, b.arming,
      'planned', b.channel, b.recipient, b.purpose, b.importance, b.on_unknown, b.locale, b.zone, b.rule, b.template, 'bench/' || w.id, tstzmultirange(tstzrange(w.at - interval '1 hour', w.at + interval '8 hours'))
    from wanted w join base b on b.position = w.position order by w.n
    returning id, sender_id)
  select a.sender_id from added a join wanted w on w.id = a.id order by w.n`;
