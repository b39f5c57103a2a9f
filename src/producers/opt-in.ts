/**
 * A number wants texts again.
 *
 * Trigger: START. Re-checks: that the opt-out is older; of two at the same moment the opt-out stands, so that a START that was said before a STOP and comes late
 * changes nothing. Effect: the opt-out is lifted for everybody who has the number, and their plans follow; what was held goes on where it is still of use. Consent
 * that was never given, or revoked with staff, is another fact and stays. A repeat changes nothing.
 */
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { type Address, deleteOptOut, listOwners } from "../db/opt-outs.ts";
import { lockPatients, raisePlanRevision, takeBackHints } from "../db/plans.ts";
import type { Instant } from "../domain/calendar.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";
import { planPatients } from "./plan-patient.ts";

/** What became due by it, to be hinted after the commit. */
export async function optIn(
  tx: Tx,
  { at, ...address }: Address & { readonly at: Instant },
  { tokens, actor }: { readonly tokens: LinkTokens; readonly actor: string },
): Promise<readonly DueTouchpoint[]> {
  const owners = await listOwners(tx, address);
  const patientIds = [...new Set(owners.map(({ patientId }) => patientId))];
  await lockPatients(tx, patientIds);
  await takeBackHints(tx, patientIds);
  if (!(await deleteOptOut(tx, address, at))) return [];
  await appendEvents(
    tx,
    owners.map(({ patientId, clinicId, person }) => ({
      kind: "address.opted-in",
      clinicId,
      subjectId: patientId,
      actor,
      data: { channel: address.channel, person },
    })),
  );
  await raisePlanRevision(tx, patientIds);
  return (await planPatients(tx, patientIds, tokens)).due;
}
