/** The survey of an occasion: which questions, under which invitation, and until when the asking itself is of use. */
import type { Instant } from "./calendar.ts";
import type { ClinicFacts, Locale } from "./clinic.ts";
import { asksAboutSelfHarm, speaks } from "./instruments/find-instrument.ts";
import type { Instrument } from "./instruments/instrument.ts";
import type { Suppression } from "./touchpoint.ts";

export type AskedSurvey = {
  readonly instrument: Instrument;
  /** Key of the invitation, within the series. */
  readonly invitation: string;
  /** Of what reminds of an asking: the asking's last moment of use. Null for the asking itself. */
  readonly chasedUntil: Instant | null;
};

/**
 * Why it cannot be asked in writing; null: it can. Questions about self-harm are asked only where somebody is named for every hour or a clinician signed that
 * nobody is; questions without a wording in the reader's language are read out by somebody who can explain that.
 */
export function findBar({ instrument }: AskedSurvey, { clinic, locale }: { clinic: ClinicFacts; locale: Locale }): Suppression | null {
  if (asksAboutSelfHarm(instrument) && !clinic.surveysEnabled) return "surveys-not-enabled";
  return speaks(instrument, locale) ? null : "not-in-language";
}
