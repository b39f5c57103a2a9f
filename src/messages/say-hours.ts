/** The hours in which somebody answers the phone, as a sentence's end: "Monday to Friday, 8:00 AM to 5:00 PM". */
import { WEEKDAYS, type Weekday } from "../domain/calendar.ts";
import type { Locale, StaffedHours, WallClockSpan } from "../domain/clinic.ts";
import { sayTime, sayWeekday } from "./say-time.ts";

/** Neighbouring days with the same hours are joined; empty when nobody ever answers. Said once for each clinic's hours. */
export function sayHours(locale: Locale, hours: StaffedHours): string {
  const saidBefore = said[locale].get(hours);
  if (saidBefore !== undefined) return saidBefore;
  const words = runsOf(hours)
    .map((run) => sayRun(locale, run))
    .join("; ");
  said[locale].set(hours, words);
  return words;
}

const said: { readonly [L in Locale]: WeakMap<StaffedHours, string> } = { en: new WeakMap(), es: new WeakMap() };

type Run = { readonly days: readonly Weekday[]; readonly spans: readonly WallClockSpan[] };

function runsOf(hours: StaffedHours): Run[] {
  const runs: { days: Weekday[]; spans: readonly WallClockSpan[]; next: number }[] = [];
  for (const [index, day] of WEEKDAYS.entries()) {
    const spans = hours[day] ?? [];
    if (spans.length === 0) continue;
    const last = runs.at(-1);
    if (last && last.next === index && isSame(last.spans, spans)) {
      last.days.push(day);
      last.next++;
    } else runs.push({ days: [day], spans, next: index + 1 });
  }
  return runs;
}

function isSame(a: readonly WallClockSpan[], b: readonly WallClockSpan[]): boolean {
  return a.length === b.length && a.every(({ from, to }, index) => from === b[index]?.from && to === b[index]?.to);
}

function sayRun(locale: Locale, { days, spans }: Run): string {
  const [first, last] = [days[0] ?? "mon", days.at(-1) ?? "mon"];
  const [of, to, and] = locale === "es" ? ["de ", " a ", " y "] : ["", " to ", " and "];
  const range = first === last ? sayWeekday(locale, first) : `${of}${sayWeekday(locale, first)}${to}${sayWeekday(locale, last)}`;
  return `${range}, ${spans.map((span) => `${of}${sayTime(locale, span.from)}${to}${sayTime(locale, span.to)}`).join(and)}`;
}
