/** A survey that is being filled in: what was answered so far, and which alerts that has raised already. */
import { z } from "zod";
import { ALERT_KINDS, ALERT_LEVELS } from "./alert.ts";
import { type Answers, findUnanswered, readAnswers } from "./check-answers.ts";
import type { Instrument } from "./instruments/instrument.ts";
import type { Raised } from "./judge-answers.ts";

export type SurveyDraft = {
  readonly answers: Answers;
  /** The response that it is going to be, once it has raised an alert: both speak of the same. */
  readonly responseId: string | null;
  readonly raised: readonly Raised[];
};

export const EMPTY_DRAFT: SurveyDraft = { answers: {}, responseId: null, raised: [] };

const schema = z.object({
  answers: z.record(z.string(), z.int().nullable()),
  responseId: z.uuid().nullable(),
  raised: z.array(z.object({ kind: z.enum(ALERT_KINDS), level: z.enum(ALERT_LEVELS) })),
});

/** Reads what was kept; answers that are none of the instrument's are left out. */
export function readDraft(instrument: Instrument, text: string): SurveyDraft {
  const { answers, ...draft } = schema.parse(JSON.parse(text));
  const known = Object.entries(answers).filter(([item, value]) => readAnswers(instrument, { [item]: value }).ok);
  return { ...draft, answers: Object.fromEntries(known) };
}

export function writeDraft(draft: SurveyDraft): string {
  return JSON.stringify(draft);
}

/** The first screen, from 1, on which something is still to be answered; null: nothing is. */
export function firstOpenScreen(instrument: Instrument, answers: Answers): number | null {
  const open = new Set(findUnanswered(instrument, answers).map(({ path }) => path));
  const index = instrument.screens.findIndex(({ items }) => items.some((id) => open.has(id)));
  return index === -1 ? null : index + 1;
}
