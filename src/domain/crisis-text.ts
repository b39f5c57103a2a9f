/** What became of the crisis text that answers a text: whoever calls must not think that the person has read what never came through. */
import { isDelivered, isUndelivered } from "./provider-rank.ts";
import type { TouchpointState } from "./touchpoint.ts";

/** `arrived` and `handed-over` by the provider's word; `on-its-way` as long as it may still go; `none`: no answer was made, because nobody could be written to or one had just been. */
export type CrisisTextFate = "arrived" | "handed-over" | "on-its-way" | "not-sent" | "none";

export type CrisisText = { readonly fate: CrisisTextFate; readonly why: string | null };

export type CrisisAnswer = {
  readonly state: TouchpointState;
  readonly reason: string | null;
  /** What its provider or carrier said of the last attempt. */
  readonly code: string | null;
  /** Of the last attempt: see provider-rank.ts. */
  readonly rank: number | null;
};

/** Undefined: no crisis text was made of it; `notAnswered` is then why. */
export function judgeCrisisText(answer: CrisisAnswer | undefined, notAnswered: string | null): CrisisText {
  if (!answer) return { fate: "none", why: notAnswered };
  const { state, reason, code } = answer;
  const rank = answer.rank ?? 0;
  if (isDelivered(rank)) return { fate: "arrived", why: null };
  if (isUndelivered(rank)) return { fate: "not-sent", why: code ?? reason ?? "undelivered" };
  if (state === "sent") return { fate: "handed-over", why: null };
  if (state === "planned" || state === "sending" || state === "unknown") return { fate: "on-its-way", why: reason };
  return { fate: "not-sent", why: code ?? reason ?? state };
}
