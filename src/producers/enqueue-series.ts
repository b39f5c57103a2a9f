/**
 * Enqueues treatment series.
 *
 * Trigger: staff, with parsed requests of one clinic. Re-checks: the approval in force, what is stored for the same chart number, external ids, other active
 * series. Effect: patient, consents, series and sessions in one transaction; the series counts as active at once, a worker plans it. A repeat with the same
 * external id and content gives the same series back. One refused request never touches the others.
 */
import { newId } from "../clock.ts";
import { type Approval, findApprovalInForce } from "../db/approvals.ts";
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { insertConsents } from "../db/consents.ts";
import { insertEscorts, insertPatients, lockPatientsByRef, type NewPatient, type SealedPatient } from "../db/people.ts";
import { findSeriesByExternalId, insertSeries, type NewSeries, type StoredSeries } from "../db/series.ts";
import { appendEvents } from "../db/events.ts";
import { raisePlanRevision } from "../db/plans.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { formatDay, type Instant } from "../domain/calendar.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import { protocolName } from "../domain/protocol.ts";
import { quietUntil } from "../domain/quiet-until.ts";
import { type ResolvedSessions, resolveSessions } from "../domain/resolve-sessions.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { compareContact } from "./compare-contact.ts";
import { requestPlans } from "./request-plans.ts";

export type EnqueueDeps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly vault: Vault; readonly log: Log };

export type EnqueueOptions = {
  readonly clinic: string;
  /** Who asks: `staff:<name>` or the program's own name. */
  readonly actor: string;
  /** What to do when the patient has an active series already. */
  readonly second: "refuse" | "also";
};

export type EnqueueResult =
  | {
      readonly kind: "enqueued" | "same";
      readonly seriesId: SeriesId;
      readonly patientId?: PatientId;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

/** One result a request, in their order. */
export async function enqueueSeries(
  deps: EnqueueDeps,
  requests: readonly EnqueueRequest[],
  options: EnqueueOptions,
): Promise<EnqueueResult[]> {
  const clinic = await findClinic(deps.db, options.clinic);
  if (!clinic) return requests.map(() => refusal("clinic", options.clinic, "a clinic that was added (afterglow clinic add FILE)"));
  const results = new Map<number, EnqueueResult>();
  for (const round of splitByPerson(requests)) {
    const outcome = await transact(deps.db, (tx) => enqueueRound(tx, round, { deps, clinic, options }));
    for (const [index, result] of outcome) results.set(index, result);
    const planned = outcome.flatMap(([, result]) => (result.kind === "enqueued" && result.patientId ? [result.patientId] : []));
    await requestPlans(deps, planned);
  }
  return requests.map((_, index) => results.get(index) ?? refusal("", "", "a request"));
}

type Indexed = { readonly index: number; readonly request: EnqueueRequest };

/** Requests for the same person or under the same external id go one after the other; all others share a round. */
function splitByPerson(requests: readonly EnqueueRequest[]): Indexed[][] {
  const rounds: { members: Indexed[]; taken: Set<string> }[] = [];
  for (const [index, request] of requests.entries()) {
    const marks = [`ref ${request.patient.ref}`, ...(request.externalId ? [`id ${request.externalId}`] : [])];
    let round = rounds.find(({ taken, members }) => members.length < REQUESTS_PER_ROUND && marks.every((mark) => !taken.has(mark)));
    // Never overtakes an earlier round that holds the same person.
    const last = rounds.findLastIndex(({ taken }) => marks.some((mark) => taken.has(mark)));
    if (round && rounds.indexOf(round) < last) round = undefined;
    if (!round) rounds.push((round = { members: [], taken: new Set() }));
    round.members.push({ index, request });
    for (const mark of marks) round.taken.add(mark);
  }
  return rounds.map(({ members }) => members);
}

const REQUESTS_PER_ROUND = 50;

type Context = { readonly deps: EnqueueDeps; readonly clinic: StoredClinic; readonly options: EnqueueOptions };
type Accepted = Indexed & { readonly approval: Approval; readonly resolved: ResolvedSessions };

async function enqueueRound(tx: Tx, round: readonly Indexed[], context: Context): Promise<[number, EnqueueResult][]> {
  const { vault } = context.deps;
  const { now } = await readClinicTime(tx);
  const stored = await loadStored(tx, round, context);
  const results: [number, EnqueueResult][] = [];
  const accepted: Accepted[] = [];
  for (const each of round) {
    const verdict = await judge(tx, each, { context, stored, now });
    if ("kind" in verdict) results.push([each.index, verdict]);
    else accepted.push({ ...each, ...verdict });
  }
  const patients = accepted.map(({ request }) =>
    toPatient(request, { clinic: context.clinic, known: stored.patients.get(request.patient.ref) }),
  );
  const known = new Set([...stored.patients.values()].map(({ id }) => id));
  await insertPatients(
    tx,
    patients.filter(({ id }) => !known.has(id)),
    { groupId: context.clinic.groupId, vault },
  );
  await insertEscorts(
    tx,
    patients.filter(({ id }) => known.has(id)),
    vault,
  );
  await insertConsents(tx, patients, { groupId: context.clinic.groupId, actor: context.options.actor, vault });
  const series = accepted.map((each, position) => toSeries(each, { patientId: patients[position]?.id ?? newId(), context, now }));
  await insertSeries(tx, series, vault);
  await raisePlanRevision(
    tx,
    patients.map(({ id }) => id),
  );
  await appendEvents(
    tx,
    series.map(({ id, clinicId, sessions }) => ({
      kind: "series.enqueued",
      clinicId,
      subjectId: id,
      actor: context.options.actor,
      data: { sessions: sessions.length },
    })),
  );
  for (const [position, { index, resolved }] of accepted.entries()) {
    const made = series[position];
    if (made) results.push([index, { kind: "enqueued", seriesId: made.id, patientId: made.patientId, warnings: resolved.warnings }]);
  }
  return results;
}

type Stored = { readonly patients: ReadonlyMap<string, SealedPatient>; readonly series: ReadonlyMap<string, StoredSeries> };

async function loadStored(tx: Tx, round: readonly Indexed[], { deps: { vault }, clinic }: Context): Promise<Stored> {
  const refs = new Map(round.map(({ request }) => [vault.blindIndex("ref", request.patient.ref).toString("hex"), request.patient.ref]));
  const patients = await lockPatientsByRef(
    tx,
    clinic.groupId,
    [...refs.keys()].map((hex) => Buffer.from(hex, "hex")),
  );
  const ids = new Map(
    round.flatMap(({ request }) =>
      request.externalId ? [[vault.blindIndex("external-id", request.externalId).toString("hex"), request.externalId]] : [],
    ),
  );
  const series =
    ids.size === 0
      ? []
      : await findSeriesByExternalId(
          tx,
          clinic.id,
          [...ids.keys()].map((hex) => Buffer.from(hex, "hex")),
        );
  return {
    patients: new Map(patients.map((row) => [refs.get(row.refIndex.toString("hex")) ?? "", row])),
    series: new Map(series.map((row) => [ids.get(row.externalIdIndex.toString("hex")) ?? "", row])),
  };
}

type Judging = { readonly context: Context; readonly stored: Stored; readonly now: Instant };

async function judge(
  tx: Tx,
  { request }: Indexed,
  { context, stored, now }: Judging,
): Promise<EnqueueResult | Pick<Accepted, "approval" | "resolved">> {
  const { deps, clinic, options } = context;
  const same = request.externalId ? stored.series.get(request.externalId) : undefined;
  if (same) {
    if (same.contentHash.equals(hashContent(request, deps.vault))) return { kind: "same", seriesId: same.id, warnings: [] };
    return refusal(
      "externalId",
      request.externalId ?? "",
      "an id that is new, or the same content as before: this id stands for another series",
    );
  }
  const approval = await findApprovalInForce(tx, clinic.id, request.protocol);
  if (!approval)
    return refusal(
      "protocol",
      protocolName(request.protocol),
      `a protocol version that is approved for ${clinic.slug} (afterglow protocol approve)`,
    );
  const patient = stored.patients.get(request.patient.ref);
  const faults = patient ? compareContact(request.patient, patient, deps.vault) : [];
  const patientZone = request.patient.zone ?? clinic.zone;
  const resolved = resolveSessions(request, { protocol: approval.protocol, clinic, patientZone, now });
  if (patient && patient.activeSeries > 0 && options.second === "refuse")
    faults.push({
      path: "patient.ref",
      value: request.patient.ref,
      expected: "a patient without an active series, or --also for a second one",
    });
  return faults.length + resolved.faults.length > 0 ? { kind: "refused", faults: [...faults, ...resolved.faults] } : { approval, resolved };
}

function toPatient(request: EnqueueRequest, { clinic, known }: { clinic: StoredClinic; known: SealedPatient | undefined }): NewPatient {
  const { patient } = request;
  const { from, to } = patient.quietHours ?? clinic.quietHours;
  return {
    id: known?.id ?? newId(),
    request: patient,
    zone: patient.zone ?? clinic.zone,
    locale: patient.locale ?? clinic.locale,
    quietFrom: from,
    quietTo: to,
  };
}

function toSeries(
  { request, approval, resolved }: Accepted,
  { patientId, context, now }: { patientId: PatientId; context: Context; now: Instant },
): NewSeries {
  const { clinic, deps } = context;
  return {
    id: newId(),
    clinicId: clinic.id,
    patientId,
    approvalId: approval.id,
    condition: request.condition,
    enqueuedAt: now,
    quietUntil: quietUntil(resolved, { now, undoMinutes: clinic.undoMinutes }),
    externalId: request.externalId,
    contentHash: hashContent(request, deps.vault),
    cadence: request.cadence,
    horizonUntil: resolved.horizonUntil === null || !request.cadence ? null : formatDay(resolved.horizonUntil),
    sessions: resolved.sessions,
  };
}

/** Canonical: the parsed request has a fixed order of fields, whatever order the file had. */
function hashContent(request: EnqueueRequest, vault: Vault): Buffer {
  return vault.keyedHash("series", JSON.stringify(request));
}

function refusal(path: string, value: string, expected: string): EnqueueResult {
  return { kind: "refused", faults: [{ path, value, expected }] };
}
