/** What a patient may have or not have without missing anything of a visit: questionnaires, and what is nice to know. Reminders and changes are none of it. */
import type { Rule } from "./protocol.ts";

export const OPTIONAL_STREAMS = ["surveys", "tips"] as const;
export type OptionalStream = (typeof OPTIONAL_STREAMS)[number];

const NICE_TO_KNOW: ReadonlySet<string> = new Set(["notice", "check-in"]);

/** The stream of what this rule says to a patient; null for what everybody gets. */
export function optionalStreamOf({
  purpose,
  importance,
  recipient,
}: Pick<Rule, "purpose" | "importance" | "recipient">): OptionalStream | null {
  if (recipient !== "patient") return null;
  if (purpose === "survey") return "surveys";
  return importance === "low" && NICE_TO_KNOW.has(purpose) ? "tips" : null;
}
