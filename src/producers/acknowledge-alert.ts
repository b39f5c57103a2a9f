/**
 * Somebody says that they have an alert.
 *
 * Trigger: staff (`alert ack`, the console). Re-checks: its state, under its own lock: of two who acknowledge at once one has it and the other is told who.
 * Effect: the alert has an owner, nobody is paged any more; its event. A repeat by the owner ends a page that asked again, and otherwise stores nothing.
 */
import { lockAlert, type LockedAlert, writeAcknowledged } from "../db/alerts.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import { type AlertId, toPublicId } from "../domain/ids.ts";
import { type Refused, refuse } from "./change-facts.ts";

export type Acknowledged =
  | { readonly kind: "changed"; readonly owner: string; readonly from: string | null }
  | { readonly kind: "same" }
  | Refused;

export type AcknowledgeOptions = {
  /** The named person who has it from now on. */
  readonly actor: string;
  /** `over`: takes it from whoever has it. */
  readonly wish: "acknowledge" | "over";
};

export async function acknowledgeAlert({ db }: { db: Database }, id: AlertId, options: AcknowledgeOptions): Promise<Acknowledged> {
  return transact(db, (tx) => acknowledge(tx, id, options));
}

async function acknowledge(tx: Tx, id: AlertId, { actor, wish }: AcknowledgeOptions): Promise<Acknowledged> {
  const alert = await lockAlert(tx, id);
  if (!alert) return refuseUnknownAlert(id);
  if (alert.state === "closed")
    return refuse("alert", "closed", `an alert that is not closed; ${alert.closedBy ?? "somebody"} closed this one`);
  if (alert.owner === actor && !alert.isPaging) return { kind: "same" };
  if (alert.owner !== null && alert.owner !== actor && wish === "acknowledge")
    return refuse("alert", alert.owner, `an alert that nobody has; ${alert.owner} has this one (--over takes it)`);
  await writeAcknowledged(tx, id, actor);
  await appendEvents(tx, [toEvent(alert, actor)]);
  return { kind: "changed", owner: actor, from: alert.owner };
}

function toEvent({ id, clinicId, owner }: LockedAlert, actor: string) {
  return { kind: "alert.acknowledged", clinicId, subjectId: id, actor, data: { from: owner } };
}

export function refuseUnknownAlert(id: AlertId): Refused {
  return refuse("alert", toPublicId("alert", id), "the id of an alert that is stored (afterglow alert list)");
}
