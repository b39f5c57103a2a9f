/** `patient show`. */
import {
  type ContactView,
  findPatientView,
  listContacts,
  listSeriesOfPatient,
  type PatientView,
  type SeriesOfPatient,
} from "../db/view-patient.ts";
import { listVisitEscorts, openVisitEscort, type VisitEscortRow } from "../db/visit-escorts.ts";
import type { StoreDeps } from "../deps.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getPatient } from "./get-patient.ts";
import { maskEmail, maskPhone } from "./mask-address.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { tellRevealed } from "../producers/tell-revealed.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ShowPatientFlags = { readonly clinic?: string; readonly reveal?: true; readonly actor?: string; readonly json?: true };

/** Names and addresses only with `reveal`, and then it is kept in the audit who looked. */
export async function showPatient(ref: string, { clinic, reveal, actor: name, json }: ShowPatientFlags): Promise<ExitCode> {
  const actor = toActor(name);
  const shown = await withStore(async (store) => {
    const id = await getPatient(store, ref, { clinic });
    if (reveal) await tellRevealed(store.db, [{ patientId: id, clinicId: null }], { actor, where: "patient show" });
    return load(store, id, reveal ? "open" : "masked");
  });
  if (json) printJson(toJson(shown));
  else showAsText(shown);
  return EXIT.done;
}

type Opened = {
  readonly [Field in "name" | "ref" | "phone" | "email" | "holdReason" | "escortName" | "escortPhone" | "escortEmail"]: string | null;
};
type Shown = {
  readonly patient: PatientView;
  readonly opened: Opened;
  readonly contacts: readonly ContactView[];
  readonly series: readonly SeriesOfPatient[];
  /** Whom the patient named for one visit, in the place of the escort. */
  readonly companions: readonly Companion[];
};

type Companion = Pick<VisitEscortRow, "sessionId" | "number" | "zone" | "startsAt"> & {
  readonly name: string | null;
  readonly phone: string | null;
};

async function load(store: Pick<StoreDeps, "db" | "vault">, id: PatientId, how: "open" | "masked"): Promise<Shown> {
  const patient = await findPatientView(store.db, id);
  if (!patient) throw new Error(`Patient ${id} has gone`);
  const [contacts, series] = await Promise.all([listContacts(store.db, id), listSeriesOfPatient(store.db, id)]);
  const companions = (await listVisitEscorts(store.db, id)).map(({ nameSealed, phoneSealed, ...visit }) => {
    const { name, phone } = openVisitEscort(store.vault, visit.sessionId, { nameSealed, phoneSealed });
    return { ...visit, name: how === "open" ? name : null, phone: how === "open" || phone === null ? phone : maskPhone(phone) };
  });
  return { patient, contacts, series, companions, opened: open(store, patient, how) };
}

function open({ vault }: Pick<StoreDeps, "vault">, patient: PatientView, how: "open" | "masked"): Opened {
  const read = (table: string, column: string, sealed: Buffer | null) =>
    sealed === null ? null : vault.open(sealed, { table, column, row: patient.id });
  const hidden = (text: string | null, mask: (text: string) => string | null) => (how === "open" || text === null ? text : mask(text));
  const nothing = () => null;
  return {
    ref: hidden(read("patients", "ref_sealed", patient.refSealed), nothing),
    name: hidden(read("patients", "name_sealed", patient.nameSealed), nothing),
    phone: hidden(read("patients", "phone_sealed", patient.phoneSealed), maskPhone),
    email: hidden(read("patients", "email_sealed", patient.emailSealed), maskEmail),
    holdReason: hidden(read("patients", "hold_reason_sealed", patient.holdReasonSealed), nothing),
    escortName: hidden(read("escorts", "name_sealed", patient.escortNameSealed), nothing),
    escortPhone: hidden(read("escorts", "phone_sealed", patient.escortPhoneSealed), maskPhone),
    escortEmail: hidden(read("escorts", "email_sealed", patient.escortEmailSealed), maskEmail),
  };
}

const at = (moment: Instant | null) => moment && formatInstant(moment);

function toJson({ patient, opened, contacts, series, companions }: Shown) {
  const { ref, name, phone, email, holdReason, escortName, escortPhone, escortEmail } = opened;
  const escort = patient.escortNameSealed && { name: escortName, phone: escortPhone, email: escortEmail, locale: patient.escortLocale };
  return {
    patient: toPublicId("patient", patient.id),
    group: patient.group,
    ref,
    name,
    phone,
    email,
    zone: patient.zone,
    locale: patient.locale,
    escort,
    companions: companions.map(({ sessionId, startsAt, ...companion }) => ({
      ...companion,
      session: toPublicId("session", sessionId),
      startsAt: formatInstant(startsAt),
    })),
    contacts: contacts.map(({ flaggedAt, consentAt, ...contact }) => ({ ...contact, consentAt: at(consentAt), flaggedAt: at(flaggedAt) })),
    detailAccepted: patient.detailAccepted,
    hold: patient.holdCode && { code: patient.holdCode, since: at(patient.heldAt), reason: holdReason },
    watched: patient.watched,
    verifiedAt: at(patient.verifiedAt),
    openTasks: patient.openTasks,
    revision: patient.revision,
    planIsFresh: patient.planIsFresh,
    series: series.map(({ id, clinic, protocol, version, status, nextAt }) => ({
      series: toPublicId("series", id),
      clinic,
      protocol: `${protocol}@${version}`,
      status,
      nextAt: at(nextAt),
    })),
  };
}

function showAsText({ patient, opened, contacts, series, companions }: Shown): void {
  const named = [opened.name, opened.ref && `chart ${opened.ref}`].filter(Boolean).join(", ");
  print(`${paint.bold(toPublicId("patient", patient.id))}${named && `  ${named}`}, plan at revision ${patient.revision}`);
  const { zone, holdCode, heldAt, verifiedAt, watched, detailAccepted, openTasks } = patient;
  if (holdCode !== null)
    print(
      paint.yellow(
        `on hold (${holdCode})${heldAt ? ` since ${sayWhen(zone, heldAt)}` : ""}${opened.holdReason ? `: ${opened.holdReason}` : ""}`,
      ),
    );
  const marks = [
    watched ? "watched" : "not watched",
    `detail in mail ${detailAccepted ? "accepted" : "not accepted"}`,
    verifiedAt ? `verified ${sayWhen(zone, verifiedAt)}` : "not verified since enqueueing",
    count(openTasks, "open task"),
  ];
  print(marks.join("; "));
  if (opened.escortName) print(`escort: ${opened.escortName}`);
  for (const { number, zone: where, startsAt, name, phone } of companions)
    print(
      `for session ${number}, ${sayWhen(where, startsAt)}: ${[name ?? "somebody else", phone].filter(Boolean).join(", ")} (named by the patient)`,
    );
  print();
  for (const line of toTable(contacts.map((contact) => toCells(contact, { opened, zone })))) print(line);
  print();
  for (const line of toTable(series.map(toSeriesCells))) print(line);
  if (!patient.planIsFresh) say("warning: a change waits to be planned; a worker does that within seconds");
}

function toCells(
  { person, channel, reach, flaggedAt, consent, consentAt, consentSource }: ContactView,
  { opened, zone }: { opened: Opened; zone: PatientView["zone"] },
): string[] {
  const address =
    person === "patient" ? (channel === "sms" ? opened.phone : opened.email) : channel === "sms" ? opened.escortPhone : opened.escortEmail;
  const told = consent && consentAt ? `${consent} ${sayWhen(zone, consentAt)}, ${consentSource}` : "";
  return [person, channel, address ?? "-", flaggedAt ? `${reach}, failing since ${sayWhen(zone, flaggedAt)}` : reach, told];
}

function toSeriesCells({ id, clinic, protocol, version, status, zone, nextAt }: SeriesOfPatient): string[] {
  return [toPublicId("series", id), `${protocol}@${version}`, clinic, status, nextAt ? `next ${sayWhen(zone, nextAt)}` : "nothing to come"];
}
