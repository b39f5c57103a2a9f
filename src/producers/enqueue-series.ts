/**
 * Enqueues treatment series.
 *
 * Trigger: staff, with parsed requests of one clinic. Re-checks: the approval in force, what is stored for the same chart number, external ids, other active
 * series. Effect: patient, consents, series and sessions in one transaction; the series counts as active at once, a worker plans it. A repeat with the same
 * external id and content gives the same series back. One refused request never touches the others.
 */
import { newId } from "../clock.ts";
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import { addConsents, insertConsents } from "../db/consents.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { insertEscorts, insertPatients, type NewPatient } from "../db/people.ts";
import { raisePlanRevision } from "../db/plans.ts";
import { insertSeries, type NewSeries } from "../db/series.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { formatDay, type Instant } from "../domain/calendar.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import { quietUntil } from "../domain/quiet-until.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { hashRequest, judgeRequest, meetRequests, type Verdict } from "./judge-request.ts";
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
  if (!clinic) return requests.map(() => refuseClinic(options.clinic));
  const results: EnqueueResult[] = [];
  for (const round of splitIntoRounds(requests)) {
    const ended = await transact(deps.db, (tx) =>
      enqueueRound(
        tx,
        round.map(({ request }) => request),
        { ...deps, ...options, clinic },
      ),
    );
    for (const [position, { index }] of round.entries()) results[index] = ended[position] ?? refuseClinic(options.clinic);
    await requestPlans(
      deps,
      ended.flatMap((result) => (result.kind === "enqueued" && result.patientId ? [result.patientId] : [])),
    );
  }
  return results;
}

function refuseClinic(slug: string): EnqueueResult {
  return { kind: "refused", faults: [{ path: "clinic", value: slug, expected: "a clinic that was added (afterglow clinic add FILE)" }] };
}

type Indexed = { readonly index: number; readonly request: EnqueueRequest };

/** Enough to share the statements of a transaction, few enough to hold its locks only briefly. */
const REQUESTS_PER_ROUND = 50;

/** Rounds in the order of the requests; one for a person or external id (its own, or of a session) that the present round holds already begins the next. */
function splitIntoRounds(requests: readonly EnqueueRequest[]): Indexed[][] {
  const rounds: Indexed[][] = [];
  let marks = new Set<string>();
  for (const [index, request] of requests.entries()) {
    const visits = request.sessions?.flatMap(({ externalId }) => externalId ?? []) ?? [];
    const own = [
      `ref ${request.patient.ref}`,
      ...(request.externalId ? [`id ${request.externalId}`] : []),
      ...visits.map((id) => `visit ${id}`),
    ];
    const round = rounds.at(-1);
    if (round && round.length < REQUESTS_PER_ROUND && own.every((mark) => !marks.has(mark))) round.push({ index, request });
    else {
      rounds.push([{ index, request }]);
      marks = new Set();
    }
    for (const mark of own) marks.add(mark);
  }
  return rounds;
}

type Round = { readonly clinic: StoredClinic; readonly vault: Vault; readonly actor: string; readonly second: EnqueueOptions["second"] };
type Accepted = { readonly request: EnqueueRequest; readonly patient: NewPatient; readonly series: NewSeries; readonly isKnown: boolean };

/** Enqueues requests of different persons and external ids in a transaction that goes on; one result each, in their order. What it refused it has not touched. */
export async function enqueueRound(tx: Tx, requests: readonly EnqueueRequest[], round: Round): Promise<EnqueueResult[]> {
  const { now } = await readClinicTime(tx);
  const met = await meetRequests(tx, requests, round);
  const accepted: Accepted[] = [];
  const results = requests.map((request): EnqueueResult => {
    const verdict = judgeRequest(request, met, { ...round, now });
    if (verdict.kind === "refused") return verdict;
    if (verdict.kind === "same") return { ...verdict, warnings: [] };
    const known = met.patients.get(request.patient.ref)?.id;
    const patient = toPatient(request, { clinic: round.clinic, id: known ?? newId() });
    const series = toSeries(request, verdict, { patientId: patient.id, round, now });
    accepted.push({ request, patient, series, isKnown: known !== undefined });
    return { kind: "enqueued", seriesId: series.id, patientId: patient.id, warnings: verdict.resolved.warnings };
  });
  await storeAccepted(tx, accepted, round);
  return results;
}

async function storeAccepted(tx: Tx, accepted: readonly Accepted[], { clinic: { groupId }, vault, actor }: Round): Promise<void> {
  const series = accepted.map((each) => each.series);
  const ofKnown = (wanted: boolean) => accepted.filter(({ isKnown }) => isKnown === wanted).map(({ patient }) => patient);
  const [fresh, known] = [ofKnown(false), ofKnown(true)];
  await insertPatients(tx, fresh, { groupId, vault });
  await insertConsents(tx, fresh, { groupId, actor, vault });
  await insertEscorts(tx, known, vault);
  await addConsents(tx, known, { groupId, actor, vault });
  await insertSeries(tx, series, vault);
  await raisePlanRevision(
    tx,
    known.map(({ id }) => id),
  );
  const told = series.map(({ id, clinicId, sessions }) => ({
    kind: "series.enqueued",
    clinicId,
    subjectId: id,
    actor,
    data: { sessions: sessions.length },
  }));
  await appendEvents(tx, told);
}

function toPatient({ patient }: EnqueueRequest, { clinic, id }: { clinic: StoredClinic; id: PatientId }): NewPatient {
  const { from, to } = patient.quietHours ?? clinic.quietHours;
  return { id, request: patient, zone: patient.zone ?? clinic.zone, locale: patient.locale ?? clinic.locale, quietFrom: from, quietTo: to };
}

type Making = { readonly patientId: PatientId; readonly round: Round; readonly now: Instant };

function toSeries(
  request: EnqueueRequest,
  { approval, resolved }: Extract<Verdict, { kind: "accepted" }>,
  { patientId, round, now }: Making,
): NewSeries {
  const { clinic, vault } = round;
  return {
    id: newId(),
    clinicId: clinic.id,
    patientId,
    approvalId: approval.id,
    condition: request.condition,
    enqueuedAt: now,
    quietUntil: quietUntil(resolved, { now, undoMinutes: clinic.undoMinutes }),
    externalId: request.externalId,
    contentHash: hashRequest(request, vault),
    cadence: request.cadence,
    horizonUntil: resolved.horizonUntil === null || !request.cadence ? null : formatDay(resolved.horizonUntil),
    sessions: resolved.sessions,
  };
}
