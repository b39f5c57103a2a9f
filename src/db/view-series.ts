/** A series, its sessions and its touchpoints as staff look at them; reads only, opens nothing that is sealed. */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { ShownTouchpoint } from "../domain/touchpoint-fields.ts";
import type { StoredTouchpoint } from "../domain/touchpoint.ts";
import type { Database } from "./database.ts";
import type { PageWish } from "./view-lists.ts";

export type SeriesView = {
  readonly id: SeriesId;
  readonly patientId: PatientId;
  readonly clinic: string;
  readonly clinicZone: Zone;
  readonly protocol: string;
  readonly version: number;
  readonly condition: string;
  readonly status: string;
  readonly enqueuedAt: Instant;
  readonly quietUntil: Instant;
  /** Since when nothing of it is sent; null unless it is paused. */
  readonly pausedAt: Instant | null;
  /** When it was stopped or voided. */
  readonly endedAt: Instant | null;
  readonly replacedBy: SeriesId | null;
  /** The patient's: what changes are refused by when it is another (`--if-revision`). */
  readonly revision: number;
  /** False while a fact waits to be planned. */
  readonly planIsFresh: boolean;
};

/** Finds a series by its id. */
export async function findSeriesView(db: Database, id: SeriesId): Promise<SeriesView | undefined> {
  const { rows } = await sql<SeriesView>`
    select s.id, s.patient_id, c.slug as clinic, c.zone as clinic_zone, a.protocol, a.version, s.condition, s.status, s.enqueued_at, s.quiet_until, s.paused_at, s.ended_at, s.replaced_by,
      p.plan_revision as revision, p.plan_revision = p.planned_revision as plan_is_fresh
    from series s join clinics c on c.id = s.clinic_id join protocol_approvals a on a.id = s.approval_id join patients p on p.id = s.patient_id
    where s.id = ${id}`.execute(db);
  return rows[0];
}

export type SessionView = {
  readonly id: SessionId;
  readonly number: number;
  readonly kind: string;
  readonly setting: string;
  readonly owner: string;
  readonly status: SessionStatus;
  /** Where it happens. */
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dosedAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly outcomeReason: string | null;
};

/** The sessions of a series in order of time. */
export async function listSessions(db: Database, seriesId: SeriesId): Promise<SessionView[]> {
  const { rows } = await sql<SessionView>`
    select id, number, kind, setting, owner, status, zone, starts_at, ends_at, dosed_at, discharged_at, outcome_reason from sessions
    where series_id = ${seriesId} order by starts_at, number`.execute(db);
  return rows;
}

export type TouchpointView = ShownTouchpoint &
  Pick<StoredTouchpoint, "awaits" | "state" | "reason" | "seriesId" | "clinicId"> & {
    readonly id: TouchpointId;
    readonly patientId: PatientId;
    /** The next attempt, in clinic time; of an ended one the last. */
    readonly tryAt: Instant;
  };

/** The touchpoints of a series, in the order of a preview. */
export async function listTouchpoints(db: Database, seriesId: SeriesId, page: PageWish | null = null): Promise<TouchpointView[]> {
  return selectTouchpoints(db, sql`t.series_id = ${seriesId}`, page);
}

/**
 * What is still to come until a moment, overdue included, of one patient or of one clinic or of both. A patient's are found through their series, a clinic's
 * through the partial index of each state: of a million rows only those that stand are read.
 */
export async function listOutlook(
  db: Database,
  { patientId, clinicId, until }: { patientId: PatientId | null; clinicId: ClinicId | null; until: string },
  page: PageWish | null = null,
): Promise<TouchpointView[]> {
  const which = sql`(${clinicId}::uuid is null or t.clinic_id = ${clinicId}::uuid) and t.state in ('planned', 'held', 'sending', 'unknown') and t.try_at < ${until}::timestamptz`;
  if (patientId !== null)
    return selectTouchpoints(
      db,
      sql`t.series_id = any(array(select id from series where patient_id = ${patientId}::uuid)) and ${which}`,
      page,
    );
  return selectTouchpoints(
    db,
    sql`t.id = any(array(
      select id from touchpoints t where t.state = 'planned' and t.awaits is null and ${which}
      union all select id from touchpoints t where t.state = 'planned' and t.awaits is not null and ${which}
      union all select id from touchpoints t where t.state in ('unknown', 'held') and ${which}
      union all select id from touchpoints t where t.state = 'sending' and ${which}))`,
    page,
  );
}

/** A page is in the order of time and id; all of them, of time and key, as a preview is. */
async function selectTouchpoints(db: Database, which: RawBuilder<unknown>, page: PageWish | null): Promise<TouchpointView[]> {
  const [at, id] = page?.after ?? [null, null];
  const order = page ? sql`order by t.due_at, t.id limit ${page.limit}` : sql`order by t.due_at, t.key collate "C"`;
  const { rows } = await sql<TouchpointView>`
    select t.id, t.series_id, t.clinic_id, t.patient_id, v.number as session, t.rule, t.occurrence, t.recipient, t.purpose, t.channel, t.template, t.locale, t.zone,
      t.due_at, coalesce(lower(t.legal_at), t.due_at) as not_before, t.send_by, t.expires_at, t.try_at, t.awaits, t.state, t.reason
    from touchpoints t left join sessions v on v.id = t.session_id
    where ${which} and (${at}::timestamptz is null or (t.due_at, t.id) > (${at}::timestamptz, ${id}::uuid)) ${order}`.execute(db);
  return rows;
}
