/** Everything that whoever takes an alert needs before them, opened. Names the patient, so the audit keeps who looked. Reads the rest only. */
import { z } from "zod";
import { placeOfAlertNote } from "../db/alerts.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { placeOfBody, placeOfFrom } from "../db/inbound-messages.ts";
import { placeOfAnswer } from "../db/session-answers.ts";
import { transact } from "../db/transact.ts";
import { openDraft } from "../db/survey-drafts.ts";
import { listBegun } from "../db/survey-invitations.ts";
import type { Vault } from "../db/vault.ts";
import {
  type AlertCardRow,
  type AlertEvent,
  type EarlierAnswer,
  findAlertCard,
  findConfirmedPlace,
  findCrisisAnswer,
  findRaisingText,
  findSessionsAround,
  type KeptMessage,
  listAlertEvents,
  listEarlierAnswers,
  listKept,
  listPages,
  type PageView,
  type RaisingText,
  type SessionBefore,
} from "../db/view-alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { Answers } from "../domain/check-answers.ts";
import { type CrisisText, judgeCrisisText } from "../domain/crisis-text.ts";
import type { AlertId, PatientId } from "../domain/ids.ts";
import { openConversation, type Said } from "./open-conversation.ts";

export type Contact = { readonly name: string; readonly phone: string | null; readonly relation: string | null };

/** The text that raised an alert: the number that wrote, which may be no chart's, and what was said with it before and since. */
export type RaisedByText = {
  readonly phone: string;
  readonly words: string;
  readonly conversation: readonly Said[];
  readonly crisisText: CrisisText;
};

/** Phones as E.164, for a link that calls at a tap. Where no chart has the number (`alert.patientId` is null), `patient` says so and has that number alone. */
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
  readonly raisedBy: RaisedByText | null;
  /** Newest first; `raised`: this is the one that raised the alert. */
  readonly answers: readonly OpenedAnswer[];
  /** The survey whose answer raised the alert and that was never sent off, as it is filled in now; null where it was, and where no survey raised it. */
  readonly unsent: UnsentAnswer | null;
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

export type UnsentAnswer = {
  readonly instrument: string;
  readonly instrumentVersion: number;
  readonly answers: Answers;
  readonly draftedAt: Instant;
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
  const looked = {
    kind: patientId === null ? "alert.read" : "patient.revealed",
    clinicId,
    subjectId: patientId ?? id,
    actor,
    data: { where },
  };
  await transact(db, (tx) => appendEvents(tx, [looked]));
  const events = await listAlertEvents(db, id);
  const text = row.source === "inbound-message" ? await findRaisingText(db, row.sourceId) : undefined;
  const raisedBy = text ? await openText({ db, vault }, text, events) : null;
  const known = patientId === null ? NOTHING_KNOWN : await readKnown({ db, vault }, patientId, row);
  return {
    alert: withoutSealed(row),
    patient: patientId === null ? nobody(raisedBy) : openPatient(row, { vault, patientId }),
    ...known,
    text: raisedBy && raisedBy.words,
    raisedBy,
    pages: await listPages(db, id),
    events,
    note: row.noteSealed && vault.open(row.noteSealed, placeOfAlertNote(id)),
  };
}

type Known = Pick<AlertCard, "confirmedPlace" | "sessions" | "answers" | "unsent" | "kept">;

const NOTHING_KNOWN: Known = { confirmedPlace: null, sessions: { last: null, next: null }, answers: [], unsent: null, kept: [] };

async function readKnown({ db, vault }: { db: Database; vault: Vault }, patientId: PatientId, row: AlertCardRow): Promise<Known> {
  const place = await findConfirmedPlace(db, patientId);
  const answers = (await listEarlierAnswers(db, patientId)).map((each) => openAnswer(each, { vault, sourceId: row.sourceId }));
  const isSent = row.source !== "survey-response" || answers.some(({ raised }) => raised);
  return {
    confirmedPlace: place ? { text: vault.open(place.detailSealed, placeOfAnswer(place.id)), at: place.at } : null,
    sessions: await findSessionsAround(db, patientId, row.raisedAt),
    answers,
    unsent: isSent ? null : await findUnsent({ db, vault }, patientId, row),
    kept: await listKept(db, patientId),
  };
}

/** The survey begun that has raised this alert; where a graver answer has taken its place since, the one that has raised the same kind. */
async function findUnsent(
  { db, vault }: { db: Database; vault: Vault },
  patientId: PatientId,
  { sourceId, kind }: AlertCardRow,
): Promise<UnsentAnswer | null> {
  const begun = (await listBegun(db, patientId)).map((invitation) => ({ invitation, draft: openDraft(invitation, vault) }));
  const found =
    begun.find(({ draft }) => draft.responseId === sourceId) ??
    begun.find(({ draft }) => draft.raised.some((raised) => raised.kind === kind));
  if (!found) return null;
  const { instrument, instrumentVersion, draftedAt } = found.invitation;
  return { instrument, instrumentVersion, draftedAt, answers: found.draft.answers };
}

/** Why no crisis text was made stands in the story. */
export const NOT_ANSWERED = "alert.not-answered";

async function openText(
  store: { db: Database; vault: Vault },
  { id, fromSealed, bodySealed }: RaisingText,
  events: readonly AlertEvent[],
): Promise<RaisedByText> {
  const why = events.find(({ kind }) => kind === NOT_ANSWERED)?.data["why"];
  return {
    phone: store.vault.open(fromSealed, placeOfFrom(id)),
    words: store.vault.open(bodySealed, placeOfBody(id)),
    conversation: await openConversation(store, id),
    crisisText: judgeCrisisText(await findCrisisAnswer(store.db, id), typeof why === "string" ? why : null),
  };
}

/** Of somebody whom no chart knows there is the number that wrote, and nothing else. */
function nobody(raisedBy: RaisedByText | null): AlertCard["patient"] {
  const none = { birthDate: null, email: null, address: null, emergencyContact: null, escort: null };
  return { ...none, chart: "none", name: "A number that no chart has", phone: raisedBy?.phone ?? null };
}

function openPatient(row: AlertCardRow, { vault, patientId }: { vault: Vault; patientId: PatientId }): AlertCard["patient"] {
  const open = (sealed: Buffer | null, table: string, column: string) => sealed && vault.open(sealed, { table, column, row: patientId });
  const escortName = open(row.escortNameSealed, "escorts", "name_sealed");
  const emergency = open(row.emergencyContactSealed, "patients", "emergency_contact_sealed");
  return {
    chart: open(row.refSealed, "patients", "ref_sealed") ?? "",
    name: open(row.nameSealed, "patients", "name_sealed") ?? "",
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
