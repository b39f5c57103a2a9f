/** Whether a protocol asks anything of those who are treated for a condition. A slip would silently leave out every questionnaire. */
import type { Fault } from "./fault.ts";
import { findNearestWord } from "./nearest-word.ts";
import { type Protocol, protocolName } from "./protocol.ts";

/** A fault for what is nearly one of the protocol's conditions, a warning for any other that it has nothing for. */
export function checkCondition(
  condition: string,
  protocol: Pick<Protocol, "id" | "version" | "rules">,
): { readonly faults: readonly Fault[]; readonly warnings: readonly string[] } {
  const named = [...new Set(protocol.rules.flatMap(({ conditions }) => conditions ?? []))];
  if (named.length === 0 || named.includes(condition)) return { faults: [], warnings: [] };
  const near = findNearestWord(condition, named);
  if (near)
    return {
      faults: [{ path: "condition", value: condition, expected: `${named.join(", ")}, or another condition; did you mean ${near}?` }],
      warnings: [],
    };
  const warning = `condition: ${protocolName(protocol)} has questionnaires for ${named.join(", ")} and none for ${condition}`;
  return { faults: [], warnings: [warning] };
}
