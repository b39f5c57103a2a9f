/**
 * Dates and times in words, from a date and time on a wall. Names of days and months come from Intl once; the order of the words is ours, because ICU changes
 * its spaces and commas between versions and a text message pays for a narrow no-break space with half its length.
 */
import {
  type CalendarDay,
  DAY,
  dayOf,
  type Instant,
  type LocalDateTime,
  timeOf,
  type WallClock,
  WEEKDAYS,
  type Weekday,
} from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { Zone } from "../domain/place-in-time.ts";

/** US English and US Spanish: both read twelve-hour clocks and US zone names. */
const TAGS: { readonly [L in Locale]: string } = { en: "en-US", es: "es-US" };

type Names = {
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly shortWeekdays: readonly string[];
  readonly shortMonths: readonly string[];
};

const NAMES: { readonly [L in Locale]: Names } = { en: namesOf("en"), es: namesOf("es") };

function namesOf(locale: Locale): Names {
  const name = (style: Intl.DateTimeFormatOptions, at: number) =>
    new Intl.DateTimeFormat(TAGS[locale], { ...style, timeZone: "UTC" }).format(at).replace(/\.$/, "");
  const monday = 4 * DAY;
  const week = WEEKDAYS.map((_, day) => monday + day * DAY);
  const year = Array.from({ length: 12 }, (_, month) => Date.UTC(1970, month, 15));
  return {
    weekdays: week.map((at) => name({ weekday: "long" }, at)),
    months: year.map((at) => name({ month: "long" }, at)),
    shortWeekdays: week.map((at) => name({ weekday: "short" }, at)),
    shortMonths: year.map((at) => name({ month: "short" }, at)),
  };
}

function weekdayIndex(day: CalendarDay): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** "Monday", "lunes". */
export function sayWeekday(locale: Locale, day: CalendarDay | Weekday): string {
  return NAMES[locale].weekdays[typeof day === "number" ? weekdayIndex(day) : WEEKDAYS.indexOf(day)] ?? "";
}

/** "Monday, January 11", "lunes 11 de enero". */
export function sayDay(locale: Locale, day: CalendarDay): string {
  const { weekdays, months } = NAMES[locale];
  return joinDay(locale, day, { weekday: weekdays[weekdayIndex(day)], month: months[monthOf(day)] });
}

/** "Mon, Jan 11", "lun 11 ene". */
export function sayShortDay(locale: Locale, day: CalendarDay): string {
  const { shortWeekdays, shortMonths } = NAMES[locale];
  const weekday = shortWeekdays[weekdayIndex(day)];
  const month = shortMonths[monthOf(day)];
  return locale === "es" ? `${weekday} ${dateOf(day)} ${month}` : joinDay(locale, day, { weekday, month });
}

function joinDay(locale: Locale, day: CalendarDay, { weekday, month }: { weekday: string | undefined; month: string | undefined }): string {
  return locale === "es" ? `${weekday} ${dateOf(day)} de ${month}` : `${weekday}, ${month} ${dateOf(day)}`;
}

function monthOf(day: CalendarDay): number {
  return new Date(day * DAY).getUTCMonth();
}

function dateOf(day: CalendarDay): number {
  return new Date(day * DAY).getUTCDate();
}

/** "9:00 AM"; Spanish with its article, "las 9:00 a. m.", "la 1:00 p. m.", so that templates say "a {{ … }}" and "hasta {{ … }}". */
export function sayTime(locale: Locale, time: WallClock): string {
  const hour = Math.floor(time / 60);
  const clock = `${hour % 12 || 12}:${String(time % 60).padStart(2, "0")}`;
  if (locale === "en") return `${clock} ${hour < 12 ? "AM" : "PM"}`;
  return `${hour % 12 === 1 ? "la" : "las"} ${clock} ${hour < 12 ? "a. m." : "p. m."}`;
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

/** The zone's short name at that moment: "MST", "GMT+1". */
export function sayZone(locale: Locale, zone: Zone, at: Instant): string {
  const key = `${locale} ${zone}`;
  let format = zoneFormats.get(key);
  if (!format) zoneFormats.set(key, (format = new Intl.DateTimeFormat(TAGS[locale], { timeZone: zone, timeZoneName: "short" })));
  return format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** The day, as seen from a day close to it: today, tomorrow, yesterday, on Monday, and from a week on with its date. */
export function sayWhen(locale: Locale, day: CalendarDay, today: CalendarDay): string {
  const away = day - today;
  if (away === 0) return locale === "es" ? "hoy" : "today";
  if (away === 1) return locale === "es" ? "mañana" : "tomorrow";
  if (away === -1) return locale === "es" ? "ayer" : "yesterday";
  const name = Math.abs(away) < 7 ? sayWeekday(locale, day) : sayDay(locale, day);
  return locale === "es" ? `el ${name}` : `on ${name}`;
}

/** A clock time and its day: "11:00 AM tomorrow", "11:00 PM tonight", "las 11:00 a. m. del martes". `clock` is the time as {@link sayTime} and a zone made it. */
export function sayTimeOfDay(locale: Locale, clock: string, { local, today }: { local: LocalDateTime; today: CalendarDay }): string {
  const day = dayOf(local);
  const when = sayWhen(locale, day, today);
  if (locale === "es") return `${clock} ${when.startsWith("el ") ? `d${when}` : `de ${when}`}`;
  return `${clock} ${when === "today" && timeOf(local) >= EVENING ? "tonight" : when}`;
}

const EVENING = 17 * 60;

/** Midnight at the end of `evening`: "midnight tonight", "midnight on Sunday night". */
export function sayMidnight(locale: Locale, { evening, today }: { evening: CalendarDay; today: CalendarDay }): string {
  const weekday = sayWeekday(locale, evening);
  if (locale === "es") return evening === today ? "la medianoche de hoy" : `la medianoche del ${weekday}`;
  return evening === today ? "midnight tonight" : `midnight on ${weekday} night`;
}
