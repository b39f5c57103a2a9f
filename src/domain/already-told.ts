/**
 * What a reader has heard, and so needs no second telling: the very time of a session that was moved away and back, that a session is off, and what is said once
 * for a course or a week when another session becomes its first.
 */
import { DAY, type Instant } from "./calendar.ts";
import { isNews, type Occasion } from "./occasions.ts";
import type { Channel } from "./protocol.ts";
import { readerIn } from "./reader.ts";
import { mayHaveHeard, mayHaveTold } from "./stored-standing.ts";
import type { StoredTouchpoint, TouchpointHistory } from "./touchpoint.ts";

export type WasTold = (occasion: Occasion, channel: Channel) => boolean;

export type Told = {
  /** Whether an occasion has been said on a channel before, under a key of another session, arming or rule. */
  readonly wasTold: WasTold;
  /** Whether its reader has heard of its session, or may have. */
  readonly hasHeard: (occasion: Occasion) => boolean;
  /** Whether another rule has said the same words about the session as it stands, on whatever channel. */
  readonly isSaidBesides: (occasion: Occasion) => boolean;
};

/** Answers from what is stored of one series. */
export function indexTold(history: TouchpointHistory, now: Instant): Told {
  let index: Index | undefined;
  const told = () => {
    index ??= collect(history);
    return index;
  };
  return {
    wasTold: (occasion, channel) => {
      const { rule, session, nominal } = occasion;
      // Before its first move a session has nothing but its first arming; and each change is news of its own, whatever was said of the one before.
      const mayBeBack = session !== null && session.arming > 0 && !isNews(occasion);
      const mayBeAgain = session !== null && nominal <= now && isSaidOnce(occasion);
      if (mayBeBack && isBack(occasion, channel, told())) return true;
      return (mayBeAgain && isAgain(occasion, channel, told())) || (rule.anchor === "session.off" && isOffAlready(occasion, told()));
    },
    hasHeard: ({ session, reader }) => session !== null && told().heard.has(`${session.id}/${reader}`),
    isSaidBesides: ({ rule, session, reader }) =>
      (told().bySession.get(`${session?.id}/${reader}`) ?? []).some(
        (row) => row.arming === session?.arming && row.template === rule.template && row.rule !== rule.id,
      ),
  };
}

type Index = {
  /** Rows that may have told, by the session and its reader. */
  readonly bySession: ReadonlyMap<string, readonly StoredTouchpoint[]>;
  /** The same, by the reader of a rule. */
  readonly byRule: ReadonlyMap<string, readonly StoredTouchpoint[]>;
  /** Sessions of which a reader may have heard anything. */
  readonly heard: ReadonlySet<string>;
};

function collect(history: TouchpointHistory): Index {
  const rows = [...history.values()].filter((row) => row.sessionId !== null);
  const told = rows.filter(mayHaveTold);
  return {
    bySession: Map.groupBy(told, ofSession),
    byRule: Map.groupBy(told, ({ rule, occurrence, key, channel }) => `${rule}/${occurrence}/${readerIn(key)}/${channel}`),
    heard: new Set(rows.filter(mayHaveHeard).map(ofSession)),
  };
}

function ofSession({ sessionId, key }: StoredTouchpoint): string {
  return `${sessionId}/${readerIn(key)}`;
}

/**
 * Told for this time under another arming, and no other time since on this channel. The time is known by the last moment of use, which hangs on the session's start;
 * the due moment would move with the recipient's quiet hours.
 */
function isBack({ rule, session, reader, occurrence, usefulUntil }: Occasion, channel: Channel, { bySession }: Index): boolean {
  const others = (bySession.get(`${session?.id}/${reader}`) ?? []).filter(
    (row) => row.channel === channel && row.arming !== session?.arming,
  );
  const newest = Math.max(...others.map(({ arming }) => arming));
  return others.some(
    (row) => row.arming === newest && row.rule === rule.id && row.occurrence === occurrence && row.expiresAt === usefulUntil,
  );
}

/**
 * What its reader was told last, under the name of another rule or arming and on whatever channel, is that it is off: one that was postponed and is cancelled then.
 * The patient may have heard otherwise from what lists a week, which the session's own fact knows; what staff did about another arming is done.
 */
function isOffAlready({ rule, series, session, reader }: Occasion, { bySession }: Index): boolean {
  if (!session || (rule.recipient === "patient" && !session.toldOff)) return false;
  const others = (bySession.get(`${session.id}/${reader}`) ?? []).filter((row) => row.rule !== rule.id || row.arming !== session.arming);
  // What is off comes back by a move, which raises the arming: within one, nothing is said after it.
  const newest = rule.recipient === "staff" ? session.arming : Math.max(...others.map(({ arming }) => arming));
  const tellsOff = new Set(series.protocol.rules.flatMap(({ id, anchor }) => (anchor === "session.off" ? [id] : [])));
  return others.some((row) => row.arming === newest && tellsOff.has(row.rule));
}

function isSaidOnce({ rule: { sessions, anchor } }: Occasion): boolean {
  return sessions.which !== "every" || anchor === "week.start";
}

/** A plan of the week holds for seven days. */
const WEEK = 7 * DAY;

/** Its hour is past, and the rule has spoken already, of whichever session was the first then. */
function isAgain({ rule, session, reader, occurrence, nominal }: Occasion, channel: Channel, { byRule }: Index): boolean {
  const rows = byRule.get(`${rule.id}/${occurrence}/${reader}/${channel}`) ?? [];
  const others = rows.filter(({ sessionId, arming }) => sessionId !== session?.id || arming !== session.arming);
  return others.some(({ dueAt }) => rule.anchor !== "week.start" || nominal - dueAt < WEEK);
}
