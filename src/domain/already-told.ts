/**
 * What needs no second telling: the very time of a session that was moved away and back, and what is said once for a course or a week when another session becomes
 * its first.
 */
import { DAY, type Instant } from "./calendar.ts";
import type { Occasion } from "./occasions.ts";
import type { Channel } from "./protocol.ts";
import { mayHaveTold } from "./stored-standing.ts";
import type { StoredTouchpoint, TouchpointHistory } from "./touchpoint.ts";

export type WasTold = (occasion: Occasion, channel: Channel) => boolean;

/** Answers whether an occasion has been said on a channel before, under a key of another session or arming. */
export function indexTold(history: TouchpointHistory, now: Instant): WasTold {
  let told: Told | undefined;
  return (occasion, channel) => {
    const { session, nominal } = occasion;
    // Before its first move a session has nothing but its first arming.
    const mayBeBack = session !== null && session.arming > 0;
    const mayBeAgain = session !== null && nominal <= now && isSaidOnce(occasion);
    if (!mayBeBack && !mayBeAgain) return false;
    told ??= collect(history);
    return (mayBeBack && isBack(occasion, channel, told)) || (mayBeAgain && isAgain(occasion, channel, told));
  };
}

type Told = {
  /** Rows that may have told, by the reader of a session. */
  readonly bySession: ReadonlyMap<string, readonly StoredTouchpoint[]>;
  /** The same, by the reader of a rule. */
  readonly byRule: ReadonlyMap<string, readonly StoredTouchpoint[]>;
};

function collect(history: TouchpointHistory): Told {
  const told = [...history.values()].filter((row) => row.sessionId !== null && mayHaveTold(row));
  return { bySession: Map.groupBy(told, ofSession), byRule: Map.groupBy(told, ofRule) };
}

type Place = Pick<StoredTouchpoint, "rule" | "sessionId" | "occurrence" | "recipient" | "channel">;

function ofSession({ sessionId, recipient, channel }: Omit<Place, "rule" | "occurrence">): string {
  return `${sessionId}/${recipient}/${channel}`;
}

function ofRule({ rule, occurrence, recipient, channel }: Omit<Place, "sessionId">): string {
  return `${rule}/${occurrence}/${recipient}/${channel}`;
}

/**
 * Told for this time under another arming, and no other time since on this channel. The time is known by the last moment of use, which hangs on the session's start;
 * the due moment would move with the recipient's quiet hours.
 */
function isBack({ rule, session, occurrence, usefulUntil }: Occasion, channel: Channel, { bySession }: Told): boolean {
  if (!session) return false;
  const others = (bySession.get(ofSession({ sessionId: session.id, recipient: rule.recipient, channel })) ?? []).filter(
    ({ arming }) => arming !== session.arming,
  );
  const newest = Math.max(...others.map(({ arming }) => arming));
  return others.some(
    (row) => row.arming === newest && row.rule === rule.id && row.occurrence === occurrence && row.expiresAt === usefulUntil,
  );
}

function isSaidOnce({ rule: { sessions, anchor } }: Occasion): boolean {
  return sessions.which !== "every" || anchor === "week.start";
}

/** A plan of the week holds for seven days. */
const WEEK = 7 * DAY;

/** Its hour is past, and the rule has spoken already, of whichever session was the first then. */
function isAgain({ rule, session, occurrence, nominal }: Occasion, channel: Channel, { byRule }: Told): boolean {
  const rows = byRule.get(ofRule({ rule: rule.id, occurrence, recipient: rule.recipient, channel })) ?? [];
  const others = rows.filter(({ sessionId, arming }) => sessionId !== session?.id || arming !== session.arming);
  return others.some(({ dueAt }) => rule.anchor !== "week.start" || nominal - dueAt < WEEK);
}
