/** What tasks are called at the console, and how they end. */
import { SETTLEMENTS, type TaskOutcome } from "../../domain/task.ts";
import { TASK_KINDS, type TaskKind } from "../../domain/protocol.ts";
import { sayRule } from "./say-change.ts";

export const TASK_KIND_WORDS: { readonly [Kind in TaskKind]: string } = {
  call: "Call",
  "record-outcome": "Record what happened",
  "find-driver": "Find a driver",
  "file-form": "File a form",
  review: "Look into it",
  "settle-unknown": "Did it arrive?",
  verify: "Check the contact",
  reply: "Read a reply",
  survey: "Ask by phone",
  decide: "Decide about a message",
  "tell-system": "Another system hears nothing",
};

export function sayTaskKind(kind: string): string {
  const known = TASK_KINDS.find((each) => each === kind);
  return known === undefined ? kind : TASK_KIND_WORDS[known];
}

/** Kinds that do not say what about; their message does. */
const UNSAID: ReadonlySet<string> = new Set<TaskKind>(["call", "survey"]);

/** The title of a task in a list. */
export function sayTask(kind: string, template: string): string {
  return UNSAID.has(kind) ? `${sayTaskKind(kind)}: ${sayRule(template).toLowerCase()}` : sayTaskKind(kind);
}

export const TASK_OUTCOME_WORDS: { readonly [Outcome in TaskOutcome]: string } = {
  reached: "Reached",
  voicemail: "Left a voicemail",
  "no-answer": "No answer",
  filed: "Filed",
  recorded: "Recorded",
  other: "Something else",
};

export function sayTaskOutcome(outcome: string): string {
  if (SETTLEMENTS.some((each) => each === outcome)) return `settled: ${outcome.replaceAll("-", " ")}`;
  return Object.entries(TASK_OUTCOME_WORDS).find(([each]) => each === outcome)?.[1] ?? outcome.replaceAll("-", " ");
}
