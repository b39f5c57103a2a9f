/** Everything that decides whether a touchpoint may go, condition by condition; reads only. Opaque: no name, no address. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, PatientId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { AwaitedFact, Channel, Recipient } from "../domain/protocol.ts";
import type { Span, TouchpointState } from "../domain/touchpoint.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Database } from "./database.ts";

export type Explained = {
  readonly id: TouchpointId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly clinic: string;
  readonly rule: string;
  readonly template: string;
  readonly purpose: string;
  readonly recipient: Recipient;
  readonly channel: Channel;
  readonly zone: Zone;
  readonly importance: string;
  readonly onUnknown: string;
  readonly state: TouchpointState;
  readonly reason: string | null;
  readonly awaits: AwaitedFact | null;
  readonly attempts: number;
  readonly dueAt: Instant;
  readonly tryAt: Instant;
  readonly sendBy: Instant;
  readonly expiresAt: Instant;
  readonly legalAt: readonly Span[];
  readonly hintedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly unwantedAt: Instant | null;
  readonly isUnwanted: boolean;
  /** Automatic repeats after a lost answer. */
  readonly resends: number;
  readonly mergedInto: TouchpointId | null;
  readonly fallbackOf: TouchpointId | null;
  readonly sessionId: SessionId | null;
  readonly session: number | null;
  readonly sessionStatus: string | null;
  readonly sessionStartsAt: Instant | null;
  readonly sessionZone: Zone | null;
  readonly seriesStatus: string;
  /** What it was planned from, by name and version, and its approval. */
  readonly protocol: string;
  readonly approvalId: ApprovalId;
  readonly approvedAt: Instant;
  /** The patient is on hold: why, as a code. */
  readonly holdCode: string | null;
  /** Safe mode, which sends nothing: since when. */
  readonly safeModeSince: Instant | null;
  /** A switch that is off and covers it, by its scope. */
  readonly switchedOff: string | null;
  /** Null where the channel needs none, or where nothing is stored of the person. */
  readonly hasAddress: boolean | null;
  readonly isGranted: boolean | null;
  readonly isDead: boolean | null;
  readonly isOptedOut: boolean;
  /** What the claim itself says. */
  readonly isClaimable: boolean;
  /** Clinic time. */
  readonly now: Instant;
  /** How clinic time runs; `real`: it is machine time. */
  readonly mode: "real" | "stepped" | "scaled";
};

/** Whether the switch `s` covers the touchpoint `t`, as the view of claimable touchpoints has it. */
export const COVERS = sql`t.channel <> 'task' and (s.clinic_id is null or s.clinic_id = t.clinic_id) and case s.scope
  when 'channel' then s.subject = t.channel
  when 'template' then s.subject = t.template
  when 'patient' then s.subject = t.patient_id::text
  else true end`;

/** Finds a touchpoint with every condition of `claimable_touchpoints` on its own, and the view's own verdict. */
export async function findExplained(db: Database, id: TouchpointId): Promise<Explained | undefined> {
  const { rows } = await sql<Explained>`
    select t.id, t.series_id, c.slug as clinic, t.rule, t.template, t.purpose, t.recipient, t.channel, t.zone, t.importance, t.on_unknown, t.state, t.reason, t.awaits,
      t.attempts, t.due_at, t.try_at, t.send_by, t.expires_at, t.legal_at, t.hinted_at, t.ended_at, t.unwanted_at, t.unwanted_at is not null as is_unwanted, t.resends, t.patient_id, t.merged_into,
      t.fallback_of, t.session_id, v.number as session, v.status as session_status, v.starts_at as session_starts_at, v.zone as session_zone, p.hold_code,
      r.status as series_status, a.protocol || '@' || a.version as protocol, a.id as approval_id, a.approved_at, (select safe_mode_since from clinic_clock),
      (select s.scope from switches s where s.on_at is null and ${COVERS} order by s.off_at limit 1) as switched_off,
      k.address_index is not null as has_address, k.granted as is_granted, k.dead_at is not null as is_dead,
      exists (select from opt_outs o where o.group_id = k.group_id and o.channel = k.channel and o.address_index = k.address_index) as is_opted_out,
      exists (select from claimable_touchpoints m where m.id = t.id) as is_claimable,
      (select afterglow_now()) as now, (select mode from clinic_clock) as mode
    from touchpoints t
      join clinics c on c.id = t.clinic_id
      join patients p on p.id = t.patient_id
      join series r on r.id = t.series_id
      join protocol_approvals a on a.id = r.approval_id
      left join sessions v on v.id = t.session_id
      left join contact_points k on k.patient_id = t.patient_id and k.person = t.recipient and k.channel = t.channel
    where t.id = ${id}`.execute(db);
  return rows[0];
}
