/** A touchpoint: one thing that should reach one recipient over one channel because of an anchor. Its states, its reasons and what a plan says of it. */
import type { Instant } from "./calendar.ts";
import type { Locale } from "./clinic.ts";
import type { ClinicId, SeriesId, SessionId } from "./ids.ts";
import type { Zone } from "./place-in-time.ts";
import type { AwaitedFact, Channel, Purpose, Recipient, Rule, TaskKind } from "./protocol.ts";

export const TOUCHPOINT_STATES = [
  "planned",
  "sending",
  "unknown",
  "held",
  "sent",
  "failed",
  "suppressed",
  "expired",
  "superseded",
  "cancelled",
  "tasked",
] as const;
export type TouchpointState = (typeof TOUCHPOINT_STATES)[number];

/** Every state change that is legal; a trigger in the database holds the same table. */
export const TRANSITIONS: { readonly [From in TouchpointState]: readonly TouchpointState[] } = {
  planned: ["sending", "held", "suppressed", "expired", "superseded", "cancelled", "tasked"],
  sending: ["sent", "failed", "unknown", "planned", "superseded", "cancelled"],
  unknown: ["sent", "failed", "planned", "held", "superseded", "cancelled"],
  held: ["planned", "sent", "failed", "suppressed", "expired", "superseded", "cancelled"],
  sent: [],
  failed: [],
  suppressed: [],
  expired: [],
  superseded: [],
  cancelled: [],
  tasked: [],
};

export function hasEnded(state: TouchpointState): boolean {
  return TRANSITIONS[state].length === 0;
}

/** Why a touchpoint is not sent. Shown to staff in words; never holds anything about the person. */
export const SUPPRESSIONS = [
  "past",
  "no-legal-moment",
  "merged",
  "already-told",
  "surveys-not-enabled",
  "not-in-language",
  "over-budget",
  "newer-stage",
  "block-not-lifted",
  "no-outcome",
  "no-address",
  "no-consent",
  "opted-out",
  "dead-address",
  "unsubscribed",
] as const;
export type Suppression = (typeof SUPPRESSIONS)[number];

/** Blocks that can be lifted. A held touchpoint is planned again when its block is, and ends suppressed at its last moment. */
export const HOLD_REASONS = ["patient-hold", "series-paused", "open-alert", "opted-out", "no-consent", "unverified", "unknown"] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Half-open span of instants. */
export type Span = { readonly from: Instant; readonly to: Instant };

/** What the plan wants of one touchpoint. The same facts give the same rows. */
export type PlannedTouchpoint = {
  /** Identity within the series: rule, session or series, occurrence, recipient, channel, arming. */
  readonly key: string;
  readonly clinicId: ClinicId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly rule: string;
  readonly purpose: Purpose;
  readonly occurrence: number;
  readonly arming: number;
  readonly recipient: Recipient;
  readonly channel: Channel;
  readonly template: string;
  readonly locale: Locale;
  /** The recipient's. */
  readonly zone: Zone;
  readonly importance: Rule["importance"];
  readonly onUnknown: Rule["onUnknown"];
  readonly awaits: AwaitedFact | null;
  readonly dueAt: Instant;
  /** The moments at which it may be sent, in order, disjoint; empty only when suppressed. */
  readonly legal: readonly Span[];
  readonly notBefore: Instant;
  readonly sendBy: Instant;
  readonly expiresAt: Instant;
  readonly taskKind: TaskKind | null;
  readonly taskDueBy: Instant | null;
  readonly state: "planned" | "held" | "suppressed";
  readonly reason: Suppression | HoldReason | null;
  /** The rule's group: stages of one story, of which only the newest is worth sending. */
  readonly story: string | null;
  /** The touchpoint that says this one's message too; of another series, perhaps. */
  readonly mergedInto: { readonly seriesId: SeriesId; readonly key: string } | null;
  /** Key of the touchpoint whose failure or lack of a legal moment this one answers. */
  readonly fallbackOf: string | null;
};

/** A stored touchpoint as the planner and reconcile read it. */
export type StoredTouchpoint = Omit<PlannedTouchpoint, "state" | "reason" | "fallbackOf" | "mergedInto"> & {
  readonly id: string;
  readonly state: TouchpointState;
  readonly reason: string | null;
  /** Id of the row that says its message too. */
  readonly mergedIntoId: string | null;
  /** Sent, and reported since as not delivered. */
  readonly isUndelivered: boolean;
  /** Staff have let it go although an alert is open. */
  readonly isReleased?: boolean;
  /** What came of the call that it became: it was told, or may have been. Null: nothing yet, nobody was reached, or there was none. */
  readonly called: "told" | "perhaps" | null;
};

/** What has been planned before of one series, ended or not, by key: `now` decides only about touchpoints that are not in it. */
export type TouchpointHistory = ReadonlyMap<string, StoredTouchpoint>;

/** Stored rows as the planner reads them, a history a series. */
export function toHistories(rows: readonly StoredTouchpoint[]): ReadonlyMap<string, TouchpointHistory> {
  const bySeries = Map.groupBy(rows, ({ seriesId }) => seriesId);
  return new Map([...bySeries].map(([id, each]): [string, TouchpointHistory] => [id, new Map(each.map((row) => [row.key, row]))]));
}
