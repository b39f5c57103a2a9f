/** Pages of alerts: what a page needs to know, the claim of a step, and what became of each attempt. */
import { sql } from "kysely";
import type { AlertLevel } from "../domain/alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { PageSoFar } from "../domain/escalate-alert.ts";
import type { AlertId, ClinicId, PageId } from "../domain/ids.ts";
import type { StaffedClinic } from "../domain/staffed-time.ts";
import { readClosures, readLocale, readStaffedHours, readZone } from "./clinics.ts";
import type { Database, Tx } from "./database.ts";

/** An alert of which somebody is to be told now. */
export type DueAlert = {
  readonly id: AlertId;
  readonly level: AlertLevel;
  readonly step: number;
  readonly owner: string | null;
  readonly clinic: PagingClinic;
  readonly pages: readonly PageSoFar[];
  /** Clinic time. */
  readonly now: Instant;
};

/** What of a clinic a page needs. */
export type PagingClinic = StaffedClinic & {
  readonly id: ClinicId;
  readonly name: string;
  readonly locale: Locale;
  readonly phone: string;
  readonly safetySealed: Buffer | null;
  readonly sms: Sender;
  readonly email: Sender;
};

type Sender = { readonly name: string; readonly address: string };

type Row = ClinicRow & { level: AlertLevel; step: number; owner: string | null; pages: PageSoFar[]; now: Instant };

type ClinicRow = {
  clinicId: ClinicId;
  name: string;
  locale: string;
  phone: string;
  zone: string;
  staffedHours: unknown;
  closures: string[];
  safetySealed: Buffer | null;
  smsName: string;
  smsAddress: string;
  emailName: string;
  emailAddress: string;
};

const CLINIC = sql`c.id as clinic_id, c.name, c.locale, c.phone, c.zone, c.staffed_hours, c.closures::text[] as closures, c.safety_sealed,
  s.name as sms_name, s.address as sms_address, e.name as email_name, e.address as email_address`;
const SENDERS = sql`
  join senders s on s.clinic_id = c.id and s.channel = 'sms'
  join senders e on e.clinic_id = c.id and e.channel = 'email'`;

/** Finds an alert that is due to be paged; undefined when it is not (yet, or any more). */
export async function findDueAlert(db: Database, id: AlertId): Promise<DueAlert | undefined> {
  const { rows } = await sql<Row>`
    select ${CLINIC}, a.level, a.step, a.owner, (select afterglow_now()) as now,
      coalesce((
        select jsonb_agg(jsonb_build_object('step', p.step, 'person', p.person, 'outcome', p.outcome) order by p.began_at, p.id)
        from alert_pages p where p.alert_id = a.id and p.step = (select max(step) from alert_pages l where l.alert_id = a.id)), '[]') as pages
    from alerts a join clinics c on c.id = a.clinic_id ${SENDERS}
    where a.id = ${id} and a.state <> 'closed' and a.page_at <= (select clock_timestamp())`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { level, step, owner, pages, now } = row;
  return { id, level, step, owner, pages, now, clinic: toClinic(row) };
}

/** A clinic as it pages; undefined when there is none. */
export async function findPagingClinic(db: Database, id: ClinicId): Promise<PagingClinic | undefined> {
  const { rows } = await sql<ClinicRow>`select ${CLINIC} from clinics c ${SENDERS} where c.id = ${id}`.execute(db);
  return rows[0] && toClinic(rows[0]);
}

function toClinic({ clinicId, name, phone, safetySealed, ...row }: ClinicRow): PagingClinic {
  return {
    id: clinicId,
    name,
    phone,
    safetySealed,
    locale: readLocale(row.locale),
    zone: readZone(row.zone),
    staffedHours: readStaffedHours(row.staffedHours),
    closures: readClosures(row.closures),
    sms: { name: row.smsName, address: row.smsAddress },
    email: { name: row.emailName, address: row.emailAddress },
  };
}

/** Alerts that are due to be paged, the longest due first. */
export async function listDueAlerts(db: Database): Promise<AlertId[]> {
  const { rows } = await sql<{ id: AlertId }>`
    select id from alerts where page_at <= (select clock_timestamp()) order by page_at limit ${MOST_DUE}`.execute(db);
  return rows.map(({ id }) => id);
}

const MOST_DUE = 200;

/** How long a step that was claimed and of which nothing is heard belongs to whoever claimed it; above what all calls of a step take. */
export const STEP_LEASE_SECONDS = 60;

/** Takes the next step of an alert as it was seen; false when somebody else has, or has acknowledged or closed it. One guarded statement, so that two processes cannot both. */
export async function claimStep(db: Database, { id, step }: Pick<DueAlert, "id" | "step">): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update alerts set step = step + 1, page_at = clock_timestamp() + make_interval(secs => ${STEP_LEASE_SECONDS})
    where id = ${id} and step = ${step} and state <> 'closed' and page_at <= clock_timestamp()`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

export type SteppedAlert = { readonly id: AlertId; readonly step: number };

/** When the alert is paged next: so much clinic time from now. Nothing happens when somebody has acknowledged or closed it, or taken a further step, in the meantime. */
export async function setNextPage(db: Database, { id, step }: SteppedAlert, milliseconds: number): Promise<void> {
  await sql`
    update alerts set page_at = clock_timestamp() + make_interval(secs => ${milliseconds / 1000}::double precision
      / (select case mode when 'scaled' then scale else 1 end from clinic_clock))
    where id = ${id} and step = ${step} and state <> 'closed' and page_at is not null`.execute(db);
}

export type NewPage = {
  readonly id: PageId;
  readonly alertId: AlertId;
  readonly step: number;
  readonly person: string;
  readonly channel: "sms" | "email";
};

/** Before the call: what was begun is known even when the process does not live to say how it ended. */
export async function insertPage(db: Database, page: NewPage): Promise<void> {
  await db
    .insertInto("alertPages")
    .values({ ...page, outcome: "sending" })
    .execute();
}

export type PageEnd = {
  readonly id: PageId;
  readonly outcome: "sent" | "refused" | "not-sent" | "unknown";
  readonly providerMessageId: string | null;
  readonly code: string | null;
};

export async function recordPage(tx: Tx, { id, ...end }: PageEnd): Promise<void> {
  await tx
    .updateTable("alertPages")
    .set({ ...end, answeredAt: sql`clock_timestamp()` })
    .where("id", "=", id)
    .where("outcome", "=", "sending")
    .execute();
}

/** Brings the next page of alerts that nobody has acknowledged forward to now. */
export async function pageNow(tx: Tx, ids: readonly AlertId[]): Promise<void> {
  if (ids.length > 0)
    await sql`update alerts set page_at = clock_timestamp() where id = any(${ids}::uuid[]) and state = 'open' and page_at > clock_timestamp()`.execute(
      tx,
    );
}

/**
 * A carrier says that these did not reach the phone. Where such a page is the last step of an alert that nobody has acknowledged, it is the next person's turn
 * now. Ids that are no pages change nothing; a repeat changes nothing more.
 */
export async function failPages(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    with failed as (
      update alert_pages set outcome = 'refused', code = coalesce(code, 'undelivered') where id = any(${ids}::uuid[]) and outcome <> 'refused'
      returning alert_id, step),
    turned as (
      update alerts a set page_at = clock_timestamp() from failed f
      where a.id = f.alert_id and a.step = f.step and a.state = 'open' and a.page_at > clock_timestamp()
      returning a.id)
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select (select afterglow_now()), a.clinic_id, 'afterglow', 'alert.page-undelivered', a.id, jsonb_build_object('step', f.step)
    from failed f join alerts a on a.id = f.alert_id`.execute(tx);
}
