/** Time to undo a mistake: until when nothing of a series that has just been enqueued leaves. */
import { DAY, type Instant, instant, MINUTE } from "./calendar.ts";
import type { ResolvedSession } from "./resolve-sessions.ts";

/** None when the next session is less than a day away: then every minute counts. */
export function quietUntil(
  { sessions }: { readonly sessions: readonly Pick<ResolvedSession, "startsAt" | "status">[] },
  { now, undoMinutes }: { now: Instant; undoMinutes: number },
): Instant {
  const next = sessions.find(({ startsAt, status }) => startsAt > now && status === null);
  return next && next.startsAt - now < DAY ? now : instant(now + undoMinutes * MINUTE);
}
