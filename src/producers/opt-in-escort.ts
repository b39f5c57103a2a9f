/**
 * Records that whoever takes a patient home has agreed to texts, on the page that the patient has passed on.
 *
 * Trigger: the page of a share link. Re-checks, under the patient's lock: that the visit is still to come, whom the patient or staff named for it, and which number
 * staff have written down. Effect: what was written is kept as it is. Texts follow where both permissions are there: the patient's, in that this person was named,
 * and their own, given here; in the ledger with source and wording. Where somebody else was named, nobody, or another number, staff look at it first, and nothing
 * is sent. A repeat of what was written changes nothing; a page takes only so many.
 */
import { newId } from "../clock.ts";
import { countEscort, findEscort, loadContactPoint, saveEscort, setEscortSince } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import { findPatientToChange, type PatientToChange } from "../db/patient-changes.ts";
import { loadClinicLocales } from "../db/reply-tasks.ts";
import { openStaffTasks } from "../db/staff-tasks.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import type { Vault } from "../db/vault.ts";
import { findVisitEscort, insertOptIn, listOptIns } from "../db/visit-escorts.ts";
import { formatInstant, HOUR } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { LinkId, SessionId } from "../domain/ids.ts";
import { isSamePerson } from "../domain/same-person.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";
import { writeConsent } from "./change-consent.ts";
import { replaceAddresses } from "./change-contact.ts";
import { type Changed, type ChangeDeps, refuse, type Refused, type Written } from "./change-facts.ts";
import { tellPatient } from "./change-patient.ts";
import { changeSession, type SessionAtHand } from "./change-session.ts";
import { openEscort } from "./open-escort.ts";

export type EscortWish = {
  readonly linkId: LinkId;
  readonly name: string;
  /** E.164. */
  readonly phone: string;
  readonly scope: "visit" | "all";
  readonly locale: Locale;
};

/** `taken`: texts may come. `review`: staff look at it first. */
export type OptedInEscort = { readonly standing: "taken" | "review" };

/** What the page says beside the button, by version: the ledger keeps which one was agreed to. */
export const ESCORT_WORDING = "share-page-1";
export const ESCORT_SOURCE = "escort's own page";
/** Who did it, where nobody has signed in. */
const ACTOR = "escort";
/** Nobody mistypes a number more often; more is somebody who plays. */
export const MOST_OPT_INS = 5;

export async function optInEscort(deps: ChangeDeps, sessionId: SessionId, wish: EscortWish): Promise<Changed<OptedInEscort>> {
  return changeSession<OptedInEscort>(deps, sessionId, {
    actor: ACTOR,
    dryRun: false,
    ifRevision: null,
    write: (tx, atHand) => write(tx, atHand, { wish, vault: deps.vault }),
  });
}

type Wishing = { readonly wish: EscortWish; readonly vault: Vault };

async function write(tx: Tx, atHand: SessionAtHand, { wish, vault }: Wishing): Promise<Written<OptedInEscort>> {
  const { session, now } = atHand;
  const { id: sessionId, patientId, clinicId } = session;
  if (session.status !== "scheduled" || session.endsAt <= now)
    return refuse("session.status", session.status, "a visit that is still to come");
  const addressIndex = vault.blindIndex("phone", wish.phone);
  const before = (await listOptIns(tx, sessionId)).filter(({ linkId }) => linkId === wish.linkId);
  const [last] = before;
  const isRepeat = last?.addressIndex.equals(addressIndex) === true && last.scope === wish.scope;
  if (isRepeat && last?.standing === "taken") return { kind: "same" };
  if (!isRepeat && before.length >= MOST_OPT_INS) return refuse("phone", undefined, "no further number on this page");
  const patient = await findPatientToChange(tx, patientId, now);
  if (!patient) return refuse("patient", patientId, "the id of a patient who is stored");
  const taken = await take(tx, { atHand, patient }, { wish, vault });
  if (taken.kind === "refused") return taken;
  const { standing } = taken;
  if (isRepeat && standing === "review") return { kind: "same" };
  const { linkId, scope, locale } = wish;
  const row = {
    id: newId(),
    clinicId,
    patientId,
    sessionId,
    linkId,
    scope,
    locale,
    wording: ESCORT_WORDING,
    standing,
    addressIndex,
    at: now,
  };
  await insertOptIn(tx, row, { ...wish, vault });
  if (standing === "review") await openReview(tx, atHand);
  const events = [tellPatient(patient, { kind: "escort.opted-in", actor: ACTOR, data: { standing, scope } })];
  return { kind: "written", value: { standing }, events, warnings: [] };
}

type Behind = { readonly atHand: SessionAtHand; readonly patient: PatientToChange };
type Taken = { readonly kind: "done"; readonly standing: OptedInEscort["standing"] } | Refused;

const REVIEW: Taken = { kind: "done", standing: "review" };

/** For the visit alone the person whom the patient named for it; otherwise the one who always comes. */
async function take(tx: Tx, behind: Behind, { wish, vault }: Wishing): Promise<Taken> {
  const { session } = behind.atHand;
  const escort = await findEscort(tx, session.patientId);
  const named = await findVisitEscort(tx, session, vault);
  if (!named) {
    if (!escort || escort.onlySessionId) return REVIEW;
    const isThem = isSamePerson(wish, openEscort(vault, session.patientId, escort));
    return isThem ? agree(tx, behind, { wish, vault, locale: escort.locale }) : REVIEW;
  }
  // The patient's permission is for this visit.
  if (wish.scope === "all" || !isSamePerson(wish, named)) return REVIEW;
  if (escort && !isFree(behind, escort.onlySessionId ?? null)) return REVIEW;
  return takePlace(tx, behind, { wish, vault, before: escort?.onlySessionId ?? null });
}

/** A patient has one escort with an address at a time: the place is free when whoever had it came to one visit alone, and that is over. */
function isFree({ atHand: { session, patient, now } }: Behind, onlySessionId: SessionId | null) {
  if (onlySessionId === null) return false;
  const other = patient.sessions.find(({ id }) => id === onlySessionId);
  return onlySessionId === session.id || other === undefined || other.status !== "scheduled" || other.endsAt <= now;
}

async function takePlace(tx: Tx, behind: Behind, { wish, vault, before }: Wishing & { before: SessionId | null }): Promise<Taken> {
  const { session, now } = behind.atHand;
  const { patientId, id: onlySessionId } = session;
  if (before !== null && before !== onlySessionId) await countEscort(tx, patientId, now);
  const nameSealed = vault.seal(wish.name, { table: "escorts", column: "name_sealed", row: patientId });
  await saveEscort(tx, patientId, { nameSealed, phoneSealed: null, emailSealed: null, locale: wish.locale, onlySessionId });
  if (before !== onlySessionId) await setEscortSince(tx, patientId, now);
  return agree(tx, behind, { wish, vault, locale: wish.locale, onlySessionId });
}

/** The number they wrote of themselves, where staff have none, and their agreement. */
async function agree(
  tx: Tx,
  { atHand: { session, now }, patient }: Behind,
  { wish, vault, locale, onlySessionId }: Wishing & { readonly locale: string; readonly onlySessionId?: SessionId },
): Promise<Taken> {
  const escort = await findEscort(tx, patient.id);
  if (!escort) throw new Error(`Patient ${patient.id} has lost the escort`);
  const point = await loadContactPoint(tx, { patientId: patient.id, person: "escort", channel: "sms" });
  if (point.addressIndex === null || onlySessionId) {
    await replaceAddresses(tx, patient, { person: "escort", change: { phone: wish.phone }, now, vault, actor: ACTOR });
    const phoneSealed = vault.seal(wish.phone, { table: "escorts", column: "phone_sealed", row: patient.id });
    await saveEscort(tx, patient.id, { ...escort, locale, phoneSealed });
  }
  const consent = { to: "sms", source: ESCORT_SOURCE, wording: ESCORT_WORDING, at: now } as const;
  const scope = wish.scope === "visit" ? { onlySessionId: session.id } : {};
  const written = await writeConsent(tx, patient, { person: "escort", action: "granted", consent, now, actor: ACTOR, ...scope });
  return written.kind === "refused" ? written : { kind: "done", standing: "taken" };
}

/** Half a working day to ask the patient. */
const REVIEW_WITHIN_MS = 4 * HOUR;

async function openReview(tx: Tx, { session, now }: SessionAtHand): Promise<void> {
  const { id: sessionId, clinicId, patientId, seriesId, startsAt } = session;
  const clinic = (await loadStaffedClinics(tx, [clinicId])).get(clinicId);
  if (!clinic) throw new Error(`Clinic ${clinicId} is not stored, at ${formatInstant(now)}`);
  const dueBy = staffedDeadline(clinic, { openedAt: now, within: REVIEW_WITHIN_MS, usefulUntil: startsAt });
  const locale = (await loadClinicLocales(tx, [clinicId])).get(clinicId) ?? "en";
  const task = {
    kind: "review",
    template: "escort-wrote",
    importance: "high",
    inboundId: null,
    pageAt: null,
    clinicId,
    patientId,
    seriesId,
    sessionId,
  } as const;
  await openStaffTasks(tx, [{ ...task, locale, dueBy }], now);
}
