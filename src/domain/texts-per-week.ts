/** How many texts a patient gets in each calendar week, Monday to Sunday on the patient's wall; more than six is worth a warning. */
import { addDays, type CalendarDay, dayOf, formatDay } from "./calendar.ts";
import { toLocal } from "./place-in-time.ts";
import type { PlannedTouchpoint } from "./touchpoint.ts";

export const MOST_TEXTS_A_WEEK = 6;

export type TextsInWeek = { readonly monday: CalendarDay; readonly texts: number };

/** Weeks with texts, in order. Only what is to be sent to the patient counts. */
export function countTextsPerWeek(touchpoints: readonly PlannedTouchpoint[]): TextsInWeek[] {
  const counts = new Map<CalendarDay, number>();
  for (const { channel, recipient, state, zone, dueAt } of touchpoints) {
    if (channel !== "sms" || recipient !== "patient" || state !== "planned") continue;
    const day = dayOf(toLocal(zone, dueAt));
    const monday = addDays(day, -((((day + 3) % 7) + 7) % 7));
    counts.set(monday, (counts.get(monday) ?? 0) + 1);
  }
  return [...counts].map(([monday, texts]) => ({ monday, texts })).toSorted((a, b) => a.monday - b.monday);
}

export function warnOfTexts(touchpoints: readonly PlannedTouchpoint[]): string[] {
  return countTextsPerWeek(touchpoints)
    .filter(({ texts }) => texts > MOST_TEXTS_A_WEEK)
    .map(
      ({ monday, texts }) =>
        `${texts} texts in the week of ${formatDay(monday)}; more than ${MOST_TEXTS_A_WEEK} a week is a lot for one person`,
    );
}
