/** Moments as the console says them: on the wall of a zone, on a 24-hour clock as the rest of its pages. */
import {
  type CalendarDay,
  dayOf,
  formatDay,
  formatInstant,
  formatLocal,
  formatWallClock,
  type Instant,
  timeOf,
} from "../../domain/calendar.ts";
import { toLocal, type Zone } from "../../domain/place-in-time.ts";
import { sayShortDay } from "../../messages/say-time.ts";
import { html, type Html } from "../html.ts";

/** `Mon, Jan 11`, with the year where it is another than today's. */
export function sayDate(day: CalendarDay, today: CalendarDay): string {
  const year = formatDay(day).slice(0, 4);
  const said = sayShortDay("en", day);
  return year === formatDay(today).slice(0, 4) ? said : `${said}, ${year}`;
}

export function dayAt(zone: Zone, at: Instant): CalendarDay {
  return dayOf(toLocal(zone, at));
}

export function clockAt(zone: Zone, at: Instant): string {
  return formatWallClock(timeOf(toLocal(zone, at)));
}

/** `Mon, Jan 11, 09:00`. */
export function sayMoment(zone: Zone, at: Instant, now: Instant): string {
  return `${sayDate(dayAt(zone, at), dayAt(zone, now))}, ${clockAt(zone, at)}`;
}

/** The same for a page, with the full date for machines and on hovering. */
export function moment(zone: Zone, at: Instant, now: Instant): Html {
  return html`<time datetime="${formatInstant(at)}">${sayMoment(zone, at, now)}</time>`;
}

/** As a field of date and time holds it. */
export function toField(zone: Zone, at: Instant): string {
  return formatLocal(toLocal(zone, at));
}
