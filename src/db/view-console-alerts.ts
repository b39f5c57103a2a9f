/** Alerts as the console lists them, page by page by key; reads only. What identifies a person comes back sealed. */
import { sql } from "kysely";
import type { AlertKind, AlertLevel, AlertOutcome, AlertState } from "../domain/alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PageSoFar } from "../domain/escalate-alert.ts";
import type { AlertId, ClinicId, PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import type { PageWish } from "./view-lists.ts";

export type ListedAlert = {
  readonly id: AlertId;
  readonly clinicId: ClinicId;
  /** Null, as is all that is known of a patient: a text from a number that no chart has. */
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly kind: AlertKind;
  readonly level: AlertLevel;
  readonly state: AlertState;
  readonly raisedAt: Instant;
  readonly owner: string | null;
  readonly acknowledgedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly outcome: AlertOutcome | null;
  /** Machine time until somebody is paged, in seconds; at or below zero: now. Null: nobody is. */
  readonly secondsToPage: number | null;
  /** The last step of paging. */
  readonly pages: readonly PageSoFar[];
  readonly pagesTaken: number;
  /** What a page of the list is ordered by. */
  readonly order: string;
  /** Clinic time. */
  readonly now: Instant;
};

const COLUMNS = sql`
  a.id, a.clinic_id, a.patient_id, p.ref_sealed, p.name_sealed, p.phone_sealed, a.kind, a.level, a.state, a.raised_at, a.owner, a.acknowledged_at,
  a.closed_at, a.closed_by, a.outcome, extract(epoch from a.page_at - clock_timestamp())::float8 as seconds_to_page, (select afterglow_now()) as now,
  coalesce((
    select jsonb_agg(jsonb_build_object('step', g.step, 'person', g.person, 'outcome', g.outcome) order by g.began_at, g.id)
    from alert_pages g where g.alert_id = a.id and g.step = (select max(step) from alert_pages l where l.alert_id = a.id)), '[]') as pages,
  (select count(*) from alert_pages g where g.alert_id = a.id and g.outcome = 'sent')::integer as pages_taken`;

/** Ranks what nobody has, then what is gravest. */
const RANK = sql`
  (case a.state when 'open' then '0' else '1' end) || (case a.level when 'critical' then '0' when 'high' then '1' else '2' end) || ' '
  || to_char(a.raised_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`;

/** Those that are not closed: unacknowledged first, then the gravest, then the oldest. */
export async function listOpenAlerts(db: Database, clinicId: ClinicId, { after, limit }: PageWish): Promise<ListedAlert[]> {
  const [order, id] = after ?? [null, null];
  const { rows } = await sql<ListedAlert>`
    select ${COLUMNS}, ${RANK} as "order" from alerts a left join patients p on p.id = a.patient_id
    where a.clinic_id = ${clinicId} and a.state <> 'closed' and (${order}::text is null or (${RANK}, a.id) > (${order}::text, ${id}::uuid))
    order by ${RANK}, a.id limit ${limit}`.execute(db);
  return rows;
}

/** Those that are closed, the last one first. */
export async function listClosedAlerts(db: Database, clinicId: ClinicId, { after, limit }: PageWish): Promise<ListedAlert[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<ListedAlert>`
    select ${COLUMNS}, a.closed_at::text as "order" from alerts a left join patients p on p.id = a.patient_id
    where a.clinic_id = ${clinicId} and a.state = 'closed' and (${at}::timestamptz is null or (a.closed_at, a.id) < (${at}::timestamptz, ${id}::uuid))
    order by a.closed_at desc, a.id desc limit ${limit}`.execute(db);
  return rows;
}

/** One of them, as the list has it; undefined when there is none. */
export async function findListedAlert(db: Database, id: AlertId): Promise<ListedAlert | undefined> {
  const { rows } = await sql<ListedAlert>`
    select ${COLUMNS}, '' as "order" from alerts a left join patients p on p.id = a.patient_id where a.id = ${id}`.execute(db);
  return rows[0];
}
