/** A clinic as rules see it: its zone, when it is staffed, when it is closed. */
import type { CalendarDay, WallClock, Weekday } from "./calendar.ts";
import type { ClinicId } from "./ids.ts";
import type { Zone } from "./place-in-time.ts";

export const LOCALES = ["en", "es"] as const;
export type Locale = (typeof LOCALES)[number];

/** Half-open on the wall; `to` may lie before `from`, and then the span crosses midnight. */
export type WallClockSpan = { readonly from: WallClock; readonly to: WallClock };

/** Spans a weekday on which somebody answers the phone; a weekday without one is not staffed. */
export type StaffedHours = { readonly [Day in Weekday]?: readonly WallClockSpan[] };

export type ClinicFacts = {
  readonly id: ClinicId;
  readonly zone: Zone;
  readonly locale: Locale;
  readonly staffedHours: StaffedHours;
  /** Days on which the clinic is closed although the weekday is staffed. */
  readonly closures: ReadonlySet<CalendarDay>;
  /** Texts that one patient gets in a calendar week at most, over all series. */
  readonly textsPerWeek: number;
  /** Whether the clinic may ask about thoughts of self-harm: somebody is named for every hour, or a clinician signed that nobody is. */
  readonly surveysEnabled: boolean;
};
