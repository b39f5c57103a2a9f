/**
 * Changes a fact about a whole clinic, in one transaction; the plans that follow from it are made afterwards, by the workers.
 *
 * Trigger: staff, through a producer of their own verb. Re-checks: the clinic's revision, and whatever the producer asks, under the locks of the clinic and of
 * the patients. Effect: the fact, its events, and silence: the producer ends every row that the fact forbids, so that nothing of it waits for the planning.
 * With `dryRun` everything happens and is taken back. A repeat that finds nothing to change stores nothing.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import { lockClinic, raiseClinicRevision } from "../db/closures.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents, type AuditEvent } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import type { ClinicId, PatientId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import type { ChangeOptions, Moment, Refused } from "./change-facts.ts";
import { requestPlans } from "./request-plans.ts";

export type ClinicDeps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly log: Log };

/** `replan`: whose plan is stale now, most urgent first. */
export type ClinicWritten<Value> =
  | { readonly kind: "written"; readonly value: Value; readonly events: readonly AuditEvent[]; readonly replan: readonly PatientId[] }
  | { readonly kind: "same" }
  | Refused;

export type ClinicChanged<Value> =
  | {
      readonly kind: "changed";
      readonly value: Value;
      /** Of the clinic, after the change. */
      readonly revision: number;
      /** Patients who are planned again. */
      readonly replanned: number;
      /** True when nothing was stored. */
      readonly dryRun: boolean;
    }
  | { readonly kind: "same" }
  | Refused;

/** Milliseconds between two jobs of one fan-out: ten times 25 patients a second, which leaves most of the planning to everybody else. */
const FAN_OUT_EVERY_MS = 100;

/** `write` locks the patients itself, with {@link lockWhile} where it must find them first. */
export async function changeClinic<Value>(
  deps: ClinicDeps,
  { clinicId, write }: { clinicId: ClinicId; write: (tx: Tx, moment: Moment) => Promise<ClinicWritten<Value>> },
  options: ChangeOptions,
): Promise<ClinicChanged<Value>> {
  const { changed, replan } = await transactOrRehearse(deps.db, options, (tx) => change(tx, { clinicId, write }, options));
  if (!options.dryRun) await requestPlans(deps, replan, { everyMs: FAN_OUT_EVERY_MS });
  return changed;
}

type Work<Value> = { clinicId: ClinicId; write: (tx: Tx, moment: Moment) => Promise<ClinicWritten<Value>> };

async function change<Value>(
  tx: Tx,
  { clinicId, write }: Work<Value>,
  { dryRun, ifRevision }: ChangeOptions,
): Promise<{ changed: ClinicChanged<Value>; replan: readonly PatientId[] }> {
  const stored = await lockClinic(tx, clinicId);
  if (ifRevision !== null && stored !== ifRevision) return { changed: stale(ifRevision, stored), replan: [] };
  const written = await write(tx, { now: (await readClinicTime(tx)).now });
  if (written.kind !== "written") return { changed: written, replan: [] };
  const { value, events, replan } = written;
  await raisePlanRevision(tx, replan);
  const revision = await raiseClinicRevision(tx, clinicId);
  await appendEvents(tx, events);
  return { changed: { kind: "changed", value, revision, replanned: replan.length, dryRun }, replan };
}

function stale(seen: number, stored: number): Refused {
  const expected = `${stored}: the clinic has changed since it was looked at; look again with --dry-run`;
  return { kind: "refused", faults: [{ path: "revision", value: String(seen), expected }] };
}

/**
 * Locks the patients of what `find` finds, in id order, until a look under the locks finds nobody else: somebody may have been booked while it waited.
 * Returns what was found in the end.
 */
export async function lockWhile<Found extends { readonly patientId: PatientId }>(
  tx: Tx,
  find: () => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const locked = new Set<PatientId>();
  for (;;) {
    const found = await find();
    const missing = [...new Set(found.map(({ patientId }) => patientId))].filter((id) => !locked.has(id));
    if (missing.length === 0) return found;
    await lockPatients(tx, missing);
    for (const id of missing) locked.add(id);
  }
}
