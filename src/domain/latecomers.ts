/**
 * What comes up although its session stands as it stood when it was planned: another visit has moved, and this one is apart from it now, or the first of a week.
 * Enrolment, a session's own move and an escort who is new are no such thing: then nothing has been planned for that reader yet.
 */
import { isNews, type Occasion } from "./occasions.ts";
import { keyOf } from "./plan-context.ts";
import { readerIn } from "./reader.ts";
import type { StoredTouchpoint } from "./touchpoint.ts";

/** Answers whether an occasion has no row on any channel, although its session was planned for its reader; `newest` rows are those of its series, by base key. */
export function indexLatecomers(newest: ReadonlyMap<string, StoredTouchpoint>): (occasion: Occasion) => boolean {
  if (newest.size === 0) return () => false;
  const planned = new Set([...newest.values()].map(({ sessionId, arming, key }) => `${sessionId}.${arming}/${readerIn(key)}`));
  return (occasion) => {
    const { rule, session, reader } = occasion;
    // Work for staff is shown however late it comes up; a change is told when it happens.
    if (rule.recipient === "staff" || isNews(occasion)) return false;
    if (!planned.has(`${session?.id ?? null}.${session?.arming ?? 0}/${reader}`)) return false;
    return rule.channels.every((channel) => !newest.has(keyOf(occasion, channel)));
  };
}
