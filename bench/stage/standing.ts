/** Touchpoints that stand, weeks ahead: the schedule of a group of clinics that has been running for a while. Made in SQL, because nobody opens their seals. */
import type pg from "pg";

/** Touchpoints a series, and days ahead of which the first of them comes due. */
const PER_SERIES = 24;
const FIRST_IN_DAYS = 2;

/** Ids in the order in which they were made, as UUIDv7 are, apart from all real ones. */
const id = (table: number, number: string) => `('0000000${table}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
/** This process's zone data: sessions of an older version are planned again as soon as a worker is up, a hundred thousand touchpoints in the midst of what is timed. */
const TZ_VERSION = `'${process.versions.tz ?? "unknown"}'`;
const SEAL = "decode(md5(n::text) || md5(n::text) || md5(n::text), 'hex')";

/** Adds series until so many more touchpoints stand, over all clinics, from the `from`-th on; statistics are fresh afterwards. */
export async function addStanding(pool: pg.Pool, { touchpoints, from }: { touchpoints: number; from: number }): Promise<void> {
  const [first, last] = [Math.ceil(from / PER_SERIES), Math.ceil((from + touchpoints) / PER_SERIES) - 1];
  const series = `generate_series(${first}, ${last}) as n join numbered c on c.position = n % (select count(*) from clinics)`;
  for (const statement of statements(series)) await pool.query(statement);
  await pool.query("vacuum analyze");
}

function statements(series: string): string[] {
  const numbered = `with numbered as (select c.*, row_number() over (order by slug) - 1 as position, a.id as approval_id,
      (select id from senders s where s.clinic_id = c.id and channel = 'email') as email_id,
      (select id from senders s where s.clinic_id = c.id and channel = 'sms') as sms_id
    from clinics c join protocol_approvals a on a.clinic_id = c.id)`;
  const begins = `date_trunc('day', now()) + make_interval(days => ${FIRST_IN_DAYS} + (n % 60)::integer)`;
  return [
    `${numbered} insert into patients (id, group_id, ref_sealed, ref_index, name_sealed, phone_sealed, email_sealed, zone, locale, quiet_from, quiet_to, plan_revision, planned_revision)
      select ${id(1, "n")}, c.group_id, ${SEAL}, decode(md5('ref' || n), 'hex'), ${SEAL}, ${SEAL}, ${SEAL}, c.zone, 'en', 1200, 540, 1, 1 from ${series}`,
    `${numbered} insert into contact_points (patient_id, person, channel, group_id, address_index, granted)
      select ${id(1, "n")}, 'patient', channel, c.group_id, decode(md5(channel || n), 'hex'), true from ${series} cross join unnest(array['email', 'sms']) as channel`,
    `${numbered} insert into series (id, clinic_id, patient_id, approval_id, condition, status, enqueued_at, quiet_until, external_id_index, content_hash)
      select ${id(2, "n")}, c.id, ${id(1, "n")}, c.approval_id, 'depression', 'active', now(), now(), decode(md5('id' || n), 'hex'), decode(md5('h' || n), 'hex') from ${series}`,
    `${numbered} insert into sessions (id, clinic_id, patient_id, series_id, number, kind, setting, owner, status, local_start, zone, resolution, tz_version, starts_at, ends_at)
      select ${id(3, "n * 2 + i")}, c.id, ${id(1, "n")}, ${id(2, "n")}, i + 1, 'dosing', 'clinic', 'ours', 'scheduled', to_char(${begins} + make_interval(days => 2 * i), 'YYYY-MM-DD"T"10:00'), c.zone,
        'exact', ${TZ_VERSION}, ${begins} + make_interval(days => 2 * i, hours => 17), ${begins} + make_interval(days => 2 * i, hours => 18) from ${series} cross join generate_series(0, 1) as i`,
    `${numbered} insert into links (id, clinic_id, patient_id, kind, subject_id, recipient, key_id, token_hash, expires_at)
      select ${id(4, "n * 2 + i")}, c.id, ${id(1, "n")}, 'session', ${id(3, "n * 2 + i")}, 'patient', 'l1', decode(md5('a' || n || '.' || i) || md5('b' || n || '.' || i), 'hex'), ${begins} + interval '9 days'
      from ${series} cross join generate_series(0, 1) as i`,
    `${numbered} insert into touchpoints (id, clinic_id, patient_id, series_id, session_id, sender_id, link_id, due_at, try_at, first_try_at, send_by, expires_at, occurrence, arming, state, channel, recipient,
        purpose, importance, on_unknown, locale, task_kind, zone, rule, template, key, legal_at)
      select ${id(5, `n * ${PER_SERIES} + i`)}, c.id, ${id(1, "n")}, ${id(2, "n")}, ${id(3, "n * 2 + i % 2")}, case i % 5 when 4 then null when 0 then c.email_id when 1 then c.email_id else c.sms_id end,
        case i % 5 when 4 then null else ${id(4, "n * 2 + i % 2")} end, at, at, at, at + interval '8 hours', at + interval '10 hours', i, 0, 'planned',
        case i % 5 when 4 then 'task' when 0 then 'email' when 1 then 'email' else 'sms' end, case i % 5 when 4 then 'staff' else 'patient' end,
        case i % 5 when 4 then 'staff-task' else 'reminder' end, 'normal', 'resend', 'en', case i % 5 when 4 then 'review' end, c.zone, 'day-before', 'day-before',
        'day-before/' || ${id(3, "n * 2 + i % 2")} || '.0/' || i || '/p/x', tstzmultirange(tstzrange(at, at + interval '8 hours'))
      from ${series} cross join generate_series(0, ${PER_SERIES - 1}) as i cross join lateral (select ${begins} + make_interval(hours => 14 * i, secs => (n % 3600)::integer) as at) as times`,
  ];
}
