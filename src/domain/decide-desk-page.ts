/**
 * Whom to page about a visit that somebody wants to move or cannot come to, and when: the desk, because it is about the day's work and not about danger. Pure.
 * Nobody is called out of bed for it: outside staffed hours it waits for seven in the morning of the visit's day, unless the visit comes first.
 */
import { atTime, dayOf, type Instant, instant, wallClock } from "./calendar.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import { deskOf, isOnDuty, isStaffed, listOnDuty } from "./roster.ts";
import type { RosterEntry } from "./safety-settings.ts";
import { addStaffedTime, type StaffedClinic } from "./staffed-time.ts";

export type DeskSituation = {
  readonly roster: readonly RosterEntry[];
  readonly clinic: StaffedClinic;
  /** Clinic time. */
  readonly now: Instant;
  readonly startsAt: Instant;
};

export type DeskPage =
  /** `people`: in the order in which they are tried until one page is handed over. */
  { readonly kind: "page"; readonly people: readonly RosterEntry[] } | { readonly kind: "wait"; readonly until: Instant };

/** A default of this project: the clinic confirms it by the hours that it gives its desk. */
const EARLIEST = wallClock(7 * 60);

export function decideDeskPage({ roster, clinic, now, startsAt }: DeskSituation): DeskPage {
  const desk = deskOf(roster);
  const onDuty = desk.filter((entry) => isOnDuty(entry, clinic, now));
  if (!isStaffed(clinic, now)) {
    const opens = addStaffedTime(clinic, now, 1);
    const morning = placeLocal(clinic.zone, atTime(dayOf(toLocal(clinic.zone, startsAt)), EARLIEST));
    if (now < morning && morning < startsAt) return { kind: "wait", until: instant(Math.min(opens, morning)) };
    // Whoever is on call for danger is not woken for it while the desk comes in time.
    if (onDuty.length === 0 && opens < startsAt) return { kind: "wait", until: opens };
  }
  const primaries = listOnDuty(roster, clinic, now).filter(({ role }) => role === "primary");
  return { kind: "page", people: [...onDuty, ...primaries, ...desk.filter((entry) => !onDuty.includes(entry))] };
}
