/** Which visits a message about a shared week lists: the plan itself, and the question who is with the patient on those days. */
import { addDays, dayOf, type Instant } from "./calendar.ts";
import { toLocal, type Zone } from "./place-in-time.ts";
import type { Rule } from "./protocol.ts";

type Listable = { readonly kind: string; readonly setting: string; readonly startsAt: Instant };

/**
 * Of the sessions to come, in whichever series, those of which the rule could speak and that begin within seven days from the day of its first one, on that one's
 * wall. In the order given.
 */
export function sessionsOfWeek<Session extends Listable>(
  toCome: readonly Session[],
  { sessions: { kinds, settings } }: Pick<Rule, "sessions">,
  { zone, startsAt: begins }: { readonly zone: Zone; readonly startsAt: Instant },
): Session[] {
  const end = addDays(dayOf(toLocal(zone, begins)), 7);
  return toCome.filter(
    ({ kind, setting, startsAt }) =>
      kinds.some((each) => each === kind) &&
      (settings === undefined || settings.some((each) => each === setting)) &&
      dayOf(toLocal(zone, startsAt)) < end,
  );
}
