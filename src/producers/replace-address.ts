/** One address of one person that becomes another, in a transaction that goes on: shared by changes of patients and of escorts. */
import { recordConsent } from "../db/consents.ts";
import { loadContactPoint, type Person, revokeLinks, setAddress } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";

export type Replacing = {
  readonly person: Person;
  readonly channel: "email" | "sms";
  /** As it was parsed; null: none from now on. */
  readonly to: string | null;
  readonly vault: Vault;
  readonly now: Instant;
  readonly actor: string;
};

export type ReplacedAddress = {
  readonly channel: "email" | "sms";
  readonly change: "added" | "replaced" | "removed";
  /** Personal links that had been sent to the old one and lead nowhere now. */
  readonly linksRevoked: number;
};

/**
 * Nobody has agreed to the new address, whatever had been agreed to for the old one, and nothing that was sent to the old one opens anything any more. Undefined
 * when it is the address already.
 */
export async function replaceAddress(
  tx: Tx,
  { id: patientId, groupId }: PatientToChange,
  replacing: Replacing,
): Promise<ReplacedAddress | undefined> {
  const { person, channel, now, actor } = replacing;
  const place = { patientId, person, channel };
  const { addressIndex: before, granted } = await loadContactPoint(tx, place);
  const after = toIndex(replacing);
  if (before === null ? after === null : after !== null && before.equals(after)) return undefined;
  if (before && granted)
    await recordConsent(tx, {
      ...place,
      groupId,
      addressIndex: before,
      action: "revoked",
      source: "address replaced",
      wording: null,
      actor,
      at: now,
    });
  await setAddress(tx, place, { groupId, addressIndex: after });
  const linksRevoked = before ? await revokeLinks(tx, place, now) : 0;
  return { channel, change: before === null ? "added" : after === null ? "removed" : "replaced", linksRevoked };
}

/** As enqueueing makes it. */
function toIndex({ channel, to, vault }: Replacing): Buffer | null {
  if (to === null) return null;
  return channel === "sms" ? vault.blindIndex("phone", to) : vault.blindIndex("email", to.toLowerCase());
}
