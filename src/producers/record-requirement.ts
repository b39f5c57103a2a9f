/**
 * Records that what a protocol requires before a dose is there: enrolment in a restricted programme, or a payer's authorisation with its last day.
 *
 * Trigger: staff (`series requirement`). Re-checks: that the series goes on and that its protocol asks for it, under the patient's lock. Effect: the record, its
 * event; readiness follows. A repeat changes nothing; another day takes the place of the former.
 */
import { writeRequirement, type RequirementMet } from "../db/requirements.ts";
import { getApprovals } from "../db/approvals.ts";
import { formatDay } from "../domain/calendar.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { Requirement } from "../domain/protocol.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries, UNDER_WAY } from "./change-series.ts";

/** Days as `2027-01-11`. */
export type RecordedRequirement = { readonly requirement: Requirement; readonly metOn: string; readonly expiresOn: string | null };

export async function recordRequirement(
  deps: ChangeDeps,
  id: SeriesId,
  { met, ...options }: ChangeOptions & { met: RequirementMet },
): Promise<Changed<RecordedRequirement>> {
  return changeSeries<RecordedRequirement>(deps, id, {
    ...options,
    write: async (tx, series) => {
      const refused = refuseStatus(series, UNDER_WAY);
      if (refused) return refused;
      const requires = (await getApprovals(tx, [series.approvalId])).get(series.approvalId)?.protocol.requires ?? [];
      const asked = requires.length === 0 ? "nothing: this protocol asks for neither" : requires.join(" or ");
      if (!requires.includes(met.requirement)) return refuse("requirement", met.requirement, asked);
      const { requirement } = met;
      const [metOn, expiresOn] = [formatDay(met.metOn), met.expiresOn === null ? null : formatDay(met.expiresOn)];
      if (met.expiresOn !== null && met.expiresOn < met.metOn) return refuse("until", expiresOn ?? "", `${metOn} or a later day`);
      if (!(await writeRequirement(tx, id, { ...met, actor: options.actor }))) return { kind: "same" };
      const value = { requirement, metOn, expiresOn };
      const event = { kind: "series.requirement-met", actor: options.actor, data: { requirement, on: metOn, until: expiresOn } };
      return { kind: "written", value, events: [tellSeries(series, event)], warnings: [] };
    },
  });
}
