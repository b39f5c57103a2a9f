/** A clinic as its settings file says, parsed and trusted: the output of `parseClinic`. */
import type { CalendarDay } from "./calendar.ts";
import type { Locale, StaffedHours, WallClockSpan } from "./clinic.ts";
import type { Zone } from "./place-in-time.ts";
import type { SafetySettings } from "./safety-settings.ts";

export type SenderSettings = { readonly address: string; readonly name: string; readonly perSecond: number };

export type ClinicSettings = {
  readonly slug: string;
  /** Slug of the group; patients, phones and opt-outs are shared in it. Default: the clinic's own slug. */
  readonly group: string;
  /** Neutral: stands in every text, subject and calendar entry. */
  readonly name: string;
  /** E.164: what patients call. */
  readonly phone: string;
  /** ISO 3166 alpha-2; numbers of other countries are refused. */
  readonly country: string;
  readonly zone: Zone;
  readonly locale: Locale;
  readonly address: string | null;
  readonly staffedHours: StaffedHours;
  readonly closures: readonly CalendarDay[];
  /** Default 20:00 to 09:00. */
  readonly quietHours: WallClockSpan;
  /** Nothing leaves for so long after enqueueing; default 10. */
  readonly undoMinutes: number;
  /** Texts that one patient gets in a calendar week at most; default 6. */
  readonly textsPerWeek: number;
  /** Whether surveys that ask about thoughts of self-harm may be sent: what `safety` says. */
  readonly surveysEnabled: boolean;
  readonly safety: SafetySettings;
  readonly email: SenderSettings;
  readonly sms: SenderSettings;
};
