/**
 * Whether a request may become a series: against the approval in force, what is stored for the same chart number, external ids, other active series and their
 * sessions. Reads under the patients' locks, writes nothing.
 */
import { type Approval, findApprovalInForce } from "../db/approvals.ts";
import { readZone, type StoredClinic } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import { lockPatientsByRef, type SealedPatient } from "../db/people.ts";
import { findSessionsByExternalId } from "../db/session-places.ts";
import { findSeriesByExternalId, loadTakenTimes, type StoredSeries } from "../db/series.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import { checkCondition } from "../domain/check-condition.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import { type SeriesId, type SessionId, toPublicId } from "../domain/ids.ts";
import { protocolName } from "../domain/protocol.ts";
import { type ResolvedSessions, resolveSessions, type TakenTime } from "../domain/resolve-sessions.ts";
import { compareContact } from "./compare-contact.ts";
import { sayApproved } from "./series-context.ts";

export type Judging = { readonly clinic: StoredClinic; readonly vault: Vault; readonly second: "refuse" | "also"; readonly now: Instant };

/** What the requests of one round meet, read once for all of them. */
export type Met = {
  readonly patients: ReadonlyMap<string, SealedPatient>;
  readonly series: ReadonlyMap<string, StoredSeries>;
  /** Ids of sessions that the clinic has, by their external id. */
  readonly sessions: ReadonlyMap<string, SessionId>;
  readonly approvals: ReadonlyMap<string, Approval>;
  /** By patient id. */
  readonly taken: ReadonlyMap<string, readonly TakenTime[]>;
};

export type Verdict =
  | { readonly kind: "accepted"; readonly approval: Approval; readonly resolved: ResolvedSessions }
  | { readonly kind: "same"; readonly seriesId: SeriesId }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

/** Locks the patients that exist, and reads what the requests will be held against. */
export async function meetRequests(
  tx: Tx,
  requests: readonly EnqueueRequest[],
  { clinic, vault }: Pick<Judging, "clinic" | "vault">,
): Promise<Met> {
  const refs = indexBy(
    requests.map(({ patient }) => patient.ref),
    (ref) => vault.blindIndex("ref", ref),
  );
  const ids = indexBy(
    requests.flatMap(({ externalId }) => externalId ?? []),
    (id) => vault.blindIndex("external-id", id),
  );
  const patients = await lockPatientsByRef(
    tx,
    clinic.groupId,
    [...refs.values()].map(({ index }) => index),
  );
  const series =
    ids.size === 0
      ? []
      : await findSeriesByExternalId(
          tx,
          clinic.id,
          [...ids.values()].map(({ index }) => index),
        );
  const taken =
    patients.length === 0
      ? []
      : await loadTakenTimes(
          tx,
          patients.map(({ id }) => id),
        );
  return {
    patients: new Map(patients.map((row) => [refs.get(row.refIndex.toString("hex"))?.text ?? "", row])),
    series: new Map(series.map((row) => [ids.get(row.externalIdIndex.toString("hex"))?.text ?? "", row])),
    sessions: await meetSessions(tx, requests, { clinic, vault }),
    approvals: await findApprovals(tx, requests, clinic),
    taken: Map.groupBy(taken, ({ patientId }) => patientId),
  };
}

function indexBy(texts: readonly string[], toIndex: (text: string) => Buffer): Map<string, { text: string; index: Buffer }> {
  return new Map(
    texts.map((text) => {
      const index = toIndex(text);
      return [index.toString("hex"), { text, index }];
    }),
  );
}

async function meetSessions(
  tx: Tx,
  requests: readonly EnqueueRequest[],
  { clinic, vault }: Pick<Judging, "clinic" | "vault">,
): Promise<Map<string, SessionId>> {
  const ids = indexBy(
    requests.flatMap(({ sessions }) => sessions?.flatMap(({ externalId }) => externalId ?? []) ?? []),
    (id) => vault.blindIndex("external-id", id),
  );
  if (ids.size === 0) return new Map();
  const known = await findSessionsByExternalId(
    tx,
    clinic.id,
    [...ids.values()].map(({ index }) => index),
  );
  return new Map(known.map(({ id, externalIdIndex }) => [ids.get(externalIdIndex.toString("hex"))?.text ?? "", id]));
}

async function findApprovals(tx: Tx, requests: readonly EnqueueRequest[], { id }: StoredClinic): Promise<Map<string, Approval>> {
  const approvals = new Map<string, Approval>();
  for (const [name, protocol] of new Map(requests.map(({ protocol }) => [protocolName(protocol), protocol]))) {
    const approval = await findApprovalInForce(tx, id, protocol);
    if (approval) approvals.set(name, approval);
  }
  return approvals;
}

export function judgeRequest(request: EnqueueRequest, met: Met, { clinic, vault, second, now }: Judging): Verdict {
  const same = request.externalId ? met.series.get(request.externalId) : undefined;
  if (same) return judgeRepeat(request, same, vault);
  const name = protocolName(request.protocol);
  const approval = met.approvals.get(name);
  if (!approval) return refuse("protocol", name, sayApproved(clinic.slug));
  const patient = met.patients.get(request.patient.ref);
  const faults = patient ? compareContact(request.patient, patient, vault) : [];
  if (patient && patient.activeSeries > 0 && second === "refuse")
    faults.push({
      path: "patient.ref",
      value: request.patient.ref,
      expected: "a patient without an active series, or --also for a second one",
    });
  const patientZone = request.patient.zone ?? (patient ? readZone(patient.zone) : clinic.zone);
  // While it is in doubt whose series this is, and whether it is meant, clashes with what is stored would only bury that.
  const taken = faults.length === 0 ? (met.taken.get(patient?.id ?? "") ?? []) : [];
  const resolved = resolveSessions(request, { protocol: approval.protocol, clinic, patientZone, now, taken });
  const condition = checkCondition(request.condition, approval.protocol);
  const all = [...faults, ...condition.faults, ...resolved.faults, ...findTakenIds(request, met)];
  if (all.length > 0) return { kind: "refused", faults: all };
  const warnings = [...resolved.warnings, ...condition.warnings, ...(patient?.holdCode ? [ON_HOLD] : [])];
  return { kind: "accepted", approval, resolved: { ...resolved, warnings } };
}

const ON_HOLD = "the patient is on hold: nothing of it is sent until that is lifted (afterglow patient release)";

/** An external id stands for one session of the clinic: by it the clinic's own calendar moves and cancels. */
function findTakenIds({ sessions }: EnqueueRequest, met: Met): Fault[] {
  const first = new Map<string, number>();
  return (sessions ?? []).flatMap(({ externalId }, index) => {
    if (externalId === null) return [];
    const known = met.sessions.get(externalId);
    const twin = first.get(externalId);
    first.set(externalId, twin ?? index);
    const path = `sessions[${index}].externalId`;
    if (known)
      return [
        { path, value: externalId, expected: `an id that no other session of the clinic has; ${toPublicId("session", known)} has it` },
      ];
    return twin === undefined ? [] : [{ path, value: externalId, expected: `each id once; sessions[${twin}] has it too` }];
  });
}

function judgeRepeat(request: EnqueueRequest, same: StoredSeries, vault: Vault): Verdict {
  if (same.contentHash.equals(hashRequest(request, vault))) return { kind: "same", seriesId: same.id };
  return refuse(
    "externalId",
    request.externalId ?? "",
    "an id that is new, or the same content as before: this id stands for another series",
  );
}

/** Canonical: the parsed request has a fixed order of fields, whatever order the file had, and its sessions stand in order of time. */
export function hashRequest(request: EnqueueRequest, vault: Vault): Buffer {
  const sessions = request.sessions?.toSorted((a, b) => a.startsAt - b.startsAt) ?? null;
  return vault.keyedHash("series", JSON.stringify({ ...request, sessions }));
}

function refuse(path: string, value: string, expected: string): Verdict {
  return { kind: "refused", faults: [{ path, value, expected }] };
}
