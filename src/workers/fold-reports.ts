/**
 * Folds reports of providers into deliveries, and writes down what follows: what was unknown is sent, an address that failed is counted, dead or opted out, and
 * the plan of whoever was not reached is stale, so that the rule's next channel speaks. Any order and any number of repeats end alike.
 */
import { failPages } from "../db/alert-pages.ts";
import { foldCrisisAnswers } from "../db/crisis-answers.ts";
import { type AddressFailure, clearFailures, failAddresses } from "../db/address-failures.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { findReported, lockReported, type ReportedDelivery, storeStandings } from "../db/reported-deliveries.ts";
import { endAsSent } from "../db/settlements.ts";
import { tellDeliveries, type ToldDelivery } from "../db/webhook-outbox.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import { type DeliveryFailure, foldProviderReport, type ProviderReport, type ProviderStanding } from "../domain/fold-provider-report.ts";
import type { DeliveryId, PatientId, TouchpointId } from "../domain/ids.ts";
import { isDelivered, isUndelivered, providerRank } from "../domain/provider-rank.ts";

/** What one report says of one delivery. */
export type DeliveryReport = {
  readonly deliveryId: DeliveryId;
  readonly report: ProviderReport;
  /** The provider's id of the message, where it names one. */
  readonly sid: string | null;
  /** Blind indexes of the addresses it names; none where it names none: then it is the one that was written to. */
  readonly addressIndexes: readonly Buffer[];
  /** What a failure says of the address. */
  readonly failure: DeliveryFailure;
};

export type Folded = {
  /** Deliveries that are still under way: their own record comes first. */
  readonly waiting: ReadonlySet<DeliveryId>;
  /** Patients whose plan is stale now. */
  readonly replan: readonly PatientId[];
  /** Failures that say something about our sender or our words. */
  readonly ours: readonly DeliveryReport[];
  /** Touchpoints of which it was not known that they were sent. */
  readonly settled: number;
};

/** In the transaction of the caller. Reports of deliveries that do not exist change nothing. */
export async function foldReports(tx: Tx, reports: readonly DeliveryReport[]): Promise<Folded> {
  await failPages(tx, [
    ...new Set(reports.filter(({ report }) => isUndelivered(providerRank(report.state))).map(({ deliveryId }) => deliveryId)),
  ]);
  await foldCrisisAnswers(tx, reports);
  const byDelivery = Map.groupBy(reports, ({ deliveryId }) => deliveryId);
  const locked = await lockConcerned(tx, byDelivery);
  const rows = await lockReported(tx, [...byDelivery.keys()]);
  const ready = rows.filter((row) => isReady(row, locked));
  const changes = ready.map((row) => toChange(row, byDelivery.get(row.id) ?? [])).filter(isNews);
  await storeStandings(
    tx,
    changes.map(({ row, after, sid }) => ({ id: row.id, sid, standing: after })),
  );
  const settled = await settleSent(
    tx,
    changes.filter(({ row }) => !isSettled(row)).map(({ row }) => row),
  );
  await tellDeliveries(tx, changes.flatMap(toTold));
  const replan = await followUp(tx, changes);
  return {
    waiting: new Set(rows.filter((row) => !isReady(row, locked)).map(({ id }) => id)),
    replan,
    ours: changes.flatMap(({ before, after, told }) => (told?.failure === "ours" && hasFailed(before, after) ? [told] : [])),
    settled,
  };
}

/** Patients before touchpoints before deliveries, as every plan locks them. Nearly every report is of a text that arrived and locks nobody. */
async function lockConcerned(tx: Tx, reports: ReadonlyMap<DeliveryId, readonly DeliveryReport[]>): Promise<ReadonlySet<PatientId>> {
  const rows = await findReported(tx, [...reports.keys()]);
  const hasBadNews = (id: DeliveryId) => reports.get(id)?.some(({ report }) => isUndelivered(providerRank(report.state))) ?? false;
  const ids = rows
    .filter((row) => !isSettled(row) || isUndelivered(row.standing.rank) || hasBadNews(row.id))
    .map(({ patientId }) => patientId);
  if (ids.length > 0) await lockPatients(tx, ids);
  return new Set(ids);
}

function isSettled({ deliveryState }: ReportedDelivery): boolean {
  return deliveryState === "sent" || deliveryState === "refused";
}

/** While a call is under way its own answer decides: a report that overtakes it would otherwise lead elsewhere than one that does not. */
function isReady(row: ReportedDelivery, locked: ReadonlySet<PatientId>): boolean {
  return row.deliveryState !== "sending" && (isSettled(row) || locked.has(row.patientId));
}

type Change = {
  readonly row: ReportedDelivery;
  readonly before: ProviderStanding;
  readonly after: ProviderStanding;
  /** The report that stands now, if one of these does. */
  readonly told: DeliveryReport | undefined;
  readonly sid: string | null;
};

function toChange(row: ReportedDelivery, reports: readonly DeliveryReport[]): Change {
  let after = row.standing;
  let told: DeliveryReport | undefined;
  for (const each of reports) {
    const next = foldProviderReport(after, each.report);
    if (next !== after) told = each;
    after = next;
  }
  return { row, before: row.standing, after, told, sid: reports.find(({ sid }) => sid !== null)?.sid ?? null };
}

function isNews({ row, before, after }: Change): boolean {
  return after !== before || !isSettled(row);
}

function hasFailed(before: ProviderStanding, after: ProviderStanding): boolean {
  return isUndelivered(after.rank) && !isUndelivered(before.rank);
}

/** What other systems hear: that a message arrived, or that it did not. */
function toTold({ row, before, after }: Change): ToldDelivery[] {
  if (hasFailed(before, after)) return [{ ...row, kind: "message.undelivered" }];
  return isDelivered(after.rank) && !isDelivered(before.rank) ? [{ ...row, kind: "message.delivered" }] : [];
}

/** What is proven to have been sent ends so, whatever was to become of it, and nobody has to look into it any more. */
export async function settleSent(
  tx: Tx,
  rows: readonly { readonly touchpointId: TouchpointId; readonly patientId: PatientId }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const ended = await endAsSent(
    tx,
    rows.map(({ touchpointId }) => touchpointId),
  );
  await appendEvents(
    tx,
    ended.map(({ id, clinicId, attempt }) => ({
      kind: "touchpoint.settled",
      clinicId,
      subjectId: id,
      actor: "afterglow",
      data: { attempt, state: "sent" },
    })),
  );
  await closeSettledTasks(
    tx,
    rows.map(({ patientId }) => patientId),
  );
  return ended.length;
}

async function followUp(tx: Tx, changes: readonly Change[]): Promise<PatientId[]> {
  // What was given up and arrived all the same takes its fallback back, if that has not gone out yet.
  const turned = changes.filter(({ before, after }) => isUndelivered(before.rank) !== isUndelivered(after.rank));
  const concerned = await failAddresses(tx, changes.flatMap(toFailures));
  await clearFailures(tx, changes.filter(isArrival).flatMap(toAddresses));
  const stale = [...new Set([...turned.map(({ row }) => row.patientId), ...concerned])];
  if (stale.length > 0) await raisePlanRevision(tx, stale);
  return stale;
}

/** That it did not work counts once a delivery; that an address is dead or opted out is learnt even if the code comes with a second report. */
function toFailures(change: Change): AddressFailure[] {
  const { before, after, told } = change;
  if (!told || told.failure === "ours" || !isUndelivered(after.rank)) return [];
  if (told.failure === "unreachable" && !hasFailed(before, after)) return [];
  const why = told.failure;
  return toAddresses(change).map((each) => ({ ...each, why }));
}

function isArrival({ row, before, after }: Change): boolean {
  return row.channel === "sms" && isDelivered(after.rank) && !isDelivered(before.rank);
}

function toAddresses({ row: { touchpointId }, told }: Change): { touchpointId: TouchpointId; addressIndex: Buffer | null }[] {
  const indexes = told?.addressIndexes ?? [];
  return indexes.length > 0 ? indexes.map((addressIndex) => ({ touchpointId, addressIndex })) : [{ touchpointId, addressIndex: null }];
}
