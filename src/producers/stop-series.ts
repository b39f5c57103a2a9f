/**
 * Stops a series for good.
 *
 * Trigger: staff (`series stop`). Re-checks: its status, under the patient's lock. Effect: its sessions to come are called off and everything that was to be said
 * about them is silent; a patient who had heard of it is told once, by the rules of the protocol for the end of a series. A repeat changes nothing.
 */
import { loadSaid } from "../db/sessions.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries, UNDER_WAY } from "./change-series.ts";
import { endSeries } from "./end-series.ts";

export type StoppedSeries = {
  readonly status: "stopped";
  readonly sessionsCalledOff: number;
  /** Whether the patient or the escort had been told anything of it. */
  readonly wasAnnounced: boolean;
};

export async function stopSeries(
  deps: ChangeDeps,
  id: SeriesId,
  { because, ...options }: ChangeOptions & { because: "patient" | "clinic" },
): Promise<Changed<StoppedSeries>> {
  return changeSeries<StoppedSeries>(deps, id, {
    ...options,
    write: async (tx, series, { now }) => {
      if (series.status === "stopped") return { kind: "same" };
      const refused = refuseStatus(series, UNDER_WAY);
      if (refused) return refused;
      const said = await loadSaid(tx, [series.id]);
      const sessionsCalledOff = await endSeries(tx, series, { status: "stopped", now, because, said });
      return {
        kind: "written",
        value: { status: "stopped", sessionsCalledOff, wasAnnounced: said.length > 0 },
        events: [tellSeries(series, { kind: "series.stopped", actor: options.actor, data: { because, sessions: sessionsCalledOff } })],
        warnings: series.holdCode === null ? [] : ["the patient is on hold: the end of the series is told to nobody"],
      };
    },
  });
}
