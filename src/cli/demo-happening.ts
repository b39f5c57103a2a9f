/** What happens in the demo, as one line of its timeline and one entry of its index. */
import { type Instant, dayOf, formatDay, formatWallClock, timeOf, weekdayOf } from "../domain/calendar.ts";
import { toLocal, type Zone } from "../domain/place-in-time.ts";

/** `said` went out; `work` is for the front desk; `fact` is what staff recorded; `unsaid` ended without being said. */
export type Happening = {
  readonly at: Instant;
  readonly tone: "said" | "work" | "fact" | "unsaid";
  readonly label: "email" | "sms" | "task" | "session" | "series" | "patient" | "clinic";
  /** First names: "Ana", "Marta for Ana"; "everybody". */
  readonly who: string;
  /** Where the person lives whom it reaches; the clinic's zone for everything else. */
  readonly zone: Zone;
  readonly says: string;
  /** Stem of the template, for the name of a file. */
  readonly template: string;
  readonly message: MailFile | TextFile | null;
};

export type MailFile = { readonly kind: "mail"; readonly raw: Buffer; readonly html: string; readonly text: string };
export type TextFile = { readonly kind: "text"; readonly text: string };

/** Full names, as they were enqueued. */
export type Person = { readonly patient: string; readonly escort: string | null };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Mon 11 Jan 09:00`, always 16 characters. */
export function formatMoment(zone: Zone, at: Instant): string {
  const local = toLocal(zone, at);
  const [, month = "1", day = "1"] = formatDay(dayOf(local)).split("-");
  const weekday = weekdayOf(dayOf(local));
  return `${weekday[0]?.toUpperCase()}${weekday.slice(1)} ${String(Number(day)).padStart(2)} ${MONTHS[Number(month) - 1]} ${formatTime(zone, at)}`;
}

/** `09:00` */
export function formatTime(zone: Zone, at: Instant): string {
  return formatWallClock(timeOf(toLocal(zone, at)));
}

/** `Los Angeles`, of `America/Los_Angeles`. */
export function cityOf(zone: Zone): string {
  return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}

/** The first name in Latin letters, else the first: what a line of the demo calls somebody. */
export function firstNameOf(name: string): string {
  const [family = "", given = ""] = name.split(",", 2);
  // "Hugo Ibarra, Jr." has its first name in front.
  const names = (/^\s*(?:jr|sr|[ivx]+)\.?\s*$/i.test(given) || given === "" ? family : given).trim().split(/\s+/);
  return names.find((part) => /^\p{Script=Latin}/u.test(part)) ?? names[0] ?? "";
}
