/**
 * Takes back a series that should never have been: the wrong protocol, the wrong patient.
 *
 * Trigger: staff (`series void`). Re-checks: its status and whether anything of it has left, under the patient's lock. Effect: within the undo time after
 * enqueueing, while nothing has left, it is as if it had not been, towards the patient; later its sessions are called off and whoever had heard of it is asked
 * once to disregard it, by the rules of the protocol. Either way its external ids are free again. A repeat changes nothing.
 */
import type { Tx } from "../db/database.ts";
import type { SeriesToChange } from "../db/series-changes.ts";
import { loadSaid } from "../db/sessions.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { SeriesStatus } from "../domain/patient-facts.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries, UNDER_WAY } from "./change-series.ts";
import { endSeries } from "./end-series.ts";

/** How far somebody may go without having been shown what follows: `undo` is refused once the undo time is over or anything has left. */
export type VoidReach = "undo" | "any";

export type VoidedSeries = {
  readonly status: "void";
  /** `undo`: nothing of it had left, and the undo time was not over. */
  readonly how: "undo" | "void";
  readonly sessionsCalledOff: number;
  readonly wasAnnounced: boolean;
};

export async function voidSeries(
  deps: ChangeDeps,
  id: SeriesId,
  { reach, ...options }: ChangeOptions & { reach: VoidReach },
): Promise<Changed<VoidedSeries>> {
  return changeSeries<VoidedSeries>(deps, id, {
    ...options,
    write: (tx, series, { now }) => writeVoid(tx, series, { now, reach, actor: options.actor }),
  });
}

/** A series that was stopped may turn out to have been a mistake all along. */
const VOIDABLE: readonly SeriesStatus[] = [...UNDER_WAY, "stopped"];

/** Voids it in a transaction that goes on; shared with replacing. */
export async function writeVoid(
  tx: Tx,
  series: SeriesToChange,
  { now, reach, actor }: { now: Instant; reach: VoidReach; actor: string },
): Promise<Written<VoidedSeries>> {
  if (series.status === "void") return { kind: "same" };
  const refused = refuseStatus(series, VOIDABLE);
  if (refused) return refused;
  const said = await loadSaid(tx, [series.id]);
  const how = now < series.quietUntil && said.length === 0 ? "undo" : "void";
  if (reach === "undo" && how === "void")
    return refuse("series", undefined, "a series within its undo time of which nothing has left; look at what would follow first");
  const sessionsCalledOff = await endSeries(tx, series, { status: "void", now, because: "clinic", said });
  return {
    kind: "written",
    value: { status: "void", how, sessionsCalledOff, wasAnnounced: said.length > 0 },
    events: [
      tellSeries(series, { kind: how === "undo" ? "series.undone" : "series.voided", actor, data: { sessions: sessionsCalledOff } }),
    ],
    warnings: [],
  };
}
