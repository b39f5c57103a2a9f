/** Who of a clinic is told when a patient may be in danger, how soon somebody has to say that they have it, and what was signed. */
import type { CalendarDay } from "./calendar.ts";
import type { StaffedHours } from "./clinic.ts";

/** Of an alert, in the order in which they are paged. */
export const ALERT_ROLES = ["primary", "backup", "manager"] as const;
/** `desk`: is paged about a visit within a day that somebody wants to move, and never about an alert. */
export const ROSTER_ROLES = [...ALERT_ROLES, "desk"] as const;
export type RosterRole = (typeof ROSTER_ROLES)[number];

/**
 * `staffed`: while the clinic answers its phone; `after-hours`: whenever it does not, holidays and closures among it; spans a weekday on the clinic's wall go on
 * closed days too, and may cross midnight.
 */
export type DutyHours = "always" | "staffed" | "after-hours" | StaffedHours;

export type RosterEntry = {
  readonly name: string;
  readonly role: RosterRole;
  /** E.164. One of phone and email is there. */
  readonly phone: string | null;
  readonly email: string | null;
  readonly when: DutyHours;
  /** On duty from this day to that one, both included; null: without an end. */
  readonly from: CalendarDay | null;
  readonly until: CalendarDay | null;
};

/** A clinician's word that nobody looks outside the hours of the roster; pages then say so before the first question. */
export type NoAfterHoursCover = { readonly signedBy: string; readonly on: CalendarDay };

export type SafetySettings = {
  readonly roster: readonly RosterEntry[];
  /** How long somebody has to acknowledge before the next one is paged. */
  readonly acknowledge: {
    /** Elapsed minutes, at any hour. */
    readonly criticalMinutes: number;
    /** Staffed minutes. */
    readonly highMinutes: number;
  };
  /** Whether surveys that ask about thoughts of self-harm may be sent. */
  readonly surveys: boolean;
  readonly noAfterHoursCover: NoAfterHoursCover | null;
};

/** Ten minutes, and an hour in staffed hours: defaults of this project, for a target of an hour (critical) and of four staffed hours (high). */
export const USUAL_ACKNOWLEDGE: SafetySettings["acknowledge"] = { criticalMinutes: 10, highMinutes: 60 };

/** Of a clinic whose file has no `safety` section: nobody is named, so nothing is asked that would need somebody. */
export const NO_SAFETY: SafetySettings = { roster: [], acknowledge: USUAL_ACKNOWLEDGE, surveys: false, noAfterHoursCover: null };
