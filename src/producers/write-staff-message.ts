/** What staff want to say, as the patient will read it: written by the same templates and held to the same words as every message. Pure but for reading the wording. */
import { readApprovedTemplates } from "../db/approvals.ts";
import { readLocale, readStaffedHours, readZone } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import type { MessageRecipient } from "../db/message-recipients.ts";
import { STAFF_MESSAGE } from "../db/staff-messages.ts";
import { readReleases } from "../db/template-releases.ts";
import type { Vault } from "../db/vault.ts";
import type { Fault } from "../domain/fault.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { findForbiddenWords, findTaughtKeywords } from "../messages/forbidden-words.ts";
import { overlayReleases } from "../messages/overlay-releases.ts";
import { renderEmail, renderSms } from "../messages/render-message.ts";
import { selectTemplates } from "../messages/template-sources.ts";

/** A saved phrase by its name, or words of their own. */
export type Wish = { readonly phrase: string } | { readonly text: string };

export type StaffMessage = {
  /** What stands in the message, as it is kept. */
  readonly words: string;
  /** As it arrives. */
  readonly subject: string | null;
  readonly text: string;
  /** Of a text to a telephone. */
  readonly segments: number | null;
};

export type WrittenMessage =
  | { readonly kind: "written"; readonly message: StaffMessage }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] };

const MOST_SMS = 300;
const MOST_EMAIL = 2_000;
const PHRASE = "phrase-";

type Writing = { readonly wish: Wish; readonly channel: "email" | "sms" };

export async function writeStaffMessage(
  deps: { readonly db: Database; readonly vault: Vault },
  recipient: MessageRecipient,
  { wish, channel }: Writing,
): Promise<WrittenMessage> {
  const sources = await readWording(deps.db, recipient);
  const phrases = phrasesOf(sources);
  if ("phrase" in wish && !phrases.includes(wish.phrase))
    return refused(
      "phrase",
      wish.phrase,
      phrases.length > 0 ? `one of ${phrases.toSorted().join(", ")}` : "a clinic whose approval has saved phrases",
    );
  if (!sources[STAFF_MESSAGE])
    return refused("clinic", undefined, "an approval with the wording of staff's messages: approve the protocol again");
  const templates = await compileTemplates(selectTemplates(sources, [STAFF_MESSAGE, ...("phrase" in wish ? [PHRASE + wish.phrase] : [])]));
  const words = "text" in wish ? wish.text : sayPhrase(templates, factsOf(recipient, deps.vault, PHRASE + wish.phrase), recipient);
  const faults = findFaults(words, { channel, detailAccepted: recipient.detailAccepted });
  if (faults.length > 0) return { kind: "refused", faults };
  return {
    kind: "written",
    message: { words, ...render(templates, { ...factsOf(recipient, deps.vault, STAFF_MESSAGE), message: words }, { channel, recipient }) },
  };
}

/** The names of the saved phrases that the clinic of this patient has, in order. */
export async function listPhrases(db: Database, recipient: MessageRecipient): Promise<string[]> {
  return phrasesOf(await readWording(db, recipient)).toSorted();
}

function phrasesOf(sources: object): string[] {
  return Object.keys(sources).flatMap((stem) => (stem.startsWith(PHRASE) ? [stem.slice(PHRASE.length)] : []));
}

function refused(path: string, value: string | undefined, expected: string): WrittenMessage {
  return { kind: "refused", faults: [{ path, expected, ...(value === undefined ? {} : { value }) }] };
}

async function readWording(db: Database, { approvalId, clinicId }: MessageRecipient) {
  const released = (await readReleases(db, [clinicId])).get(clinicId)?.sources ?? {};
  return overlayReleases(await readApprovedTemplates(db, approvalId), released);
}

/** A phrase begins with the clinic's name, as every text; in a message of staff that stands there already. */
function sayPhrase(templates: Templates, facts: MessageFacts, { clinicName, now }: MessageRecipient): string {
  return renderSms(templates, facts, { now }).body.replace(`${clinicName}: `, "");
}

function render(
  templates: Templates,
  facts: MessageFacts,
  { channel, recipient: { now } }: { channel: "email" | "sms"; recipient: MessageRecipient },
): Omit<StaffMessage, "words"> {
  if (channel === "sms") {
    const { body, segments } = renderSms(templates, facts, { now });
    return { subject: null, text: body, segments };
  }
  const { subject, text } = renderEmail(templates, facts, { now });
  return { subject, text, segments: null };
}

function findFaults(words: string, { channel, detailAccepted }: { channel: "email" | "sms"; detailAccepted: boolean }): Fault[] {
  const most = channel === "sms" ? MOST_SMS : MOST_EMAIL;
  const forbidden = channel === "sms" ? findForbiddenWords(words, "outside") : detailAccepted ? [] : findForbiddenWords(words, "body");
  return [
    ...(words.length > most ? [{ path: "text", expected: `at most ${most} characters (it has ${words.length})` }] : []),
    ...forbidden.map((value) => ({
      path: "text",
      value,
      expected: "neutral words: whoever sees the screen must not learn what is treated",
    })),
    ...findTaughtKeywords(words).map((value) => ({
      path: "text",
      value,
      expected: "an answer that carriers do not take for an opt-out or opt-in",
    })),
  ];
}

function factsOf(recipient: MessageRecipient, vault: Vault, template: string): MessageFacts {
  const { patientId, nameSealed, locale, zone, detailAccepted, clinicName, clinicPhone, clinicZone, staffedHours } = recipient;
  const name = vault.open(nameSealed, { table: "patients", column: "name_sealed", row: patientId });
  return {
    template,
    locale: readLocale(locale),
    clinic: { name: clinicName, phone: clinicPhone, zone: readZone(clinicZone), staffedHours: readStaffedHours(staffedHours) },
    recipient: { kind: "patient", name, zone: readZone(zone) },
    patient: { name, ref: "", phone: null, detailAccepted },
    instructions: NO_INSTRUCTIONS,
    session: null,
    sessions: [],
    link: "(their personal link)",
  };
}

const NOTHING = { sign: 1, days: 0, minutes: 0 } as const;
/** Neither template speaks of a visit. */
const NO_INSTRUCTIONS: MessageFacts["instructions"] = { observation: NOTHING, restriction: NOTHING, companion: "driver", source: "staff" };
