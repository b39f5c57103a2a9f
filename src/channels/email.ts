import { machineNow } from "../clock.ts";
import { type BuiltMail, buildMime } from "./build-mime.ts";
import type { Channel, EmailContent, Envelope, SendOutcome } from "./channel.ts";
import { classifySmtp } from "./classify-smtp.ts";
import { createSmtpLine, type Letter, type SmtpFailure, type SmtpLine, type SmtpTimeouts } from "./smtp-line.ts";
import { createSmtpPool } from "./smtp-pool.ts";
import { parseSmtpUrl } from "./smtp-relay.ts";

/** One dialogue that did not end in an acceptance, for the log: codes and ids, nothing about a person. */
export type EmailFailure = {
  readonly deliveryId: Envelope["deliveryId"];
  readonly phase: SmtpFailure["phase"];
  readonly outcome: SendOutcome;
};

export type EmailChannelOptions = {
  /** `smtp://` or `smtps://` with credentials; see {@link parseSmtpUrl}. */
  readonly url: string;
  readonly connections: number;
  /** The domain of Message-IDs: ours, and the one the sender's address belongs to. */
  readonly messageIdDomain: string;
  /** What the relay is greeted with; the Message-ID domain when left out. */
  readonly heloName?: string;
  /** `dialogueMs` bounds one send from first to last, however busily the relay drips, and with it a worker's clean stop. */
  readonly timeouts?: Partial<SmtpTimeouts & { readonly dialogueMs: number; readonly idleMs: number }>;
  readonly lettersPerConnection?: number;
  /** A private authority's certificate (PEM), for a relay of one's own. */
  readonly ca?: string;
  readonly onFailureLog?: (failure: EmailFailure) => void;
  /** Milliseconds since 1970, for the Date header. */
  readonly now?: () => number;
};

const TIMEOUTS = { connectMs: 10_000, greetingMs: 10_000, replyMs: 15_000, dialogueMs: 20_000, idleMs: 20_000 };
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i;

/**
 * Email over pooled SMTP. Every mail is one dialogue with one recipient and carries `<tp-touchpoint@domain>`, the same on every attempt. A mail whose headers
 * or address cannot be written safely is refused before anything is sent. Throws only for options that cannot work.
 */
export function createEmailChannel(options: EmailChannelOptions): Channel<EmailContent> {
  const { url, connections, messageIdDomain, heloName = messageIdDomain, ca, onFailureLog, now = machineNow } = options;
  if (!DOMAIN.test(messageIdDomain)) throw new Error("The Message-ID domain must be a domain name.");
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const settings = { relay: parseSmtpUrl(url), timeouts, heloName, ...(ca === undefined ? {} : { ca }) };
  const pool = createSmtpPool(() => createSmtpLine(settings), {
    size: connections,
    lettersPerLine: options.lettersPerConnection ?? 100,
    idleMs: timeouts.idleMs,
  });

  async function send(envelope: Envelope, content: EmailContent): Promise<SendOutcome> {
    const { from, to, touchpointId } = envelope;
    const messageId = `<tp-${touchpointId}@${messageIdDomain}>`;
    const build = () => buildMime({ from, to, messageId, writtenAt: now(), ...content });
    const end = await withinDeadline(timeouts.dialogueMs, (signal) => handOver({ from: from.address, to, build }, signal));
    if ("kind" in end) return end;
    if ("relayId" in end) return { kind: "sent", providerMessageId: end.relayId ?? messageId };
    const outcome = classifySmtp(end);
    onFailureLog?.({ deliveryId: envelope.deliveryId, phase: end.phase, outcome });
    return outcome;
  }

  /** The mail is put together when it has a line: of hundreds that wait for one nothing is held but what they are written from. */
  async function handOver(
    { build, ...letter }: Unbuilt,
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<SmtpLine["deliver"]>> | SendOutcome> {
    const line = await pool.take(signal);
    if (!line) return { phase: "connect", error: signal.aborted ? "EDEADLINE" : "ECLOSED", answered: "", reply: null };
    const abort = () => line.abort("EDEADLINE");
    signal.addEventListener("abort", abort);
    try {
      const mail = buildOr(build);
      if ("kind" in mail) return mail;
      const failure = line.isOpen() ? undefined : await line.open();
      return failure ?? (await line.deliver({ ...letter, bytes: mail.bytes }));
    } finally {
      signal.removeEventListener("abort", abort);
      pool.giveBack(line);
    }
  }

  return { name: "email", freeConnections: pool.free, send, close: pool.close };
}

type Unbuilt = Omit<Letter, "bytes"> & { readonly build: () => BuiltMail };

/** The mail's bytes, or what is said of one that cannot be put together; nothing was sent. */
function buildOr(build: () => BuiltMail): { readonly bytes: Buffer } | SendOutcome {
  try {
    const mail = build();
    return "fault" in mail ? refuseFault(mail.fault) : mail;
  } catch {
    return { kind: "not-sent", code: "unwritten" };
  }
}

async function withinDeadline<Result>(limitMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function refuseFault(fault: Extract<BuiltMail, { fault: unknown }>["fault"]): SendOutcome {
  const reason = {
    from: "sender-refused",
    to: "bad-address",
    subject: "content-refused",
    "message-id": "sender-refused",
    unsubscribe: "sender-refused",
  } as const;
  return { kind: "refused", reason: reason[fault], code: `malformed-${fault}` };
}
