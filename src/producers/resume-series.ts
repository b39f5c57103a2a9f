/**
 * Lets a paused series go on.
 *
 * Trigger: staff (`series resume`). Re-checks: its status, under the patient's lock. Effect: what is still of use is planned again; what the pause outlasted is
 * not made up for. A repeat changes nothing.
 */
import { setPaused } from "../db/series-changes.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries } from "./change-series.ts";

export type ResumedSeries = { readonly status: "active"; readonly sessionsToCome: number };

export async function resumeSeries(deps: ChangeDeps, id: SeriesId, options: ChangeOptions): Promise<Changed<ResumedSeries>> {
  return changeSeries<ResumedSeries>(deps, id, {
    ...options,
    write: async (tx, series) => {
      if (series.status === "active" || series.status === "enqueued") return { kind: "same" };
      const refused = refuseStatus(series, ["paused"]);
      if (refused) return refused;
      await setPaused(tx, id, null);
      return {
        kind: "written",
        value: { status: "active", sessionsToCome: series.sessionsToCome },
        events: [tellSeries(series, { kind: "series.resumed", actor: options.actor })],
        warnings:
          series.holdCode === null ? [] : ["the patient is on hold: nothing is sent until that is lifted (afterglow patient release)"],
      };
    },
  });
}
