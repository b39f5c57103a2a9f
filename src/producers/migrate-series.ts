/**
 * Moves a series to another approved version of its protocol.
 *
 * Trigger: staff (`series migrate`), who have been shown the difference. Re-checks: its status and the newest approval of that version at its clinic, under the
 * patient's lock. Effect: the series is pinned to that approval; rows of rules that both versions know keep what they have said, and the rest of the plan follows.
 * Booked sessions stay as they are. A repeat changes nothing.
 */
import { findApprovalInForce, getApprovals } from "../db/approvals.ts";
import { type SeriesToChange, setApproval } from "../db/series-changes.ts";
import { formatCalendarOffset, lengthOf } from "../domain/calendar.ts";
import type { SeriesId } from "../domain/ids.ts";
import { type Protocol, protocolName } from "../domain/protocol.ts";
import type { Tx } from "../db/database.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { changeSeries, refuseStatus, tellSeries, UNDER_WAY } from "./change-series.ts";

export type ProtocolVersion = Pick<Protocol, "id" | "version">;

export type MigratedSeries = { readonly from: string; readonly to: string };

export async function migrateSeries(
  deps: ChangeDeps,
  id: SeriesId,
  { to, ...options }: ChangeOptions & { to: ProtocolVersion },
): Promise<Changed<MigratedSeries>> {
  return changeSeries<MigratedSeries>(deps, id, { ...options, write: (tx, series) => migrate(tx, series, { to, actor: options.actor }) });
}

async function migrate(
  tx: Tx,
  series: SeriesToChange,
  { to, actor }: { to: ProtocolVersion; actor: string },
): Promise<Written<MigratedSeries>> {
  const from = protocolName({ id: series.protocol, version: series.version });
  if (to.id !== series.protocol)
    return refuse("to", protocolName(to), `a version of ${series.protocol}; another protocol is another series (afterglow series replace)`);
  const approval = await findApprovalInForce(tx, series.clinicId, to);
  if (!approval) return refuse("to", protocolName(to), "a version that is approved at the series' clinic (afterglow protocol approve)");
  const refused = refuseStatus(series, UNDER_WAY);
  if (refused) return refused;
  if (approval.id === series.approvalId) return { kind: "same" };
  const before = (await getApprovals(tx, [series.approvalId])).get(series.approvalId);
  await setApproval(tx, series.id, approval.id);
  const value = { from, to: protocolName(to) };
  return {
    kind: "written",
    value,
    events: [tellSeries(series, { kind: "series.migrated", actor, data: { from: series.approvalId, to: approval.id } })],
    warnings: before ? warnOfObservation(before.protocol, approval.protocol) : [],
  };
}

/** The planned end of a session holds the observation that was asked for when it was booked. */
function warnOfObservation({ instructions: before }: Protocol, { instructions: after }: Protocol): string[] {
  if (lengthOf(before.observation) === lengthOf(after.observation)) return [];
  const [was, is] = [before, after].map(({ observation }) => formatCalendarOffset(observation));
  return [`observation is ${is} now and was ${was}; sessions that are booked keep their ends`];
}
