/**
 * Works on `plan-series`.
 *
 * Trigger: a producer, the sweep's repair, a fan-out. Re-checks: whose plan is stale, and everything, under the patients' locks. Effect: their stored plan
 * follows from the facts, and what is due is hinted. A repeat changes nothing. A patient that cannot be planned never keeps the neighbours from it.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { transact } from "../db/transact.ts";
import type { PatientId } from "../domain/ids.ts";
import { faultPoint } from "../fault-point.ts";
import type { Log } from "../log.ts";
import { hintTouchpoints } from "../producers/hint-touchpoints.ts";
import { type PlanResult, planPatients } from "../producers/plan-patient.ts";
import type { Queues } from "../queues/backend.ts";

type Deps = { readonly db: Database; readonly tokens: LinkTokens; readonly queues: Pick<Queues, "queue">; readonly log: Log };

export function planPatientsOf(deps: Deps): (job: { patientIds: readonly PatientId[] }) => Promise<{ planned: number }> {
  return async ({ patientIds }) => {
    const { planned, due } = await planTogether(deps, patientIds);
    faultPoint("after-commit-of-plan");
    if (due.length > 0) await hintTouchpoints(deps.queues, due, await readClinicTime(deps.db));
    return { planned };
  };
}

async function planTogether(deps: Deps, ids: readonly PatientId[]): Promise<Pick<PlanResult, "planned" | "due">> {
  const plan = (some: readonly PatientId[]) => transact(deps.db, (tx) => planPatients(tx, some, deps.tokens));
  try {
    return await plan(ids);
  } catch (error) {
    if (ids.length <= 1) throw error;
  }
  const results: PlanResult[] = [];
  for (const id of ids)
    try {
      results.push(await plan([id]));
    } catch (error) {
      deps.log.error("plan.failed", { patientId: id, error });
    }
  return { planned: results.reduce((sum, { planned }) => sum + planned, 0), due: results.flatMap(({ due }) => due) };
}
