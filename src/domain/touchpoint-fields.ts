/** A touchpoint as programs read it: the same names and formats in a preview, in an outlook and of what is stored. */
import { formatInstant, formatLocal, type Instant } from "./calendar.ts";
import { toLocal, type Zone } from "./place-in-time.ts";
import type { PlannedTouchpoint } from "./touchpoint.ts";

export type ShownTouchpoint = Pick<
  PlannedTouchpoint,
  | "rule"
  | "occurrence"
  | "recipient"
  | "purpose"
  | "channel"
  | "template"
  | "locale"
  | "dueAt"
  | "notBefore"
  | "sendBy"
  | "expiresAt"
  | "zone"
> & {
  /** The session's number in the series from 1. */
  readonly session: number | null;
  readonly state: string;
  readonly reason: string | null;
};

/** Instants in UTC, ISO 8601; `local` is when it is due on the recipient's wall. */
export function toTouchpointFields({
  rule,
  session,
  occurrence,
  recipient,
  purpose,
  channel,
  template,
  locale,
  zone,
  state,
  reason,
  ...times
}: ShownTouchpoint) {
  const { dueAt, notBefore, sendBy, expiresAt } = times;
  return {
    rule,
    session,
    occurrence,
    recipient,
    purpose,
    channel,
    template,
    locale,
    dueAt: formatInstant(dueAt),
    notBefore: formatInstant(notBefore),
    sendBy: formatInstant(sendBy),
    expiresAt: formatInstant(expiresAt),
    local: formatLocal(toLocal(zone, dueAt)),
    zone,
    state,
    reason,
  };
}

/** `2027-01-11T09:00`, what the wall of the zone shows. */
export function toWall(zone: Zone, at: Instant): string {
  return formatLocal(toLocal(zone, at));
}
