/** How many texts a patient gets in each calendar week, Monday to Sunday on the patient's wall, and how many were wished for. */
import { addDays, type CalendarDay, dayOf, formatDay, type Instant } from "./calendar.ts";
import { toLocal, type Zone } from "./place-in-time.ts";
import type { PlannedTouchpoint } from "./touchpoint.ts";

/** What a clinic allows unless it says otherwise. */
export const MOST_TEXTS_A_WEEK = 6;

export type TextsInWeek = { readonly monday: CalendarDay; readonly texts: number };

type Text = Pick<PlannedTouchpoint, "channel" | "recipient" | "state" | "reason" | "zone" | "dueAt">;

/** Weeks with texts, in order. Only what is to be sent to the patient counts. */
export function countTextsPerWeek(touchpoints: readonly Text[]): TextsInWeek[] {
  return countWeeks(touchpoints.filter((each) => isToPatient(each) && each.state === "planned"));
}

/** The Monday of the week that the wall of `zone` shows at that moment. */
export function weekOf(zone: Zone, at: Instant): CalendarDay {
  const day = dayOf(toLocal(zone, at));
  return addDays(day, -((((day + 3) % 7) + 7) % 7));
}

/** Weeks in which more than `most` texts were meant, those included for which there was no room. */
export function warnOfTexts(touchpoints: readonly Text[], most: number = MOST_TEXTS_A_WEEK): string[] {
  const meant = touchpoints.filter((each) => isToPatient(each) && (each.state === "planned" || each.reason === "over-budget"));
  const planned = new Map(countTextsPerWeek(meant).map(({ monday, texts }) => [monday, texts]));
  return countWeeks(meant)
    .filter(({ texts }) => texts > most)
    .map(({ monday, texts }) => {
      const dropped = texts - (planned.get(monday) ?? 0);
      const instead = dropped > 0 ? `; ${dropped} of them by mail instead, or not at all` : "";
      return `${texts} texts in the week of ${formatDay(monday)}; more than ${most} a week is a lot for one person${instead}`;
    });
}

function isToPatient({ channel, recipient }: Text): boolean {
  return channel === "sms" && recipient === "patient";
}

function countWeeks(texts: readonly Text[]): TextsInWeek[] {
  const counts = new Map<CalendarDay, number>();
  for (const { zone, dueAt } of texts) {
    const monday = weekOf(zone, dueAt);
    counts.set(monday, (counts.get(monday) ?? 0) + 1);
  }
  return [...counts].map(([monday, count]) => ({ monday, texts: count })).toSorted((a, b) => a.monday - b.monday);
}
