/** What the local mail server and the local Twilio API took, found again by the touchpoint it was sent for. */
import { simpleParser } from "mailparser";
import type { TouchpointId } from "../domain/ids.ts";
import type { MailFile } from "./demo-happening.ts";

export type TakenMail = { readonly raw: Buffer; readonly envelope: { readonly to: readonly string[] } };
export type TakenText = { readonly sid: string; readonly to: string; readonly body: string };
/** Either is undefined where something real stands in its place. */
export type Taken = { readonly mails: (() => readonly TakenMail[]) | undefined; readonly texts: (() => readonly TakenText[]) | undefined };

export type ReadMail = MailFile & { readonly subject: string };

export type Post = {
  /** Reads what came in since the last call. */
  collect(): Promise<void>;
  /** A touchpoint's newest mail. */
  findMail(id: TouchpointId): ReadMail | undefined;
  findText(sid: string | null): string | undefined;
};

export function openPost({ mails, texts }: Taken): Post {
  const byTouchpoint = new Map<string, ReadMail>();
  const bySid = new Map<string, string>();
  let read = 0;
  return {
    collect: async () => {
      const fresh = (mails?.() ?? []).slice(read);
      read += fresh.length;
      for (const { raw } of fresh) {
        const { id, mail } = await readMail(raw);
        byTouchpoint.set(id, mail);
      }
      for (const { sid, body } of (texts?.() ?? []).slice(bySid.size)) bySid.set(sid, body);
    },
    findMail: (id) => byTouchpoint.get(id),
    findText: (sid) => bySid.get(sid ?? ""),
  };
}

/** The Message-ID is `<tp-ID@domain>`, the same on every attempt. */
const MESSAGE_ID = /^<tp-([0-9a-f-]{36})@/;

/** What a mail program would show, and the touchpoint it was sent for. */
export async function readMail(raw: Buffer): Promise<{ id: string; mail: ReadMail }> {
  const { messageId = "", subject = "", html, text = "" } = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
  return { id: MESSAGE_ID.exec(messageId)?.[1] ?? messageId, mail: { kind: "mail", raw, subject, html: html || "", text } };
}
