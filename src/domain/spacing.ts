/** Whether dosed and planned sessions lie as far apart as the protocol says. A plan outside it is shown to staff and never changed. */
import { type CalendarOffset, dayOf, formatDay, HOUR, type Instant } from "./calendar.ts";
import type { SessionStatus } from "./patient-facts.ts";
import { addOffset, toLocal, type Zone } from "./place-in-time.ts";
import { type Protocol, protocolName, type SessionKind } from "./protocol.ts";

export type SessionInTime = {
  readonly kind: SessionKind;
  readonly zone: Zone;
  readonly startsAt: Instant;
  /** Null: still to come. */
  readonly status: SessionStatus | null;
};

const NOT_DOSED: ReadonlySet<SessionStatus | null> = new Set<SessionStatus>(["not_dosed", "cancelled", "no_show", "postponed"]);

/**
 * One warning for each pair of neighbouring doses that lie closer together than `spacing.least` or further apart than `spacing.most`, in order of time. Sessions
 * without a dose do not count; a booster may come at any later time, so only the least gap is asked of it. Offsets of whole days are compared by the day.
 */
export function checkSpacing(protocol: Pick<Protocol, "id" | "version" | "spacing">, sessions: readonly SessionInTime[]): string[] {
  const doses = sessions.filter(isDose).sort((one, other) => one.startsAt - other.startsAt);
  return doses.flatMap((dose, index) => {
    const before = doses[index - 1];
    return before ? checkGap(protocol, before, dose) : [];
  });
}

/** Whether a dose was given in it, or still may be. */
export function isDose({ kind, status }: Pick<SessionInTime, "kind" | "status">): boolean {
  return (kind === "dosing" || kind === "booster") && !NOT_DOSED.has(status);
}

function checkGap(protocol: Pick<Protocol, "id" | "version" | "spacing">, before: SessionInTime, dose: SessionInTime): string[] {
  const { least, most, source } = protocol.spacing;
  const say = (bound: string) =>
    `The doses on ${onDay(before)} and ${onDay(dose)} are ${inWords(before, dose)} apart; ${protocolName(protocol)} says ${bound} (${source})`;
  if (compareGap(before, dose, least) < 0) return [say(`at least ${lengthInWords(least)}`)];
  const isCourse = before.kind === "dosing" && dose.kind === "dosing";
  return isCourse && compareGap(before, dose, most) > 0 ? [say(`at most ${lengthInWords(most)}`)] : [];
}

/** Negative when the gap is shorter than the length, positive when longer. */
export function compareGap(before: SessionInTime, dose: SessionInTime, length: CalendarOffset): number {
  return length.minutes === 0 ? daysBetween(before, dose) - length.days : dose.startsAt - addOffset(before.zone, before.startsAt, length);
}

function daysBetween(before: SessionInTime, dose: SessionInTime): number {
  return dayOf(toLocal(dose.zone, dose.startsAt)) - dayOf(toLocal(before.zone, before.startsAt));
}

function onDay({ zone, startsAt }: SessionInTime): string {
  return formatDay(dayOf(toLocal(zone, startsAt)));
}

function inWords(before: SessionInTime, dose: SessionInTime): string {
  const days = daysBetween(before, dose);
  return days > 0 ? count(days, "day") : count(Math.round((dose.startsAt - before.startsAt) / HOUR), "hour");
}

function lengthInWords({ days, minutes }: CalendarOffset): string {
  const parts = [days > 0 ? count(days, "day") : "", minutes > 0 ? count(minutes / 60, "hour") : ""];
  return parts.filter(Boolean).join(" ");
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
