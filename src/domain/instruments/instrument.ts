/**
 * An instrument: questions whose wording does not change within a version, how answers are read, and where its numbers come from. Data only; what is computed from
 * it is in score-survey.ts. A change of a word is a new version: what was answered stays readable with the version it was answered in.
 */
import type { AlertKind, AlertLevel } from "../alert.ts";
import type { Locale } from "../clinic.ts";

/** A text in the languages of the instrument; a language that is missing has no wording that may be used. */
export type Wording = { readonly en: string; readonly es?: string };

export type Choice = { readonly value: number; readonly label: Wording };

/** An answer that somebody has to see. Of several that an item raises, each stands for itself. */
export type Alarm = { readonly values: readonly number[]; readonly kind: AlertKind; readonly level: AlertLevel };

export type Item = {
  /** Stands in forms and stored answers; never reused for another question. */
  readonly id: string;
  readonly text: Wording;
  readonly choices: readonly Choice[];
  /** `scale`: many values in a row, of which only the ends have words. */
  readonly shown: "choices" | "scale";
  /** Counts towards the total. */
  readonly scored: boolean;
  /** `must`: no answer, no submit. `may`: it can be left out, and is then shown as left out. */
  readonly answer: "must" | "may";
  readonly alarms: readonly Alarm[];
  /** Raised when the item is left out on purpose. */
  readonly whenSkipped: Omit<Alarm, "values"> | null;
};

/** Items that stand on one screen, below what is asked of all of them. */
export type Screen = { readonly stem: Wording; readonly items: readonly string[] };

/** `from` inclusive; a band ends where the next begins. For staff only. */
export type Band = { readonly from: number; readonly name: string };

/** When a later answer is worse than an earlier one by more than chance or mood; any of the three is enough. */
export type WorseningRule = {
  /** A rise of so many points. */
  readonly points: number | null;
  /** A rise by so much of the earlier total, where the later total is at least `from`: a tenth of a small number is noise. */
  readonly percent: { readonly of: number; readonly from: number } | null;
  /** A rise to or above this total. */
  readonly total: number | null;
  readonly source: string;
};

export type Scoring = {
  readonly most: number;
  readonly bands: readonly Band[];
  /** A total from which further evaluation is usual; never shown as a diagnosis. */
  readonly cutOff: { readonly from: number; readonly means: string } | null;
  /** A fall of so many points is more than chance. */
  readonly reliableChange: number | null;
  /** A total below this is remission, where that is defined. */
  readonly remissionBelow: number | null;
  readonly worsening: WorseningRule | null;
  readonly subscales: readonly Subscale[];
  readonly sources: readonly string[];
};

/** A part of the total. With `needs`: so many items of it at `endorsedFrom` or above belong to the provisional pattern. */
export type Subscale = {
  readonly name: string;
  readonly items: readonly string[];
  readonly needs: { readonly items: number; readonly endorsedFrom: number } | null;
};

export type Instrument = {
  readonly id: InstrumentId;
  readonly version: number;
  /** For staff. */
  readonly name: string;
  /** Stands on the patient's page, small. */
  readonly notice: Wording | null;
  readonly licence: string;
  /** Where the wording was taken from, and what of it could not be checked. */
  readonly wording: string;
  /** What the questions ask about, in days; null: this moment or this visit. */
  readonly recallDays: number | null;
  /** No rule of any series asks it again within so many days. */
  readonly askAgainAfterDays: number | null;
  /** Languages with a wording that may be used. */
  readonly locales: readonly Locale[];
  /** About so many minutes. */
  readonly minutes: number;
  readonly instruction: Wording | null;
  readonly items: readonly Item[];
  readonly screens: readonly Screen[];
  readonly scoring: Scoring | null;
};

export const INSTRUMENT_IDS = [
  "phq-9",
  "phq-2",
  "gad-7",
  "pcl-5",
  "home-safe",
  "next-day",
  "three-days",
  "side-effects",
  "integration",
] as const;
export type InstrumentId = (typeof INSTRUMENT_IDS)[number];

/** The text in a language, or in English where the instrument has no wording in it. */
export function inLocale(wording: Wording, locale: Locale): string {
  return wording[locale] ?? wording.en;
}

/** An item of the usual kind: it must be answered, counts, and raises nothing. */
export function item(id: string, text: Wording, choices: readonly Choice[]): Item {
  return { id, text, choices, shown: "choices", scored: true, answer: "must", alarms: [], whenSkipped: null };
}

/** One item a screen below the same stem. */
export function screenEach(stem: Wording, items: readonly Item[]): Screen[] {
  return items.map(({ id }) => ({ stem, items: [id] }));
}
