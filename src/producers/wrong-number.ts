/**
 * Somebody else has the number.
 *
 * Trigger: a text that says so. Re-checks: whose number it is, under their locks. Effect: nothing is sent to it any more for anybody, texts that waited are held,
 * personal links that went there open nothing, it is kept as a privacy incident a patient, and staff find out the right number. A repeat adds nothing.
 */
import { revokeLinks } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import { type Address, insertIncidents, listOwners, markDead } from "../db/opt-outs.ts";
import { lockPatients } from "../db/plans.ts";
import type { Instant } from "../domain/calendar.ts";
import type { InboundId } from "../domain/ids.ts";
import { optOut, type OptedOut, type OptOutContext } from "./opt-out.ts";

export async function wrongNumber(
  tx: Tx,
  { at, ...address }: Address & { readonly at: Instant },
  context: Omit<OptOutContext, "inboundId" | "mayMeanVisit"> & { readonly inboundId: InboundId },
): Promise<OptedOut> {
  const owners = await listOwners(tx, address);
  await lockPatients(tx, [...new Set(owners.map(({ patientId }) => patientId))]);
  await markDead(tx, address, at);
  for (const { patientId, person } of owners) await revokeLinks(tx, { patientId, person, channel: address.channel }, at);
  const opted = await optOut(tx, { ...address, source: "wrong-number", at }, context);
  if (opted.kind === "opted-out")
    await insertIncidents(
      tx,
      owners.flatMap(({ patientId, clinicId }) => (clinicId === null ? [] : [{ patientId, clinicId }])),
      { ...address, inboundId: context.inboundId, at },
    );
  return opted;
}
