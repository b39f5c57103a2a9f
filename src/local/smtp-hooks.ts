import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { FaultScript } from "./fault-script.ts";
import { type SmtpFault, type SmtpPhase, strikesAt } from "./smtp-faults.ts";

/** The sender and the recipients the client named, which need not be those in the mail's headers. */
export type SmtpEnvelope = { readonly from: string; readonly to: readonly string[] };

/** Who keeps the mails, who can reset a connection, and what shall go wrong. */
export type SmtpHookDeps = {
  readonly script: FaultScript<SmtpFault>;
  readonly accept: (envelope: SmtpEnvelope, raw: Buffer) => void;
  readonly reset: (session: SMTPServerSession) => void;
};

type Callback = (error?: Error | null) => void;

/** What the server does at each phase: accept, unless the script says otherwise. */
export function createSmtpHooks({
  script,
  accept,
  reset,
}: SmtpHookDeps): Pick<SMTPServerOptions, "onAuth" | "onConnect" | "onMailFrom" | "onRcptTo" | "onData"> {
  const find = (phase: SmtpPhase, recipients?: readonly string[]) => script.take((fault) => strikesAt(fault, phase, recipients));

  // A fault that neither refuses nor drops leaves the client waiting.
  function answer(fault: SmtpFault | undefined, session: SMTPServerSession, callback: Callback): void {
    if (fault === undefined) callback();
    else if (fault.does === "refuse") callback(toRefusal(fault.code));
    else if (fault.does.startsWith("drop")) reset(session);
  }

  function receive(stream: SMTPServerDataStream, session: SMTPServerSession, callback: Callback): void {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    // A client that goes away in the middle of a mail has sent none: then the stream does not end.
    stream.on("end", () => {
      const envelope = toEnvelope(session);
      const fault = find("dot", envelope.to);
      if (fault === undefined || fault.does.endsWith("after-accepting")) accept(envelope, Buffer.concat(chunks));
      answer(fault, session, callback);
    });
  }

  return {
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? "anyone" }),
    onConnect: (session, callback) => answer(find("connect"), session, callback),
    onMailFrom: (_sender, session, callback) => answer(find("mail"), session, callback),
    onRcptTo: ({ address }, session, callback) => answer(find("rcpt", [address]), session, callback),
    onData: receive,
  };
}

function toEnvelope({ envelope }: SMTPServerSession): SmtpEnvelope {
  return { from: envelope.mailFrom ? envelope.mailFrom.address : "", to: envelope.rcptTo.map(({ address }) => address) };
}

function toRefusal(responseCode: number): Error {
  return Object.assign(new Error(responseCode < 500 ? "Not now, try again later" : "Not accepted here"), { responseCode });
}
