/** What personal pages show. Everything here only reads: a mail gateway opens every link it sees. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, SeriesId, SessionId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

/** Whose page it is and what it speaks of; no name, no address of a person. */
export type PageRow = {
  readonly subjectId: SessionId | SeriesId;
  /** Whether the page lists a series; otherwise it shows one session. */
  readonly listsSeries: boolean;
  readonly approvalId: ApprovalId;
  readonly recipient: "patient" | "escort";
  readonly locale: string;
  readonly zone: string;
  readonly clinicName: string;
  readonly clinicPhone: string;
  readonly clinicZone: string;
  readonly clinicAddress: string | null;
  readonly staffedHours: unknown;
  readonly now: Instant;
};

/** The page behind a token's hash. Unknown, revoked and expired ones (on clinic time), and those of a patient on hold, are all undefined, by the same statement. */
export async function findPage(db: Database, tokenHash: Buffer): Promise<PageRow | undefined> {
  const { rows } = await sql<PageRow>`
    select l.subject_id, v.id is null as lists_series, s.approval_id, l.recipient, p.zone, (select afterglow_now()) as now,
      case l.recipient when 'escort' then coalesce(e.locale, p.locale) else p.locale end as locale,
      c.name as clinic_name, c.phone as clinic_phone, c.zone as clinic_zone, c.address as clinic_address, c.staffed_hours
    from links l
      join clinics c on c.id = l.clinic_id
      join patients p on p.id = l.patient_id
      left join escorts e on e.patient_id = l.patient_id
      left join sessions v on v.id = l.subject_id
      join series s on s.id = coalesce(v.series_id, l.subject_id)
    where l.token_hash = ${tokenHash} and l.kind = 'session' and l.revoked_at is null and l.expires_at > (select afterglow_now()) and s.status <> 'void' and p.hold_code is null`.execute(
    db,
  );
  return rows[0];
}

export type PageSessionRow = {
  readonly kind: string;
  readonly setting: string;
  readonly status: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly joinUrl: string | null;
  /** Whether staff moved it since it was first told. */
  readonly moved: boolean;
};

/** The session of the page, or those of its series that are not over; cancelled ones among them, because somebody may still remember the day. */
export async function loadPageSessions(db: Database, { subjectId, listsSeries }: PageRow): Promise<PageSessionRow[]> {
  const which = listsSeries
    ? sql`series_id = ${subjectId} and ends_at > (select afterglow_now()) and status not in ('discharged', 'completed', 'not_dosed', 'no_show')`
    : sql`id = ${subjectId}`;
  const { rows } = await sql<PageSessionRow>`
    select kind, setting, status, zone, starts_at, ends_at, discharged_at, place, join_url, arming > 0 as moved
    from sessions where ${which} order by starts_at, id`.execute(db);
  return rows;
}
