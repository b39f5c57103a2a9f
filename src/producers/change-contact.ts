/**
 * Changes how a patient is reached.
 *
 * Trigger: staff (`patient contact`), with a parsed change. Re-checks: what is stored, under the patient's lock. Effect: the new address, without consent unless it is
 * given along with its source and time; links that were sent to the old one open nothing, and nothing that comes from it finds the patient. A repeat changes
 * nothing.
 */
import { setPatientContact } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import type { ContactChange } from "../domain/parse-contact.ts";
import { writeConsents } from "./change-consent.ts";
import type { Changed, ChangeDeps, ChangeOptions, Written } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";
import { type ReplacedAddress, replaceAddress } from "./replace-address.ts";

export type ChangedContact = {
  readonly addresses: readonly ReplacedAddress[];
  /** Channels to which the person agrees from now on. */
  readonly consents: readonly string[];
};

export async function changeContact(
  deps: ChangeDeps,
  id: PatientId,
  { change, ...options }: ChangeOptions & { change: ContactChange },
): Promise<Changed<ChangedContact>> {
  return changePatient<ChangedContact>(deps, id, {
    ...options,
    write: (tx, patient, { now }) => write(tx, patient, { change, now, vault: deps.vault, actor: options.actor }),
  });
}

type Changing = { readonly change: ContactChange; readonly now: Instant; readonly vault: Vault; readonly actor: string };

async function write(tx: Tx, patient: PatientToChange, { change, ...context }: Changing): Promise<Written<ChangedContact>> {
  const addresses = await replaceAddresses(tx, patient, { person: "patient", change, ...context });
  if (addresses.length > 0) await setPatientContact(tx, patient.id, sealContact(patient, { change, vault: context.vault }));
  const given = await writeConsents(tx, patient, { person: "patient", consents: change.consents, ...context });
  if (given.kind === "refused") return given;
  if (addresses.length === 0 && given.channels.length === 0) return { kind: "same" };
  return {
    kind: "written",
    value: { addresses, consents: given.channels },
    events: [...tellAddresses(patient, { addresses, person: "patient", actor: context.actor }), ...given.events],
    warnings: [...warnWithoutConsent(addresses, given.channels), ...given.warnings],
  };
}

function sealContact({ id }: PatientToChange, { change: { phone, email }, vault }: Pick<Changing, "change" | "vault">) {
  const seal = (column: string, text: string | null) => (text === null ? null : vault.seal(text, { table: "patients", column, row: id }));
  return {
    ...(phone !== undefined && { phoneSealed: seal("phone_sealed", phone) }),
    ...(email !== undefined && { emailSealed: seal("email_sealed", email) }),
  };
}

type Addressing = Changing & { readonly person: "patient" | "escort" };

/** Those of the addresses that really change; shared with the escort's. */
export async function replaceAddresses(
  tx: Tx,
  patient: PatientToChange,
  { change, ...context }: Omit<Addressing, "change"> & { readonly change: Pick<ContactChange, "phone" | "email"> },
): Promise<ReplacedAddress[]> {
  const { phone, email } = change;
  const text = phone === undefined ? undefined : await replaceAddress(tx, patient, { ...context, channel: "sms", to: phone });
  const mail = email === undefined ? undefined : await replaceAddress(tx, patient, { ...context, channel: "email", to: email });
  return [text, mail].filter((each) => each !== undefined);
}

/** One event an address, without the address. */
export function tellAddresses(
  patient: PatientToChange,
  { addresses, person, actor }: { addresses: readonly ReplacedAddress[]; person: "patient" | "escort"; actor: string },
): AuditEvent[] {
  return addresses.map(({ channel, change, linksRevoked }) =>
    tellPatient(patient, { kind: "patient.contact-changed", actor, data: { person, channel, change, linksRevoked } }),
  );
}

/** What staff must know of a new address that nobody has agreed to. */
export function warnWithoutConsent(addresses: readonly ReplacedAddress[], consents: readonly string[]): string[] {
  return addresses.flatMap(({ channel, change }) =>
    change === "removed" || consents.includes(channel)
      ? []
      : [
          `nothing is sent to the new ${channel === "sms" ? "phone" : "email address"} until consent is on record (afterglow patient consent grant)`,
        ],
  );
}
