/**
 * Records what staff found out about a message of which nobody knows whether it was sent.
 *
 * Trigger: staff (`touchpoint settle`). Re-checks: that it is still open, wanted and of use, under the patient's lock. Effect: the touchpoint ends as sent or as
 * told, or is planned again; its task is closed. A repeat of what is so already stores nothing.
 */
import { endAsSent, endAsTold, findUnsettled, lockUnsettled, planByHand, type Unsettled } from "../db/settlements.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { Tx } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import { toPublicId, type TouchpointId } from "../domain/ids.ts";
import { unreachable } from "../domain/unreachable.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse, type Written } from "./change-facts.ts";

/** `arrived`: the person has it; `told`: somebody has said it by voice; `again`: it shall be sent once more. */
export const SETTLE_VERDICTS = ["arrived", "told", "again"] as const;
export type SettleVerdict = (typeof SETTLE_VERDICTS)[number];

export type SettledTouchpoint = { readonly verdict: SettleVerdict };

export async function settleTouchpoint(
  deps: ChangeDeps,
  id: TouchpointId,
  { verdict, ...options }: ChangeOptions & { readonly verdict: SettleVerdict },
): Promise<Changed<SettledTouchpoint>> {
  const found = await findUnsettled(deps.db, id);
  if (!found) return refuse("touchpoint", toPublicId("touchpoint", id), "the id of a touchpoint that is stored");
  const write = (tx: Tx, { now }: { now: Instant }) => settle(tx, id, { verdict, actor: options.actor, now });
  return changeFacts(deps, { patientIds: [found.patientId], write }, options);
}

type Settling = { readonly verdict: SettleVerdict; readonly actor: string; readonly now: Instant };

async function settle(tx: Tx, id: TouchpointId, { verdict, actor, now }: Settling): Promise<Written<SettledTouchpoint>> {
  const row = await lockUnsettled(tx, id);
  if (!row) return refuse("touchpoint", toPublicId("touchpoint", id), "the id of a touchpoint that is stored");
  if (isSo(row, verdict)) return { kind: "same" };
  if (row.state !== "unknown" && !(row.state === "held" && row.reason === "unknown"))
    return refuse("touchpoint", row.state, "a touchpoint of which nobody knows whether it was sent (unknown, or held as such)");
  if (verdict === "again" && row.isUnwanted) return refuse("verdict", verdict, "arrived or told: the plan does not want it sent any more");
  if (verdict === "again" && now >= row.sendBy) return refuse("verdict", verdict, "arrived or told: it is too late to send it");
  await write(tx, { id, verdict, now });
  await closeSettledTasks(tx, [row.patientId]);
  const event = { kind: "touchpoint.settled", clinicId: row.clinicId, subjectId: id, actor, data: { verdict } };
  return { kind: "written", value: { verdict }, events: [event], warnings: [] };
}

function isSo({ state, reason }: Unsettled, verdict: SettleVerdict): boolean {
  if (verdict === "arrived") return state === "sent";
  return verdict === "told" && state === "suppressed" && reason === "already-told";
}

async function write(tx: Tx, { id, verdict, now }: { id: TouchpointId; verdict: SettleVerdict; now: Instant }): Promise<void> {
  switch (verdict) {
    case "arrived":
      await endAsSent(tx, [id]);
      return;
    case "told":
      return endAsTold(tx, id);
    case "again":
      return planByHand(tx, id, now);
    default:
      return unreachable(verdict);
  }
}
