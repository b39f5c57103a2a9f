/**
 * The model: who there is, what is true of their visits and of how they may be reached, and what has been said to whom. It knows no rule, no state and no plan.
 *
 * Times are told apart by their minute: every start that anybody is ever given has a remainder of its own by fifteen (10:01, 14:17, 9:48 …), which the clock
 * times that follow from it keep (arrive a quarter of an hour before, no food six hours before, over an hour and three quarters later). So the words of a
 * message say which visit, and which of its times, they were written for.
 */
import type { Channel } from "../../../src/domain/protocol.ts";
import type { Instant } from "../../../src/domain/calendar.ts";
import type { DeliveryId, PatientId, SeriesId, SessionId, TouchpointId } from "../../../src/domain/ids.ts";
import type { SessionStatus } from "../../../src/domain/patient-facts.ts";

export type Visit = {
  readonly id: SessionId;
  status: SessionStatus;
  startsAt: Instant;
  /** Clinic time since which it stands as it does. */
  since: Instant;
  /** Every start it has had, oldest first. */
  readonly starts: Instant[];
  /** What was accepted for the patient about it. */
  readonly tellings: Telling[];
};

/** `what`: the start that was named, or that it is off. */
export type Telling = { readonly what: Instant | "off"; readonly call: Call };

/** `isDead`: nobody is reached there, as far as the clinic has heard. */
export type Reach = { address: string | null; agreed: boolean; isDead: boolean };

export type Person = {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly visits: Visit[];
  /** Starts by their mark. */
  readonly marks: Map<number, { readonly visit: Visit; readonly startsAt: Instant }>;
  readonly reach: { readonly [Who in "patient" | "escort"]: { readonly [By in "sms" | "email"]: Reach } };
  /** Some message to them, or to whom they named, may have arrived. */
  hasHeard: boolean;
  isHeld: boolean;
  isPaused: boolean;
  isOver: boolean;
  /** Clinic time at which the last hold or pause was lifted. */
  freeSince: Instant | null;
  /** Visits whose moment has been looked at, as `id/start`. */
  readonly judged: Set<string>;
};

/** What the row of a call says it is. */
export type CallRow = {
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  readonly recipient: "patient" | "escort";
  readonly rule: string;
  readonly occurrence: number;
  readonly purpose: string;
  /** Of what reminds of a survey, which survey that is; otherwise null. */
  readonly survey: string | null;
};

/** One call of a provider. */
export type Call = {
  readonly touchpointId: TouchpointId;
  readonly deliveryId: DeliveryId;
  readonly channel: Exclude<Channel, "task">;
  readonly to: string;
  /** Clinic time. */
  readonly at: Instant;
  readonly text: string;
  readonly ics: readonly string[];
  /** What was called about, and the start that its visit had then. */
  about: (CallRow & { readonly startsAt: Instant | null }) | null;
  accepted: boolean;
  /** The provider's id of a text. */
  sid: string | null;
  /** Clinic time since which the provider says that it did not arrive. */
  lostAt: Instant | null;
};

export type Model = {
  readonly people: Person[];
  readonly calls: Call[];
  /** Numbers that have opted out, for whoever uses them. */
  readonly optedOut: Set<string>;
  /** For numbers nobody has had. */
  numbers: number;
};

export function emptyModel(): Model {
  return { people: [], calls: [], optedOut: new Set(), numbers: 10 };
}

/** Marks run from 1; what has none (8:00 AM, 5:00 PM) is the clinic's own. */
export const MARKS = 15;

export function freeMark({ marks }: Person): number | undefined {
  return Array.from({ length: MARKS - 1 }, (_, index) => index + 1).find((mark) => !marks.has(mark));
}

const OFF: ReadonlySet<SessionStatus> = new Set(["cancelled", "postponed", "not_dosed", "no_show"]);

export function isOn({ status }: Visit): boolean {
  return !OFF.has(status);
}

/** Its patient is not expected. */
export function isCalledOff({ status }: Visit): boolean {
  return status === "cancelled" || status === "postponed";
}

/** Nothing may reach them now. */
export function isSilent({ isHeld, isPaused }: Person): boolean {
  return isHeld || isPaused;
}

/** The clock times in a text, by their marks. */
export function marksIn(text: string): number[] {
  const marks = Array.from(text.matchAll(/\b\d{1,2}:(\d{2}) (?:AM|PM)/g), ([, minute]) => Number(minute) % MARKS);
  return [...new Set(marks)].filter((mark) => mark !== 0);
}

/** A provider has said that nobody is reached there; staff who write the address down anew have not heard it. */
export function markDead({ people }: Model, address: string): void {
  for (const { reach } of people)
    for (const each of [reach.patient.sms, reach.patient.email, reach.escort.sms, reach.escort.email])
      if (each.address === address) each.isDead = true;
}
