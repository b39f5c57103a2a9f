/**
 * Notes who comes to one visit in the place of the patient's escort, as the patient has said it.
 *
 * Trigger: an answer of the patient about a visit that names somebody, or says that there is nobody. Re-checks: who is noted already, under the patient's lock that
 * the answer holds. Effect: the person for this visit alone, seen by staff. It is the patient's permission and no more: nobody is written to before they have agreed
 * themselves. Where it is somebody else than before, the link that was passed on leads nowhere, a new one stands, and whoever had agreed for this visit alone is
 * forgotten. A repeat changes nothing.
 */
import { countEscort, findEscort, removeEscort } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import { ensureLinks } from "../db/links.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { findPatientToChange } from "../db/patient-changes.ts";
import type { StoredSession } from "../db/sessions.ts";
import type { Vault } from "../db/vault.ts";
import { findVisitEscort, removeVisitEscort, revokeVisitLinks, saveVisitEscort } from "../db/visit-escorts.ts";
import type { Instant } from "../domain/calendar.ts";
import type { NamedCompanion } from "../domain/named-companion.ts";
import { isSamePerson } from "../domain/same-person.ts";
import { openEscort } from "./open-escort.ts";
import { toShareLink } from "./link-pages.ts";

type Naming = {
  /** Null: nobody. */
  readonly named: NamedCompanion | null;
  readonly now: Instant;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
};

export async function nameCompanion(tx: Tx, session: StoredSession, { named, now, vault, tokens }: Naming): Promise<void> {
  const { id, patientId } = session;
  const escort = await findEscort(tx, patientId);
  const before = await findVisitEscort(tx, session, vault);
  const usual = escort && !escort.onlySessionId ? openEscort(vault, patientId, escort) : undefined;
  // The patient may well write down who always comes.
  const other = named !== null && usual && isSamePerson(named, usual) ? null : named;
  const isSame = before && other ? isSamePerson(before, other) : before === undefined && other === null;
  if (other === null) await removeVisitEscort(tx, id);
  else
    await saveVisitEscort(tx, session, {
      named: keepPhone(other, isSame ? before : undefined),
      locale: await localeOf(tx, session, now),
      vault,
    });
  if (isSame) return;
  if (escort?.onlySessionId === id) {
    await removeEscort(tx, patientId);
    await countEscort(tx, patientId, now);
  }
  if ((await revokeVisitLinks(tx, id, now)) === "shared") await ensureLinks(tx, [toShareLink(session, session)], tokens);
}

/** A name alone says nothing against the number that came with it before. */
function keepPhone({ name, phone }: NamedCompanion, before: NamedCompanion | undefined): NamedCompanion {
  return { name, phone: phone ?? before?.phone ?? null };
}

async function localeOf(tx: Tx, { patientId }: StoredSession, now: Instant): Promise<string> {
  return (await findPatientToChange(tx, patientId, now))?.locale ?? "en";
}
