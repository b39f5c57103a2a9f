/** Touchpoints as a table: when on the recipient's wall, how, what, and where each stands. */
import type { PlannedTouchpoint } from "../domain/touchpoint.ts";
import { sayWhen } from "./say-when.ts";
import { paint, print, toTable } from "./terminal.ts";

export type TouchpointLine = Pick<PlannedTouchpoint, "zone" | "dueAt" | "recipient" | "channel" | "rule" | "awaits"> & {
  readonly session: number | null;
  readonly state: string;
  readonly reason: string | null;
  /** Left out in a preview: nothing is stored. */
  readonly id?: string;
};

/** What a row waits for, as the end of a sentence. */
const AWAITED = { arrival: "arrived", dosing: "treated", discharge: "discharged" } as const;

/** One line each, in their order; what will not be sent is dimmed. */
export function showTouchpoints(rows: readonly TouchpointLine[]): void {
  const lines = toTable(rows.map(toCells));
  for (const [index, line] of lines.entries()) print(isQuiet(rows[index]?.state) ? paint.dim(line) : line);
}

function toCells({ zone, dueAt, recipient, channel, rule, session, state, reason, awaits, id }: TouchpointLine): string[] {
  const standing = state === "planned" ? (awaits ? `once ${AWAITED[awaits]}` : "") : [state, reason].filter(Boolean).join(": ");
  return [
    sayWhen(zone, dueAt),
    recipient === "patient" ? channel : `${channel} to ${recipient}`,
    rule,
    session === null ? "" : `session ${session}`,
    standing,
    ...(id === undefined ? [] : [`tp_${id}`]),
  ];
}

function isQuiet(state: string | undefined): boolean {
  return state === "suppressed" || state === "superseded" || state === "cancelled" || state === "expired";
}
