/**
 * Puts a series right that was enqueued with the wrong protocol or for the wrong patient.
 *
 * Trigger: staff (`series replace`), with the parsed request that should have been enqueued. Re-checks: what voiding and enqueueing re-check. Effect: the old series
 * void and the new one enqueued and planned, both or neither. A repeat is refused: the old one is void already.
 */
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import type { Tx } from "../db/database.ts";
import { findPatientsByRef } from "../db/people.ts";
import { findSeriesPatient, loadSeriesToChange, type SeriesToChange, setReplacedBy } from "../db/series-changes.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import {
  type Changed,
  type ChangeDeps,
  changeFacts,
  type ChangeOptions,
  type Moment,
  refuse,
  type Refused,
  type Written,
} from "./change-facts.ts";
import { enqueueRound } from "./enqueue-series.ts";
import { hintAfterCommit } from "./hint-touchpoints.ts";
import { planPatients, type PlanResult } from "./plan-patient.ts";
import { type VoidedSeries, type VoidReach, writeVoid } from "./void-series.ts";

export type ReplacedSeries = Omit<VoidedSeries, "status"> & { readonly replacedBy: SeriesId };

export type Replacing = ChangeOptions & {
  readonly request: EnqueueRequest;
  readonly reach: VoidReach;
  /** What to do when the patient has an active series besides the one that is replaced. */
  readonly second: "refuse" | "also";
};

export async function replaceSeries(
  deps: ChangeDeps,
  id: SeriesId,
  { request, reach, second, ...options }: Replacing,
): Promise<Changed<ReplacedSeries>> {
  const owner = await findSeriesPatient(deps.db, id);
  if (!owner) return refuse("series", id, "the id of a series that is stored");
  const clinic = await findClinic(deps.db, request.clinic);
  if (!clinic) return refuse("clinic", request.clinic, "a clinic that was added (afterglow clinic add FILE)");
  const patientIds = await findAffected(deps, owner, { clinic, request });
  let another: PlanResult | undefined;
  const write = async (tx: Tx, moment: Moment): Promise<Written<ReplacedSeries>> => {
    const series = await loadSeriesToChange(tx, id, moment.now);
    const gone = await writeVoid(tx, series, { ...moment, reach, actor: options.actor });
    if (gone.kind !== "written") return gone.kind === "same" ? refuse("series.status", "void", "a series that is not void yet") : gone;
    const made = await enqueueInstead(tx, series, { request, round: { ...deps, clinic, second, actor: options.actor } });
    if (made.kind === "refused") return made;
    await closeSettledTasks(tx, [owner]);
    another = patientIds.includes(made.patientId) ? undefined : await planPatients(tx, [made.patientId], deps.tokens);
    const { status: _, ...value } = gone.value;
    return { ...gone, value: { ...value, replacedBy: made.seriesId }, warnings: [...gone.warnings, ...made.warnings] };
  };
  const result = await changeFacts(deps, { patientIds, write }, options);
  if (result.kind !== "changed" || !another) return result;
  if (!options.dryRun) await hintAfterCommit(deps, another.due);
  return { ...result, touchpoints: [...result.touchpoints, ...another.changes()] };
}

/** Whose plans it changes: the patient of the series first, then the one it was meant for, when that is another who is stored. */
async function findAffected(
  { db, vault }: Pick<ChangeDeps, "db" | "vault">,
  owner: PatientId,
  { clinic, request }: { clinic: StoredClinic; request: EnqueueRequest },
): Promise<PatientId[]> {
  const [meant] = await findPatientsByRef(db, clinic.groupId, [vault.blindIndex("ref", request.patient.ref)]);
  return meant && meant.id !== owner ? [owner, meant.id] : [owner];
}

type Round = Parameters<typeof enqueueRound>[2];
type Made = { readonly kind: "made"; readonly seriesId: SeriesId; readonly patientId: PatientId; readonly warnings: readonly string[] };

async function enqueueInstead(
  tx: Tx,
  { id, clinicId }: SeriesToChange,
  { request, round }: { request: EnqueueRequest; round: Round },
): Promise<Made | Refused> {
  if (round.clinic.id !== clinicId) return refuse("clinic", request.clinic, "the clinic of the series that it replaces");
  const [made] = await enqueueRound(tx, [request], round);
  if (made?.kind === "refused") return made;
  if (made?.kind !== "enqueued" || !made.patientId)
    return refuse("externalId", request.externalId ?? undefined, "an id under which no other series stands");
  await setReplacedBy(tx, id, made.seriesId);
  return { kind: "made", seriesId: made.seriesId, patientId: made.patientId, warnings: made.warnings };
}
