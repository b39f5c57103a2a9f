/** A touchpoint that staff want to send again, and what has become of what it speaks of. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, LinkId, PatientId, SenderId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Reach } from "../domain/patient-facts.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import type { Tx } from "./database.ts";
import type { LinkKind } from "./page-links.ts";

export type Resendable = {
  readonly id: TouchpointId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly senderId: SenderId | null;
  readonly rule: string;
  readonly template: string;
  readonly channel: "email" | "sms" | "task";
  readonly recipient: "patient" | "escort" | "staff";
  readonly locale: string;
  readonly zone: string;
  readonly quietFrom: number;
  readonly quietTo: number;
  readonly purpose: string;
  readonly state: TouchpointState;
  readonly expiresAt: Instant;
  readonly arming: number;
  readonly holdCode: string | null;
  readonly reach: Reach;
  /** False when its session was moved, or does not take place as it said. */
  readonly stillTrue: boolean;
  readonly linkId: LinkId | null;
  readonly linkKind: LinkKind | null;
  readonly linkSubjectId: string | null;
  readonly linkIsOver: boolean;
  /** How often it was sent again by staff. */
  readonly resent: number;
  /** Clinic time. */
  readonly now: Instant;
};

/** The patient is to be locked first, by {@link findPatientOf}. */
export async function findResendable(tx: Tx, id: TouchpointId): Promise<Resendable | undefined> {
  const { rows } = await sql<Resendable>`
    select t.id, t.clinic_id, t.patient_id, t.series_id, t.session_id, t.sender_id, t.rule, t.template, t.channel, t.recipient, t.locale, t.zone,
      p.quiet_from, p.quiet_to, t.purpose, t.state, t.expires_at, t.arming, p.hold_code,
      coalesce((
        select case
          when c.address_index is null then 'no-address'
          when exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) then 'opted-out'
          when not c.granted then 'no-consent'
          when c.dead_at is not null then 'dead-address'
          else 'reachable' end
        from contact_points c where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel), 'no-address') as reach,
      v.id is null or v.arming = t.arming and (v.status not in ('cancelled', 'postponed') or v.changed_at is not null and t.due_at >= v.changed_at) as still_true,
      l.id as link_id, l.kind as link_kind, l.subject_id as link_subject_id,
      coalesce(l.revoked_at is not null or l.expires_at <= (select afterglow_now()), true) as link_is_over,
      (select count(*) from touchpoints r where r.series_id = t.series_id and r.key like 'resend/' || t.id || '/%')::integer as resent,
      (select afterglow_now()) as now
    from touchpoints t
      join patients p on p.id = t.patient_id
      left join sessions v on v.id = t.session_id
      left join links l on l.id = t.link_id
    where t.id = ${id}`.execute(tx);
  return rows[0];
}

/** Whose touchpoint it is. */
export async function findPatientOf(tx: Tx, id: TouchpointId): Promise<PatientId | undefined> {
  return (await tx.selectFrom("touchpoints").select("patientId").where("id", "=", id).executeTakeFirst())?.patientId;
}

/** What staff wrote goes with its copy. */
export async function copyStaffMessage(
  tx: Tx,
  copy: { readonly from: TouchpointId; readonly to: TouchpointId; readonly reseal: (sealed: Buffer) => Buffer; readonly actor: string },
): Promise<void> {
  const message = await tx.selectFrom("staffMessages").select("bodySealed").where("touchpointId", "=", copy.from).executeTakeFirst();
  if (!message) return;
  await tx
    .insertInto("staffMessages")
    .values({ touchpointId: copy.to, bodySealed: copy.reseal(message.bodySealed), actor: copy.actor })
    .execute();
}
