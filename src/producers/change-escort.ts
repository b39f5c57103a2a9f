/**
 * Names a patient's escort, changes how the escort is reached, or takes the escort away.
 *
 * Trigger: staff (`patient escort`), with a parsed change. Re-checks: what is stored, under the patient's lock. Effect: as for the patient's own addresses; a new name
 * is another person, of whom nothing that was stored holds: no address, no consent, no link, and nothing that was told. What is still of use is told to them anew. A
 * repeat changes nothing.
 */
import {
  countEscort,
  findEscort,
  removeEscort,
  revokeEscortLinks,
  saveEscort,
  setEscortSince,
  type SealedEscort,
} from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import { ensureLinks } from "../db/links.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { listUnshared } from "../db/visit-escorts.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import type { EscortChange } from "../domain/parse-contact.ts";
import { writeConsents } from "./change-consent.ts";
import { type ChangedContact, replaceAddresses, tellAddresses, warnWithoutConsent } from "./change-contact.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { toShareLink } from "./link-pages.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type ChangedEscort = ChangedContact & { readonly escort: "named" | "another" | "changed" | "removed" };

type Wish = EscortChange | "remove";

export async function changeEscort(
  deps: ChangeDeps,
  id: PatientId,
  { change, ...options }: ChangeOptions & { change: Wish },
): Promise<Changed<ChangedEscort>> {
  return changePatient<ChangedEscort>(deps, id, {
    ...options,
    write: (tx, patient, { now }) => {
      const context = { now, vault: deps.vault, tokens: deps.tokens, actor: options.actor };
      return change === "remove" ? remove(tx, patient, context) : name(tx, patient, { change, ...context });
    },
  });
}

type Context = { readonly now: Instant; readonly vault: Vault; readonly tokens: LinkTokens; readonly actor: string };

async function remove(tx: Tx, patient: PatientToChange, context: Context): Promise<Written<ChangedEscort>> {
  if (!(await findEscort(tx, patient.id))) return { kind: "same" };
  const addresses = await forget(tx, patient, context);
  await removeEscort(tx, patient.id);
  return {
    kind: "written",
    value: { escort: "removed", addresses, consents: [] },
    events: [tellPatient(patient, { kind: "patient.escort-removed", actor: context.actor })],
    warnings: patient.sessionsToCome > 0 ? [`${patient.sessionsToCome} sessions to come have nobody to take the patient home now`] : [],
  };
}

/** Of somebody who is not the escort any more; the patient gets new links to pass on. */
async function forget(tx: Tx, patient: PatientToChange, context: Context) {
  const addresses = await replaceAddresses(tx, patient, { person: "escort", change: { phone: null, email: null }, ...context });
  await revokeEscortLinks(tx, patient.id, context.now);
  const unshared = await listUnshared(tx, patient.id);
  await ensureLinks(
    tx,
    unshared.map((session) => toShareLink(session, { clinicId: session.clinicId, patientId: patient.id })),
    context.tokens,
  );
  await countEscort(tx, patient.id, context.now);
  return addresses;
}

async function name(
  tx: Tx,
  patient: PatientToChange,
  { change, ...context }: Context & { change: EscortChange },
): Promise<Written<ChangedEscort>> {
  const known = await findEscort(tx, patient.id);
  const before = known && open(patient, known, context.vault);
  const named = change.name ?? before;
  if (named === undefined) return refuse("name", undefined, "the name of the escort, because none is stored yet");
  const isAnother = before !== undefined && before !== named;
  if (isAnother) await forget(tx, patient, context);
  const addresses = await replaceAddresses(tx, patient, { person: "escort", change, ...context });
  const stays = isAnother ? undefined : known;
  const locale = change.locale ?? stays?.locale ?? patient.locale;
  await saveEscort(tx, patient.id, { ...seal(patient, { named, change, stays, vault: context.vault }), locale });
  if (!stays) await setEscortSince(tx, patient.id, context.now);
  const given = await writeConsents(tx, patient, { person: "escort", consents: change.consents, ...context });
  if (given.kind === "refused") return given;
  if (stays && addresses.length === 0 && given.channels.length === 0 && stays.locale === locale) return { kind: "same" };
  const { actor } = context;
  return {
    kind: "written",
    value: { escort: stays ? "changed" : known ? "another" : "named", addresses, consents: given.channels },
    events: [
      ...(stays ? [] : [tellPatient(patient, { kind: "patient.escort-named", actor })]),
      ...tellAddresses(patient, { addresses, person: "escort", actor }),
      ...given.events,
    ],
    warnings: [...warnWithoutConsent(addresses, given.channels), ...given.warnings],
  };
}

function open({ id }: PatientToChange, { nameSealed }: SealedEscort, vault: Vault): string {
  return vault.open(nameSealed, { table: "escorts", column: "name_sealed", row: id });
}

type Sealing = { readonly named: string; readonly change: EscortChange; readonly stays: SealedEscort | undefined; readonly vault: Vault };

/** What the change leaves out stays as it is stored, of the same person. */
function seal({ id }: PatientToChange, { named, change, stays, vault }: Sealing): Omit<SealedEscort, "locale"> {
  const sealAs = (column: string, text: string) => vault.seal(text, { table: "escorts", column, row: id });
  const maybe = (column: string, text: string | null | undefined, kept: Buffer | null) =>
    text === undefined ? kept : text === null ? null : sealAs(column, text);
  return {
    nameSealed: stays?.nameSealed ?? sealAs("name_sealed", named),
    phoneSealed: maybe("phone_sealed", change.phone, stays?.phoneSealed ?? null),
    emailSealed: maybe("email_sealed", change.email, stays?.emailSealed ?? null),
  };
}
