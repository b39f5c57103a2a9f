/** The saved phrases as a patient would read them, and in the other language for whoever does not read theirs. Reads only. */
import type { Database } from "../db/database.ts";
import { findMessageRecipient, type MessageRecipient } from "../db/message-recipients.ts";
import type { Vault } from "../db/vault.ts";
import { LOCALES } from "../domain/clinic.ts";
import type { PatientId } from "../domain/ids.ts";
import { listPhrases, type StaffMessage, writeStaffMessage } from "./write-staff-message.ts";

export type OfferedPhrase = {
  readonly phrase: string;
  /** In the patient's language, as it arrives. */
  readonly message: StaffMessage;
  /** The same in the other languages. */
  readonly others: readonly { readonly locale: string; readonly words: string }[];
};

export type Offer = {
  readonly recipient: MessageRecipient;
  /** Null: neither texts nor mails reach them. */
  readonly channel: "sms" | "email" | null;
  readonly phrases: readonly OfferedPhrase[];
};

/** Undefined for somebody who never had a series. */
export async function offerPhrases(deps: { readonly db: Database; readonly vault: Vault }, id: PatientId): Promise<Offer | undefined> {
  const recipient = await findMessageRecipient(deps.db, id);
  if (!recipient) return undefined;
  const channel = recipient.sms === "reachable" ? "sms" : recipient.email === "reachable" ? "email" : null;
  if (channel === null) return { recipient, channel, phrases: [] };
  const names = await listPhrases(deps.db, recipient);
  const phrases = await Promise.all(names.map((phrase) => offer(deps, recipient, { phrase, channel })));
  return { recipient, channel, phrases: phrases.flatMap((each) => each ?? []) };
}

/** Undefined where the clinic's wording cannot be written for this patient. */
async function offer(
  deps: { readonly db: Database; readonly vault: Vault },
  recipient: MessageRecipient,
  { phrase, channel }: { phrase: string; channel: "sms" | "email" },
): Promise<OfferedPhrase | undefined> {
  const write = (locale: string) => writeStaffMessage(deps, { ...recipient, locale }, { wish: { phrase }, channel });
  const own = await write(recipient.locale);
  if (own.kind === "refused") return undefined;
  const others = await Promise.all(
    LOCALES.filter((locale) => locale !== recipient.locale).map(async (locale) => ({ locale, written: await write(locale) })),
  );
  return {
    phrase,
    message: own.message,
    others: others.flatMap(({ locale, written }) => (written.kind === "written" ? [{ locale, words: written.message.words }] : [])),
  };
}
