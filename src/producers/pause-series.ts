/**
 * Pauses a series.
 *
 * Trigger: staff (`series pause`). Re-checks: its status, under the patient's lock. Effect: nothing of it is sent until it is resumed; its sessions stay booked
 * and outcomes are recorded as ever. A repeat changes nothing.
 */
import { setPaused } from "../db/series-changes.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries } from "./change-series.ts";

export type PausedSeries = { readonly status: "paused"; readonly sessionsToCome: number };

export async function pauseSeries(deps: ChangeDeps, id: SeriesId, options: ChangeOptions): Promise<Changed<PausedSeries>> {
  return changeSeries<PausedSeries>(deps, id, {
    ...options,
    write: async (tx, series, { now }) => {
      if (series.status === "paused") return { kind: "same" };
      const refused = refuseStatus(series, ["enqueued", "active"]);
      if (refused) return refused;
      await setPaused(tx, id, now);
      const { sessionsToCome } = series;
      return {
        kind: "written",
        value: { status: "paused", sessionsToCome },
        events: [tellSeries(series, { kind: "series.paused", actor: options.actor })],
        warnings: sessionsToCome > 0 ? [`its ${sessionsToCome} sessions to come stay booked, and nobody is reminded of them`] : [],
      };
    },
  });
}
