/** Everything that whoever takes an alert needs before them, opened. Names the patient, so the audit keeps who looked. Reads the rest only. */
import { z } from "zod";
import { placeOfAlertNote } from "../db/alerts.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { placeOfBody } from "../db/inbound-messages.ts";
import { placeOfAnswer } from "../db/session-answers.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import {
  type AlertCardRow,
  type AlertEvent,
  type EarlierAnswer,
  findAlertCard,
  findConfirmedPlace,
  findRaisingText,
  findSessionsAround,
  type KeptMessage,
  listAlertEvents,
  listEarlierAnswers,
  listKept,
  listPages,
  type PageView,
  type SessionBefore,
} from "../db/view-alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { AlertId } from "../domain/ids.ts";

export type Contact = { readonly name: string; readonly phone: string | null; readonly relation: string | null };

/** Phones as E.164, for a link that calls at a tap. */
export type AlertCard = {
  readonly alert: Omit<AlertCardRow, SealedColumn>;
  readonly patient: {
    readonly chart: string;
    readonly name: string;
    readonly birthDate: string | null;
    readonly phone: string | null;
    readonly email: string | null;
    readonly address: string | null;
    readonly emergencyContact: Contact | null;
    readonly escort: Contact | null;
  };
  /** Where the patient last said to be, and when. */
  readonly confirmedPlace: { readonly text: string; readonly at: Instant } | null;
  readonly sessions: { readonly last: SessionBefore | null; readonly next: SessionBefore | null };
  /** The words of the text that raised it; null where no text did. */
  readonly text: string | null;
  /** Newest first; `raised`: this is the one that raised the alert. */
  readonly answers: readonly OpenedAnswer[];
  readonly kept: readonly KeptMessage[];
  readonly pages: readonly PageView[];
  readonly events: readonly AlertEvent[];
  readonly note: string | null;
};

export type OpenedAnswer = Omit<EarlierAnswer, "resultSealed" | "answersSealed"> & {
  readonly raised: boolean;
  readonly result: unknown;
  readonly answers: unknown;
};

type SealedColumn = Extract<keyof AlertCardRow, `${string}Sealed`>;

const contact = z.object({ name: z.string(), phone: z.string().nullable(), relation: z.string().nullable() });

/** Undefined when there is no such alert. */
export async function readAlertCard(
  { db, vault }: { db: Database; vault: Vault },
  id: AlertId,
  { actor, where }: { readonly actor: string; readonly where: string },
): Promise<AlertCard | undefined> {
  const row = await findAlertCard(db, id);
  if (!row) return undefined;
  const { patientId, clinicId } = row;
  const looked = { kind: "patient.revealed", clinicId, subjectId: patientId, actor, data: { where } };
  await transact(db, (tx) => appendEvents(tx, [looked]));
  const place = await findConfirmedPlace(db, patientId);
  const text = row.source === "inbound-message" ? await findRaisingText(db, row.sourceId) : undefined;
  const answers = await listEarlierAnswers(db, patientId);
  return {
    alert: withoutSealed(row),
    patient: openPatient(row, vault),
    confirmedPlace: place ? { text: vault.open(place.detailSealed, placeOfAnswer(place.id)), at: place.at } : null,
    sessions: await findSessionsAround(db, patientId, row.raisedAt),
    text: text ? vault.open(text.bodySealed, placeOfBody(text.id)) : null,
    answers: answers.map((each) => openAnswer(each, { vault, sourceId: row.sourceId })),
    kept: await listKept(db, patientId),
    pages: await listPages(db, id),
    events: await listAlertEvents(db, id),
    note: row.noteSealed && vault.open(row.noteSealed, placeOfAlertNote(id)),
  };
}

function openPatient(row: AlertCardRow, vault: Vault): AlertCard["patient"] {
  const open = (sealed: Buffer | null, table: string, column: string) =>
    sealed && vault.open(sealed, { table, column, row: row.patientId });
  const escortName = open(row.escortNameSealed, "escorts", "name_sealed");
  const emergency = open(row.emergencyContactSealed, "patients", "emergency_contact_sealed");
  return {
    chart: vault.open(row.refSealed, { table: "patients", column: "ref_sealed", row: row.patientId }),
    name: vault.open(row.nameSealed, { table: "patients", column: "name_sealed", row: row.patientId }),
    birthDate: open(row.birthDateSealed, "patients", "birth_date_sealed"),
    phone: open(row.phoneSealed, "patients", "phone_sealed"),
    email: open(row.emailSealed, "patients", "email_sealed"),
    address: open(row.addressSealed, "patients", "address_sealed"),
    emergencyContact: emergency === null ? null : contact.parse(JSON.parse(emergency)),
    escort:
      escortName === null ? null : { name: escortName, phone: open(row.escortPhoneSealed, "escorts", "phone_sealed"), relation: null },
  };
}

function openAnswer(
  { resultSealed, answersSealed, ...answer }: EarlierAnswer,
  { vault, sourceId }: { vault: Vault; sourceId: string },
): OpenedAnswer {
  const read = (sealed: Buffer | null, column: string): unknown =>
    sealed && JSON.parse(vault.open(sealed, { table: "survey_responses", column, row: answer.id }));
  const raised = answer.id === sourceId;
  return { ...answer, raised, result: read(resultSealed, "result_sealed"), answers: raised ? read(answersSealed, "answers_sealed") : null };
}

function withoutSealed(row: AlertCardRow): AlertCard["alert"] {
  const {
    refSealed: _ref,
    noteSealed: _note,
    nameSealed: _name,
    birthDateSealed: _birthDate,
    phoneSealed: _phone,
    emailSealed: _email,
    addressSealed: _address,
    emergencyContactSealed: _emergency,
    escortNameSealed: _escortName,
    escortPhoneSealed: _escortPhone,
    ...alert
  } = row;
  return alert;
}
