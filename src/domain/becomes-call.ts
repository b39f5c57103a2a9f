/** Which messages become a call when they cannot be said in time, so that there must be words for the call. The sweep asks the same of stored rows. */
import type { Rule } from "./protocol.ts";

/** What is critical, says when to fast or who drives, is for the driver, or tells a change that cannot wait. */
export function mayBecomeCall({ importance, purpose, recipient }: Pick<Rule, "importance" | "purpose" | "recipient">): boolean {
  if (recipient === "staff") return false;
  if (importance === "critical" || purpose === "urgent-change") return true;
  return importance === "high" && (purpose === "preparation" || recipient === "escort");
}
