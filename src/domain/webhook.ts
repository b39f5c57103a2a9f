/** What other systems are told of: which facts of the audit, under which words, and when a telling that failed is tried again. */
import { type Instant, instant } from "./calendar.ts";

export const WEBHOOK_KINDS = [
  "session.added",
  "session.moved",
  "session.cancelled",
  "session.postponed",
  /** What became of it: arrived, ended, no-show. Which of them, the API says. */
  "session.recorded",
  "session.confirmed",
  /** Any other answer: wants to move, needs a driver. Which of them, the API says. */
  "session.answered",
  "survey.answered",
  "alert.raised",
  "alert.acknowledged",
  "alert.closed",
  "series.enqueued",
  "series.changed",
  "message.delivered",
  "message.undelivered",
] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** What `webhook test` sends, to whatever kinds an endpoint listens. */
export const TEST_KIND = "webhook.test";

const TOLD: Readonly<Record<string, WebhookKind>> = {
  "session.added": "session.added",
  "session.moved": "session.moved",
  "session.cancelled": "session.cancelled",
  "session.postponed": "session.postponed",
  "session.arrived": "session.recorded",
  "session.dosed": "session.recorded",
  "session.not_dosed": "session.recorded",
  "session.discharged": "session.recorded",
  "session.completed": "session.recorded",
  "session.no_show": "session.recorded",
  "session.answered": "session.answered",
  "survey.answered": "survey.answered",
  "alert.raised": "alert.raised",
  "alert.acknowledged": "alert.acknowledged",
  "alert.closed": "alert.closed",
  "series.enqueued": "series.enqueued",
  "series.paused": "series.changed",
  "series.resumed": "series.changed",
  "series.stopped": "series.changed",
  "series.voided": "series.changed",
  "series.reopened": "series.changed",
  "series.extended": "series.changed",
  "series.migrated": "series.changed",
};

/** The kinds of the audit that anybody is told of. */
export const TOLD_KINDS: readonly string[] = Object.keys(TOLD);

/** Under which word a fact of the audit is told; undefined: it is nobody's business. */
export function toWebhookKind(kind: string, answer: string | null): WebhookKind | undefined {
  return kind === "session.answered" && answer === "confirmed" ? "session.confirmed" : TOLD[kind];
}

export function isWebhookKind(text: string): text is WebhookKind {
  return WEBHOOK_KINDS.some((kind) => kind === text);
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const WAITS_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
];
const GIVEN_UP_AFTER_MS = 24 * HOUR_MS;

/** When it is tried again after as many tries that failed: later each time, the last time a day after it was first told; null from then on. Machine time. */
export function nextTry(attempts: number, { toldAt, now }: { toldAt: Instant; now: Instant }): Instant | null {
  const last = toldAt + GIVEN_UP_AFTER_MS;
  if (now >= last) return null;
  return instant(Math.min(last, now + (WAITS_MS[attempts - 1] ?? 6 * HOUR_MS)));
}
