/**
 * Records that a person has agreed to a channel, or agrees no longer.
 *
 * Trigger: staff (`patient consent grant|revoke`). Re-checks: the ledger for that person, channel and address, under the patient's lock. Effect: the ledger's entry
 * and the current state that the claim reads, and the plan that follows. It is about this person: whether the address itself has opted out, for all who share
 * it, is another fact and stays. A repeat changes nothing; what is older than the newest entry is refused.
 */
import { findNewestConsent, recordConsent } from "../db/consents.ts";
import { loadContactPoint, type Person } from "../db/contact-changes.ts";
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ConsentGiven } from "../domain/enqueue-request.ts";
import type { PatientId, SessionId } from "../domain/ids.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Refused, type Written } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type ConsentAction = "granted" | "revoked";

export type ConsentChange = {
  readonly person: Person;
  readonly action: ConsentAction;
  readonly consent: ConsentGiven;
  /** The one visit about which the person may be written to; left out: about every visit. */
  readonly onlySessionId?: SessionId;
};

export type ChangedConsent = { readonly person: Person; readonly channel: ConsentGiven["to"]; readonly action: ConsentAction };

export async function changeConsent(
  deps: ChangeDeps,
  id: PatientId,
  { person, action, consent, ...options }: ChangeOptions & ConsentChange,
): Promise<Changed<ChangedConsent>> {
  return changePatient<ChangedConsent>(deps, id, {
    ...options,
    write: (tx, patient, { now }) => writeConsent(tx, patient, { person, action, consent, now, actor: options.actor }),
  });
}

/** Records it in a transaction that goes on; shared with changes of addresses. */
export async function writeConsent(
  tx: Tx,
  patient: PatientToChange,
  { person, action, consent, now, actor, ...scope }: ConsentChange & { now: Instant; actor: string },
): Promise<Written<ChangedConsent>> {
  if (consent.at > now) return refuse("at", formatInstant(consent.at), "a moment that has been");
  const point = await findPoint(tx, patient, { person, channel: consent.to });
  if ("kind" in point) return point;
  const recorded = await addConsent(tx, patient, { person, action, consent, actor, addressIndex: point.addressIndex, ...scope });
  if (recorded) return recorded;
  return {
    kind: "written",
    value: { person, channel: consent.to, action },
    events: [tellPatient(patient, { kind: `consent.${action}`, actor, data: { person, channel: consent.to } })],
    warnings:
      action === "granted" && point.optedOut ? [`this address has opted out of ${consent.to}, whoever uses it: nothing is sent to it`] : [],
  };
}

export type ConsentsGiven = {
  readonly kind: "given";
  /** To which channels something new was stored. */
  readonly channels: readonly string[];
  readonly events: readonly AuditEvent[];
  readonly warnings: readonly string[];
};

/** Records consents that come with a change of addresses, after it; the first that is refused refuses the change. */
export async function writeConsents(
  tx: Tx,
  patient: PatientToChange,
  { person, consents, now, actor }: { person: Person; consents: readonly ConsentGiven[]; now: Instant; actor: string },
): Promise<ConsentsGiven | Refused> {
  const written: Extract<Written<ChangedConsent>, { kind: "written" }>[] = [];
  for (const consent of consents) {
    const result = await writeConsent(tx, patient, { person, action: "granted", consent, now, actor });
    if (result.kind === "refused")
      return { ...result, faults: result.faults.map((fault) => ({ ...fault, path: `consent.${fault.path}` })) };
    if (result.kind === "written") written.push(result);
  }
  return {
    kind: "given",
    channels: written.map(({ value }) => value.channel),
    events: written.flatMap(({ events }) => events),
    warnings: written.flatMap(({ warnings }) => warnings),
  };
}

type Point = { readonly addressIndex: Buffer | null; readonly optedOut: boolean };

/** Consent to a channel is given for the address that the person has now. */
async function findPoint(
  tx: Tx,
  { id }: PatientToChange,
  { person, channel }: { person: Person; channel: ConsentGiven["to"] },
): Promise<Point | Refused> {
  if (channel === "detail")
    return person === "patient" ? { addressIndex: null, optedOut: false } : refuse("channel", "detail", "sms or email, for an escort");
  const point = await loadContactPoint(tx, { patientId: id, person, channel });
  const needed = channel === "sms" ? "a phone" : "an email address";
  return point.addressIndex === null ? refuse("channel", channel, `a channel for which the ${person} has ${needed}`) : point;
}

type Adding = ConsentChange & { readonly actor: string; readonly addressIndex: Buffer | null };

/** Adds to ledger and state; undefined when it did, otherwise why not. */
async function addConsent(
  tx: Tx,
  { id: patientId, groupId }: PatientToChange,
  { person, action, consent, actor, addressIndex, ...scope }: Adding,
): Promise<{ readonly kind: "same" } | Refused | undefined> {
  const { to: channel, source, wording, at } = consent;
  const subject = { patientId, person, channel, addressIndex };
  const newest = await findNewestConsent(tx, subject);
  if (newest && newest.at >= at && newest.action === action) return { kind: "same" };
  if (newest && newest.at > at)
    return refuse("at", formatInstant(at), `${formatInstant(newest.at)} or after, when this consent was ${newest.action}`);
  await recordConsent(tx, { ...subject, groupId, action, source, wording, actor, at, ...scope });
  return undefined;
}
