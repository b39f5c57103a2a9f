/** The patients of a clinic as the console lists them, page by page by key, and one of them with what stands above their timeline. Reads only; names come sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SeriesStatus, SessionStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { SessionKind, Setting } from "../domain/protocol.ts";
import type { Database } from "./database.ts";

export const PATIENT_FILTERS = ["current", "all", "held"] as const;
export type PatientFilter = (typeof PATIENT_FILTERS)[number];

export type ListedPatient = {
  readonly id: PatientId;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly zone: Zone;
  readonly holdCode: string | null;
  readonly watched: boolean;
  readonly hasOpenAlert: boolean;
  readonly openTasks: number;
  /** The newest series at this clinic, by which the list is ordered. */
  readonly seriesId: SeriesId;
  readonly protocol: string;
  readonly status: SeriesStatus;
  readonly visits: number;
  readonly visitsDone: number;
  readonly nextAt: Instant | null;
  readonly nextZone: Zone | null;
};

type Listing = { readonly clinicId: ClinicId; readonly filter: PatientFilter; readonly after: SeriesId | null; readonly limit: number };

/** Whoever was enqueued last stands first. */
export async function listConsolePatients(db: Database, { clinicId, filter, after, limit }: Listing): Promise<ListedPatient[]> {
  const which = {
    current: sql`s.status in ('enqueued', 'active', 'paused')`,
    all: sql`true`,
    held: sql`exists (select from patients h where h.id = s.patient_id and h.hold_code is not null)`,
  }[filter];
  const { rows } = await sql<ListedPatient>`
    with page as (
      select s.id, s.patient_id, s.approval_id, s.status from series s
      where s.clinic_id = ${clinicId} and (${after}::uuid is null or s.id < ${after}::uuid) and ${which}
        and not exists (select from series o where o.patient_id = s.patient_id and o.clinic_id = s.clinic_id and o.id > s.id and ${filter === "current" ? sql`o.status in ('enqueued', 'active', 'paused')` : sql`true`})
      order by s.id desc limit ${limit})
    select p.id, p.ref_sealed, p.name_sealed, p.zone, p.hold_code, p.watched, g.id as series_id, a.content ->> 'title' as protocol, g.status,
      exists (select from alerts x where x.patient_id = p.id and x.state <> 'closed') as has_open_alert,
      (select count(*) from tasks k where k.patient_id = p.id and k.state in ('open', 'taken'))::integer as open_tasks,
      n.visits, n.visits_done, v.starts_at as next_at, v.zone as next_zone
    from page g join patients p on p.id = g.patient_id join protocol_approvals a on a.id = g.approval_id
      cross join lateral (
        select count(*) filter (where w.status not in ('cancelled', 'no_show', 'not_dosed'))::integer as visits,
          count(*) filter (where w.status in ('dosed', 'discharged', 'completed'))::integer as visits_done
        from sessions w where w.series_id = g.id) n
      left join lateral (
        select w.starts_at, w.zone from sessions w where w.series_id = g.id and w.status = 'scheduled' and w.starts_at > (select afterglow_now())
        order by w.starts_at limit 1) v on true
    order by g.id desc`.execute(db);
  return rows;
}

/** The patient with this chart number who has, or had, a series at the clinic. */
export async function findConsolePatient(
  db: Database,
  { clinicId, refIndex }: { clinicId: ClinicId; refIndex: Buffer },
): Promise<PatientId | undefined> {
  const { rows } = await sql<{ id: PatientId }>`
    select p.id from patients p
    where p.group_id = (select group_id from clinics where id = ${clinicId}) and p.ref_index = ${refIndex}
      and exists (select from series s where s.patient_id = p.id and s.clinic_id = ${clinicId})`.execute(db);
  return rows[0]?.id;
}

export type PatientSeries = {
  readonly id: SeriesId;
  readonly clinicId: ClinicId;
  readonly clinic: string;
  readonly zone: Zone;
  readonly approvalId: ApprovalId;
  readonly title: string;
  readonly protocol: string;
  readonly version: number;
  readonly status: SeriesStatus;
  readonly enqueuedAt: Instant;
  readonly quietUntil: Instant;
  /** Nothing of it has left, and its undo time is not over. */
  readonly canBeUndone: boolean;
};

/** At these clinics, the newest first. */
export async function listPatientSeries(
  db: Database,
  { patientId, clinicIds }: { patientId: PatientId; clinicIds: readonly ClinicId[] },
): Promise<PatientSeries[]> {
  const { rows } = await sql<PatientSeries>`
    select s.id, s.clinic_id, c.name as clinic, c.zone, s.approval_id, a.content ->> 'title' as title, a.protocol, a.version, s.status, s.enqueued_at, s.quiet_until,
      s.status in ('enqueued', 'active', 'paused') and s.quiet_until > (select afterglow_now())
        and not exists (select from touchpoints t where t.series_id = s.id and t.state in ('sent', 'sending', 'unknown')) as can_be_undone
    from series s join clinics c on c.id = s.clinic_id join protocol_approvals a on a.id = s.approval_id
    where s.patient_id = ${patientId} and s.clinic_id = any(${[...clinicIds]}::uuid[]) order by s.id desc limit 50`.execute(db);
  return rows;
}

export type PatientSession = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly number: number;
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly owner: "ours" | "external";
  readonly status: SessionStatus;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly confirmed: boolean;
  readonly asksToMove: boolean;
};

/** Of these series, in order of time. */
export async function listPatientSessions(db: Database, seriesIds: readonly SeriesId[]): Promise<PatientSession[]> {
  const last = (one: string, other: string) =>
    sql`coalesce((select a.kind = ${one} from session_answers a where a.session_id = v.id and a.arming = v.arming and a.kind in (${one}, ${other}) order by a.at desc, a.id desc limit 1), false)`;
  const { rows } = await sql<PatientSession>`
    select v.id, v.series_id, v.number, v.kind, v.setting, v.owner, v.status, v.zone, v.starts_at, v.ends_at, ${last("confirmed", "asks-to-move")} as confirmed,
      ${last("asks-to-move", "confirmed")} as asks_to_move
    from sessions v where v.series_id = any(${[...seriesIds]}::uuid[]) order by v.starts_at, v.number limit 600`.execute(db);
  return rows;
}

export type PatientAlert = {
  readonly id: string;
  readonly kind: string;
  readonly level: string;
  readonly state: string;
  readonly raisedAt: Instant;
};

/** Alerts about the patient that are not closed, oldest first. */
export async function listPatientAlerts(
  db: Database,
  { patientId, clinicIds }: { patientId: PatientId; clinicIds: readonly ClinicId[] },
): Promise<PatientAlert[]> {
  const { rows } = await sql<PatientAlert>`
    select id, kind, level, state, raised_at from alerts
    where patient_id = ${patientId} and clinic_id = any(${[...clinicIds]}::uuid[]) and state <> 'closed' order by raised_at limit 20`.execute(
    db,
  );
  return rows;
}

/** Whose patient it is: of a series or of a session. */
export async function findPatientOf(db: Database, kind: "series" | "session", id: string): Promise<PatientId | undefined> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select patient_id from ${sql.table(kind === "series" ? "series" : "sessions")} where id = ${id}`.execute(db);
  return rows[0]?.patientId;
}

export type SessionHead = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly number: number;
  readonly kind: SessionKind;
  readonly status: SessionStatus;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** One visit, as the pages that change it begin. */
export async function findSessionHead(db: Database, id: string): Promise<SessionHead | undefined> {
  const { rows } = await sql<SessionHead>`
    select id, series_id, number, kind, status, zone, starts_at, ends_at from sessions where id = ${id}`.execute(db);
  return rows[0];
}
