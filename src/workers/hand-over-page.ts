/** One page to one person: by text, and by mail as soon as the text is refused, fails or is not answered within two seconds. */
import type { Channel, EmailContent, SendOutcome, SmsContent } from "../channels/channel.ts";
import { newId } from "../clock.ts";
import type { PageEnd } from "../db/alert-pages.ts";
import type { ClinicId, PageId } from "../domain/ids.ts";
import type { RosterEntry } from "../domain/safety-settings.ts";
import type { Log } from "../log.ts";
import type { WrittenPage } from "../messages/write-page.ts";
import { within } from "./within.ts";

export type HandOverDeps = {
  readonly sms: Pick<Channel<SmsContent>, "send">;
  readonly email: Pick<Channel<EmailContent>, "send">;
  readonly log: Log;
};

type Sender = { readonly name: string; readonly address: string };

export type PageAttempt = { readonly person: RosterEntry; readonly channel: "sms" | "email" };

/** Where attempts are written down: before the call, so that one whose process dies is known, and when it has ended. */
export type PageBook = {
  readonly begin: (id: PageId, attempt: PageAttempt) => Promise<void>;
  readonly end: (end: PageEnd, attempt: PageAttempt) => Promise<void>;
};

export type PageOrder = {
  readonly book: PageBook;
  readonly clinic: { readonly id: ClinicId; readonly sms: Sender; readonly email: Sender };
  readonly page: WrittenPage;
};

/** How long a text may owe its answer before the mail goes too: two pages are better than a late one. */
const SECOND_CHANNEL_AFTER_MS = 2_000;
/** A page is of use for as long as nobody has acknowledged; carriers need a number. */
const VALID_SECONDS = 4 * 3_600;

/** Whether a provider has taken it, on whichever channel. Never rejects for what a provider does. */
export async function handOverPage(deps: HandOverDeps, person: RosterEntry, order: PageOrder): Promise<boolean> {
  const { phone, email } = person;
  const text = phone === null ? undefined : attempt(deps, { person, channel: "sms", to: phone }, order);
  // Its end is heard below in any case; a failure before that must not pass for one that nobody has thought of.
  text?.catch(() => undefined);
  if (text && (await within(SECOND_CHANNEL_AFTER_MS, text)) === true) return true;
  const mail = email === null ? undefined : attempt(deps, { person, channel: "email", to: email }, order);
  mail?.catch(() => undefined);
  return firstTrue([text, mail].filter((each) => each !== undefined));
}

/** True as soon as one is; false once all have ended otherwise. */
async function firstTrue(attempts: readonly Promise<boolean>[]): Promise<boolean> {
  const taken = attempts.map(async (each) => {
    if (!(await each)) throw new NotTaken();
    return true;
  });
  return Promise.any(taken).catch((error: unknown) => {
    const failures: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    const broken = failures.find((each) => !(each instanceof NotTaken));
    if (broken !== undefined) throw broken;
    return false;
  });
}

class NotTaken extends Error {}

type Address = PageAttempt & { readonly to: string };

async function attempt(deps: HandOverDeps, { person, channel, to }: Address, { book, clinic, page }: PageOrder): Promise<boolean> {
  // To a provider a page is touchpoint and delivery in one, so it has one id of every kind.
  const id = newId<never>();
  await book.begin(id, { person, channel });
  const envelope = { touchpointId: id, deliveryId: id, from: clinic[channel], to, validSeconds: VALID_SECONDS };
  const outcome =
    channel === "sms"
      ? await deps.sms.send(envelope, { body: page.sms })
      : await deps.email.send(envelope, { subject: page.subject, text: page.text, html: page.html, calendar: null });
  const end: PageEnd = { id, ...toEnd(outcome) };
  if (end.outcome !== "sent")
    deps.log.warn("page.not-taken", { clinicId: clinic.id, kind: `${channel}-${end.outcome}`, code: end.code ?? "" });
  await book.end(end, { person, channel });
  return end.outcome === "sent";
}

function toEnd(outcome: SendOutcome): Omit<PageEnd, "id"> {
  if (outcome.kind === "sent") return { outcome: "sent", providerMessageId: outcome.providerMessageId, code: null };
  return { outcome: outcome.kind === "throttled" ? "not-sent" : outcome.kind, providerMessageId: null, code: outcome.code };
}
