/** What a request to create a message says. */
export type MessageForm = {
  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly messagingServiceSid: string | undefined;
  readonly body: string | undefined;
  readonly statusCallback: string | undefined;
  readonly validityPeriod: string | undefined;
};

/** Reads the form of a request to create a message. */
export function parseMessageForm(text: string): MessageForm {
  const form = new URLSearchParams(text);
  const read = (name: string) => form.get(name) || undefined;
  return {
    to: read("To"),
    from: read("From"),
    messagingServiceSid: read("MessagingServiceSid"),
    body: read("Body"),
    statusCallback: read("StatusCallback"),
    validityPeriod: read("ValidityPeriod"),
  };
}

// Numbers that always fail, for tests. https://www.twilio.com/docs/iam/test-credentials#test-sms-messages
const MAGIC_TO = new Map([
  ["+15005550001", 21211],
  ["+15005550002", 21612],
  ["+15005550003", 21408],
  ["+15005550004", 21610],
  ["+15005550009", 21614],
]);
const MAGIC_FROM = new Map([
  ["+15005550001", 21212],
  ["+15005550007", 21606],
  ["+15005550008", 21611],
]);

const E164 = /^\+[1-9]\d{6,14}$/;
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z][A-Za-z0-9 ]{0,10})$/;
const SERVICE = /^MG[0-9a-f]{32}$/;

/** The code of what is wrong with a form, or undefined when a message can be made of it. `senders`: the numbers of the account, any when left out. */
export function findFormFault(form: MessageForm, senders: readonly string[] | undefined): number | undefined {
  return findRecipientFault(form) ?? findSenderFault(form, senders) ?? findContentFault(form);
}

function findRecipientFault({ to }: MessageForm): number | undefined {
  if (to === undefined) return 21604;
  return MAGIC_TO.get(to) ?? (E164.test(to) ? undefined : 21211);
}

function findSenderFault({ from, messagingServiceSid }: MessageForm, senders: readonly string[] | undefined): number | undefined {
  if (messagingServiceSid !== undefined) return SERVICE.test(messagingServiceSid) ? undefined : 21701;
  if (from === undefined) return 21603;
  const magic = MAGIC_FROM.get(from);
  if (magic !== undefined) return magic;
  if (!SENDER.test(from)) return 21212;
  return senders === undefined || senders.includes(from) ? undefined : 21606;
}

function findContentFault({ body, statusCallback, validityPeriod }: MessageForm): number | undefined {
  if (body === undefined) return 21602;
  if (body.length > 1600) return 21617;
  if (statusCallback !== undefined && !/^https?:\/\/[^/]/.test(statusCallback)) return 21609;
  if (validityPeriod === undefined) return undefined;
  return /^\d+$/.test(validityPeriod) && Number(validityPeriod) >= 1 && Number(validityPeriod) <= 36_000 ? undefined : 90007;
}
