/**
 * Works on `plan-series`.
 *
 * Trigger: a producer, the sweep's repair, a fan-out. Re-checks: everything, under the patients' locks. Effect: their stored plan follows from the facts, and
 * what is due is hinted. A repeat changes nothing.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { transact } from "../db/transact.ts";
import type { PatientId } from "../domain/ids.ts";
import { hintTouchpoints } from "../producers/hint-touchpoints.ts";
import { planPatients } from "../producers/plan-patient.ts";
import type { Queues } from "../queues/backend.ts";

type Deps = { readonly db: Database; readonly tokens: LinkTokens; readonly queues: Pick<Queues, "queue"> };

export function planPatientsOf({ db, tokens, queues }: Deps): (job: { patientIds: readonly PatientId[] }) => Promise<{ planned: number }> {
  return async ({ patientIds }) => {
    const { planned, due } = await transact(db, (tx) => planPatients(tx, patientIds, tokens));
    if (due.length > 0) await hintTouchpoints(queues, due, await readClinicTime(db));
    return { planned };
  };
}
