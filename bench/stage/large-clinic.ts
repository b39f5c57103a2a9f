/** Clinics that have run for half a year: people whose seals open, what was sent to them and delivered, visits spread over the calendar, tasks and alerts. */
import type pg from "pg";
import { readDatabaseConfig } from "../../src/config.ts";
import { makeVault } from "../../src/db/vault.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { openCore } from "../../src/deps.ts";
import type { ClinicId, PatientId, SeriesId } from "../../src/domain/ids.ts";
import { raiseAlerts } from "../../src/producers/raise-alerts.ts";
import type { Place } from "./open-stage.ts";
import { addStanding } from "./standing.ts";

export type LargeClinic = { readonly patients: number; readonly touchpoints: number };

/** Touchpoints that are still to come, of each patient. */
const TO_COME = 24;
const DAYS = 200;
const OPEN_TASKS = 900;
const ALERTS = 150;

/** Grows the place to so many patients and touchpoints; `standing` of the touchpoints are there already. */
export async function makeLargeClinic(place: Place, { patients, touchpoints }: LargeClinic, standing: number): Promise<void> {
  const { pool } = place;
  const wanted = patients * TO_COME;
  if (wanted > standing) await addStanding(pool, { touchpoints: wanted - standing, from: standing });
  await sealPatients(place);
  await spreadVisits(pool);
  await addHistory(pool, Math.ceil(touchpoints / patients) - TO_COME);
  await pool.query(TASKS);
  await raiseSome(place);
  await pool.query("vacuum analyze");
}

/** The standing patients were made in SQL, and a page that names somebody opens a seal. */
async function sealPatients({ pool, env }: Place): Promise<void> {
  const config = readDatabaseConfig(env);
  const vault = makeVault({ ring: config.AFTERGLOW_KEYS, indexKey: config.AFTERGLOW_INDEX_KEY });
  const { rows } = await pool.query<{ id: string }>("select id from patients where id < '00000002-0000-7000-8000-000000000000'");
  const seal = (column: string, text: (index: number) => string) =>
    rows.map(({ id }, index) => vault.seal(text(index), { table: "patients", column, row: id }));
  await pool.query(
    `update patients p set ref_sealed = v.ref, name_sealed = v.name, phone_sealed = v.phone, email_sealed = v.email
      from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[]) as v (id, ref, name, phone, email) where p.id = v.id`,
    [
      rows.map(({ id }) => id),
      seal("ref_sealed", (index) => `S${index}`),
      seal("name_sealed", (index) => `Eva Standing ${index}`),
      seal("phone_sealed", (index) => `+1303${String(2_000_000 + index)}`),
      seal("email_sealed", (index) => `eva-${index}@patients.example.org`),
    ],
  );
}

const NUMBER = "('x' || right(id::text, 12))::bit(48)::bigint / 2";

async function spreadVisits(pool: pg.Pool): Promise<void> {
  await pool.query(`
    with placed as (
      select id, date_trunc('day', now()) + make_interval(days => (n % ${DAYS})::integer - ${DAYS / 2} + i, hours => 15 + (n / ${DAYS} % 8)::integer) as at
      from (select id, ${NUMBER} as n, (('x' || right(id::text, 1))::bit(4)::integer % 2) * 2 as i from sessions where id < '00000004-0000-7000-8000-000000000000') s)
    update sessions s set starts_at = p.at, ends_at = p.at + interval '1 hour', local_start = to_char(p.at at time zone s.zone, 'YYYY-MM-DD"T"HH24:MI')
    from placed p where p.id = s.id`);
}

/** Ids of the moment at which they were made, as all of ours are. */
const idAt = (at: string, number: string) =>
  `(substr(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0'), 1, 8) || '-' || right(to_hex((extract(epoch from ${at}) * 1000)::bigint), 4) || '-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

async function addHistory(pool: pg.Pool, each: number): Promise<void> {
  await pool.query(`
    insert into touchpoints (id, clinic_id, patient_id, series_id, session_id, sender_id, due_at, try_at, first_try_at, send_by, expires_at, claimed_at, ended_at, occurrence, arming, attempts,
      state, channel, recipient, purpose, importance, on_unknown, locale, zone, rule, template, reason, key, legal_at)
    select ${idAt("at", "n * 1000 + j")}, r.clinic_id, r.patient_id, r.id, x.session_id, x.sender_id, at, at, at, at + interval '8 hours', at + interval '10 hours', at, at + interval '2 seconds', 0, 0, 1,
      case when j % 7 = 0 then 'suppressed' when j % 23 = 0 then 'expired' else 'sent' end, x.channel, 'patient', 'reminder', 'normal', 'resend', 'en', x.zone, 'day-before', 'day-before',
      case when j % 7 = 0 then 'merged' when j % 23 = 0 then 'too-late' end, 'history/' || j, tstzmultirange(tstzrange(at, at + interval '8 hours'))
    from (select s.*, ('x' || right(s.id::text, 12))::bit(48)::bigint as n from series s where s.id < '00000003-0000-7000-8000-000000000000') r
    cross join generate_series(1, ${each}) as j
    cross join lateral (select session_id, sender_id, channel, zone from touchpoints t where t.series_id = r.id and t.sender_id is not null order by t.key limit 1) x
    cross join lateral (select now() - make_interval(mins => (j * 2100 + n % 1440)::integer) as at) as times`);
  await pool.query(`
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, claimed_at, called_at, answered_at, lateness_ms, content_hash, provider_message_id, provider_state)
    select id, id, clinic_id, gen_random_uuid(), 1, channel, 'sent', claimed_at, claimed_at, ended_at, 20, decode(md5(id::text), 'hex'), id::text, 'delivered'
    from touchpoints where state = 'sent' and key like 'history/%'`);
}

const TASKS = `
  insert into tasks (id, clinic_id, patient_id, series_id, session_id, kind, template, locale, state, importance, opened_at, due_by)
  select gen_random_uuid(), r.clinic_id, r.patient_id, r.id, null, 'review', 'bench-' || row_number() over (), 'en', 'open', 'normal', now() - interval '1 day', now() + make_interval(mins => (row_number() over ())::integer)
  from series r order by r.id limit ${OPEN_TASKS}`;

type Person = { readonly clinicId: ClinicId; readonly patientId: PatientId; readonly seriesId: SeriesId };

async function raiseSome({ pool, env }: Place): Promise<void> {
  const core = await openCore(readDatabaseConfig(env));
  try {
    const { rows } = await pool.query<Person>(
      `select clinic_id as "clinicId", patient_id as "patientId", id as "seriesId" from series order by md5(id::text) limit $1`,
      [ALERTS],
    );
    const causes = rows.map(
      (person) =>
        ({ ...person, sessionId: null, kind: "worsening", level: "medium", source: "survey-response", sourceId: newId() }) as const,
    );
    await transact(core.db, (tx) => raiseAlerts(tx, causes, { actor: "bench" }));
  } finally {
    await core.close();
  }
}
