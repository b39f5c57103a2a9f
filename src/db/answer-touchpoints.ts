/** Messages that are not of the plan: automatic answers, what staff write, what is sent again. Rows like any other, which only this file makes. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ClinicId, GroupId, LinkId, PatientId, SenderId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import { firstWithin } from "../domain/spans.ts";
import type { Span } from "../domain/touchpoint.ts";
import { toMultirange, type Tx } from "./database.ts";
import { INSTANT, insertRows } from "./rows.ts";

export type AnswerTouchpoint = {
  readonly id: TouchpointId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly senderId: SenderId;
  readonly linkId: LinkId;
  /** Unique in the series: `answer/…`, `staff/…`, `resend/…`. */
  readonly key: string;
  readonly rule: string;
  readonly template: string;
  readonly channel: "email" | "sms";
  readonly recipient: "patient" | "escort";
  readonly importance: "critical" | "high" | "normal" | "low";
  readonly locale: Locale;
  /** The recipient's. */
  readonly zone: string;
  /** Of the session at hand. */
  readonly arming: number;
  /** When it may be sent; empty: never, and it is kept to show that. */
  readonly legal: readonly Span[];
  /** Last moment of use. */
  readonly expiresAt: Instant;
};

/** Stores them as due at `now`. One with no legal moment ends there, suppressed. A key that is stored already changes nothing; returns the ids that are new. */
export async function insertAnswerTouchpoints(tx: Tx, rows: readonly AnswerTouchpoint[], now: Instant): Promise<TouchpointId[]> {
  const tryAt = ({ legal }: AnswerTouchpoint) => firstWithin(legal, now) ?? now;
  await insertRows(tx, "touchpoints", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      session_id: ["uuid", ({ sessionId }) => sessionId],
      sender_id: ["uuid", ({ senderId }) => senderId],
      link_id: ["uuid", ({ linkId }) => linkId],
      due_at: [INSTANT, () => now],
      try_at: [INSTANT, tryAt],
      first_try_at: [INSTANT, tryAt],
      send_by: [INSTANT, ({ legal, expiresAt }) => legal.at(-1)?.to ?? expiresAt],
      expires_at: [INSTANT, ({ expiresAt }) => expiresAt],
      hinted_at: ["timestamptz", (row) => (row.legal.length > 0 && tryAt(row) <= now ? "now" : null)],
      occurrence: ["smallint", () => 0],
      arming: ["smallint", ({ arming }) => arming],
      state: ["text", ({ legal }) => (legal.length > 0 ? "planned" : "suppressed")],
      reason: ["text", ({ legal }) => (legal.length > 0 ? null : "no-legal-moment")],
      channel: ["text", ({ channel }) => channel],
      recipient: ["text", ({ recipient }) => recipient],
      purpose: ["text", () => "answer"],
      importance: ["text", ({ importance }) => importance],
      on_unknown: ["text", () => "hold"],
      locale: ["text", ({ locale }) => locale],
      zone: ["text", ({ zone }) => zone],
      rule: ["text", ({ rule }) => rule],
      template: ["text", ({ template }) => template],
      key: ["text", ({ key }) => key],
      legal_at: ["tstzmultirange", ({ legal }) => toMultirange(legal)],
    },
    onConflict: "on conflict (series_id, key) do nothing",
  });
  const ids = rows.map(({ id }) => id);
  const { rows: stored } = await sql<{ id: TouchpointId }>`select id from touchpoints where id = any(${ids}::uuid[])`.execute(tx);
  return stored.map(({ id }) => id);
}

export type Silenced = {
  readonly groupId: GroupId;
  readonly channel: "email" | "sms";
  /** Blind index of the address. */
  readonly addressIndex: Buffer;
};

/** What was going to be answered or written to an address that wants no more. What confirms that, and what may save somebody, goes. */
export async function cancelAnswers(tx: Tx, { groupId, channel, addressIndex }: Silenced): Promise<void> {
  await sql`
    update touchpoints t set state = 'cancelled', reason = 'opted-out'
    from contact_points c join series s on s.patient_id = c.patient_id
    where c.group_id = ${groupId} and c.channel = ${channel} and c.address_index = ${addressIndex}
      and t.series_id = s.id and t.recipient = c.person and t.channel = c.channel and t.purpose = 'answer' and t.state = 'planned'
      and t.template not in ('answer-crisis', 'answer-stopped')`.execute(tx);
}
