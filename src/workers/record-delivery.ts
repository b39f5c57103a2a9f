/**
 * Works on `record-delivery`.
 *
 * Trigger: a webhook that stored a report, and for whatever that hint lost, {@link repairReports}. Re-checks: that nobody has folded it, and how far the delivery
 * has come. Effect: the delivery says what its provider last knew, and what follows from it is written in the same transaction. A repeat changes nothing.
 */
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { attribute, findUnfolded, loadUnfolded, markFolded, purgeProviderEvents, takeUnfolded } from "../db/provider-events.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { ProviderEventId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import { requestPlans } from "../producers/request-plans.ts";
import type { Queues } from "../queues/backend.ts";
import { REPORTS_PER_JOB } from "../queues/record-delivery.ts";
import { type Folded, foldReports } from "./fold-reports.ts";
import { readReports, type ReadReport } from "./read-reports.ts";

export type ReportDeps = { readonly db: Database; readonly vault: Vault; readonly queues: Pick<Queues, "queue">; readonly log: Log };

export function recordDeliveriesOf(deps: ReportDeps): (job: { eventIds: readonly ProviderEventId[] }) => Promise<{ folded: number }> {
  return async ({ eventIds }) => {
    const { read, unread } = await readReports(deps, await loadUnfolded(deps.db, eventIds));
    if (unread.length > 0) deps.log.warn("report.unread", { count: unread.length });
    const { folded, ...result } = await transact(deps.db, (tx) => fold(tx, { read, unread }));
    for (const { deliveryId, report } of result.ours)
      deps.log.error("sender.refused", { deliveryId, kind: "report", code: report.code ?? report.state });
    if (result.replan.length > 0) await requestPlans(deps, result.replan);
    return { folded };
  };
}

type Read = { readonly read: readonly ReadReport[]; readonly unread: readonly ProviderEventId[] };

async function fold(tx: Parameters<typeof foldReports>[0], { read, unread }: Read): Promise<Folded & { folded: number }> {
  const mine = await takeUnfolded(tx, [...read.map(({ eventId }) => eventId), ...unread]);
  const reports = read.filter(({ eventId }) => mine.has(eventId));
  const result = await foldReports(
    tx,
    reports.map(({ report }) => report),
  );
  const rows = reports.map(({ eventId, report: { deliveryId } }) => ({ id: eventId, deliveryId }));
  const [waiting, done] = [true, false].map((waits) => rows.filter(({ deliveryId }) => result.waiting.has(deliveryId) === waits));
  await attribute(tx, waiting ?? []);
  await markFolded(tx, [...(done ?? []), ...unread.filter((id) => mine.has(id)).map((id) => ({ id, deliveryId: null }))]);
  return { ...result, folded: done?.length ?? 0 };
}

/** How long a hint has before its report is looked for. */
const LOST_AFTER_SECONDS = 5;
const REPAIRED_AT_ONCE = 20 * REPORTS_PER_JOB;

/** Folds what was stored and not folded for a few seconds, oldest first, and removes what is older than 30 days. Returns how many it folded and removed. */
export async function repairReports(deps: ReportDeps): Promise<{ folded: number; purged: number }> {
  const late = await findUnfolded(deps.db, { olderThanSeconds: LOST_AFTER_SECONDS, limit: REPAIRED_AT_ONCE });
  const record = recordDeliveriesOf(deps);
  let folded = 0;
  for (let at = 0; at < late.length; at += REPORTS_PER_JOB)
    folded += (await record({ eventIds: late.slice(at, at + REPORTS_PER_JOB) })).folded;
  return { folded, purged: await purgeProviderEvents(deps.db, machineNow()) };
}
