/** Compares what the plan wants with what is stored: the only way in which a stored schedule changes. There is no separate rescheduling. */
import { isInFlight, isLive } from "./stored-standing.ts";
import type { PlannedTouchpoint, Span, StoredTouchpoint } from "./touchpoint.ts";

export type Reconciliation = {
  readonly create: readonly PlannedTouchpoint[];
  readonly change: readonly { readonly id: string; readonly to: PlannedTouchpoint }[];
  readonly supersede: readonly { readonly id: string; readonly state: "superseded" | "cancelled" }[];
  /** In the hands of a provider, perhaps: never to be planned again. */
  readonly unwanted: readonly string[];
};

/**
 * Everything of one series. A `planned` or `held` row may change all its times and its state under the same key; ended ones are never touched, and rows in
 * flight only marked when the plan has dropped, held or suppressed them: what forbids a message forbids to try it again. `isOff` says whether a session will not
 * take place any more: then its rows are `cancelled`, otherwise `superseded`.
 */
export function reconcilePlan(
  wanted: readonly PlannedTouchpoint[],
  stored: readonly StoredTouchpoint[],
  { isOff }: { isOff: (sessionId: string) => boolean },
): Reconciliation {
  const wantedByKey = new Map(wanted.map((each) => [each.key, each]));
  const storedKeys = new Set(stored.map(({ key }) => key));
  const change: { id: string; to: PlannedTouchpoint }[] = [];
  const supersede: { id: string; state: "superseded" | "cancelled" }[] = [];
  const unwanted: string[] = [];
  for (const row of stored) {
    const to = wantedByKey.get(row.key);
    if (isInFlight(row) && to?.state !== "planned") unwanted.push(row.id);
    if (!isLive(row)) continue;
    if (!to) supersede.push({ id: row.id, state: row.sessionId && isOff(row.sessionId) ? "cancelled" : "superseded" });
    else if (differs(row, to)) change.push({ id: row.id, to });
  }
  return { create: wanted.filter(({ key }) => !storedKeys.has(key)), change, supersede, unwanted };
}

const COMPARED = ["dueAt", "notBefore", "sendBy", "expiresAt", "awaits", "template", "locale", "zone", "taskDueBy"] as const;

function differs(row: StoredTouchpoint, to: PlannedTouchpoint): boolean {
  if (to.state !== row.state || (to.state === "held" && to.reason !== row.reason)) return true;
  return COMPARED.some((field) => row[field] !== to[field]) || !sameSpans(row.legal, to.legal);
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every(({ from, to }, index) => from === b[index]?.from && to === b[index]?.to);
}
