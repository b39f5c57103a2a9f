/** What stands on the phones and in the mailboxes of the demo, with the clinic time at which it came. */
import type { Instant } from "../domain/calendar.ts";
import type { DemoPerson } from "./demo-people.ts";
import { readMail, type ReadMail, type Taken, type TakenMail } from "./demo-post.ts";

export type InboxText = {
  readonly number: number;
  readonly at: Instant;
  readonly phone: string;
  readonly isMine: boolean;
  readonly body: string;
};
export type InboxMail = { readonly number: number; readonly at: Instant; readonly subject: string; readonly isRead: boolean };

export type DemoInbox = {
  /** Takes in what came since the last call, as of this moment of clinic time. */
  collect(now: Instant): void;
  /** Remembers a text that somebody of the demo wrote. */
  write(text: { readonly at: Instant; readonly phone: string; readonly body: string }): void;
  /** How much came for somebody. */
  count(person: DemoPerson): number;
  texts(person: DemoPerson): readonly InboxText[];
  mails(person: DemoPerson): Promise<readonly InboxMail[]>;
  /** A mail by its number; from now on it counts as read. */
  open(number: number): Promise<ReadMail | undefined>;
};

type KeptMail = {
  readonly number: number;
  readonly at: Instant;
  readonly to: string;
  readonly raw: Buffer;
  read?: ReadMail;
  isRead: boolean;
};

export function openInbox({ mails, texts }: Taken): DemoInbox {
  const phone: InboxText[] = [];
  const post: KeptMail[] = [];
  const seen = { mails: 0, texts: 0 };
  const toKept = ({ raw, envelope }: TakenMail, at: Instant): KeptMail => ({
    number: post.length + 1,
    at,
    to: envelope.to[0] ?? "",
    raw,
    isRead: false,
  });
  const readKept = async (mail: KeptMail) => (mail.read ??= (await readMail(mail.raw)).mail);
  return {
    collect: (now) => {
      const freshTexts = (texts?.() ?? []).slice(seen.texts);
      seen.texts += freshTexts.length;
      for (const { to, body } of freshTexts) phone.push({ number: phone.length + 1, at: now, phone: to, isMine: false, body });
      const freshMails = (mails?.() ?? []).slice(seen.mails);
      seen.mails += freshMails.length;
      for (const mail of freshMails) post.push(toKept(mail, now));
    },
    write: ({ at, phone: from, body }) => void phone.push({ number: phone.length + 1, at, phone: from, isMine: true, body }),
    count: ({ phones, addresses }) =>
      phone.filter((each) => !each.isMine && phones.includes(each.phone)).length + post.filter(({ to }) => addresses.includes(to)).length,
    texts: ({ phones }) => phone.filter((each) => phones.includes(each.phone)),
    mails: async ({ addresses }) => {
      const own = post.filter(({ to }) => addresses.includes(to));
      return Promise.all(
        own.map(async (mail) => ({ number: mail.number, at: mail.at, subject: (await readKept(mail)).subject, isRead: mail.isRead })),
      );
    },
    open: async (number) => {
      const mail = post.find((each) => each.number === number);
      if (!mail) return undefined;
      mail.isRead = true;
      return readKept(mail);
    },
  };
}
