import type { Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { createFaultScript } from "./fault-script.ts";
import { createLedger } from "./ledger.ts";
import type { LoopbackCertificate } from "./loopback-certificate.ts";
import { openReadableFolder } from "./readable-folder.ts";
import { listenOnLoopback } from "./loopback-port.ts";
import { type SmtpFault, scriptReplies } from "./smtp-faults.ts";
import { createSmtpHooks, type SmtpEnvelope } from "./smtp-hooks.ts";

/** One mail as it was accepted: its envelope, and its bytes as sent. */
export type AcceptedMail = {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly raw: Buffer;
  readonly receivedAt: Date;
};

/**
 * `dir`: a folder for one readable `.eml` file a mail. `starttls`: offer STARTTLS with this certificate; left out, the server is plain text alone. `now`: the
 * clock behind `receivedAt`.
 */
export type SmtpServerOptions = {
  readonly dir?: string;
  readonly faults?: readonly SmtpFault[];
  readonly starttls?: LoopbackCertificate;
  readonly now?: () => Date;
};

/** A mail server that keeps what it is given and passes nothing on. */
export type LocalSmtpServer = {
  /** `smtp://127.0.0.1:port` */
  readonly url: string;
  /** Every mail accepted, in order. */
  mails(): readonly AcceptedMail[];
  /** The mails as soon as there are `count`; throws when that takes longer. */
  waitForMails(count: number, limit: { withinMs: number }): Promise<readonly AcceptedMail[]>;
  /** From now on these faults and no others; none to be well again. */
  setFaults(faults: readonly SmtpFault[]): void;
  /** Forgets the mails held in memory. */
  clear(): void;
  /** Ends every connection and settles when the files are written. */
  stop(): Promise<void>;
};

/**
 * Starts an SMTP server on a port of 127.0.0.1 that the system chose. It accepts every sender, recipient, user and password, and never looks into a mail: a
 * thousand mails a second and more on one core.
 */
export async function startSmtpServer({ dir, faults, starttls, now = () => new Date() }: SmtpServerOptions = {}): Promise<LocalSmtpServer> {
  const script = createFaultScript(faults);
  const ledger = createLedger<AcceptedMail>("mails");
  const folder = await openReadableFolder(dir, "eml");
  // By the client's port, which is all that a session of smtp-server tells of its connection.
  const sockets = new Map<number, Socket>();

  function accept(envelope: SmtpEnvelope, raw: Buffer): void {
    ledger.add({ envelope, raw, receivedAt: now() });
    folder.write(envelope.to[0] ?? "nobody", raw);
  }

  const server = new SMTPServer({
    ...(starttls ?? { disabledCommands: ["STARTTLS"] }),
    ...createSmtpHooks({ script, accept, reset: ({ remotePort }) => sockets.get(remotePort)?.resetAndDestroy() }),
    name: "localhost",
    logger: false,
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    maxAllowedUnauthenticatedCommands: false,
  });
  // A connection that breaks is the client's affair; without a listener it would end this process.
  server.on("error", () => undefined);
  server.server.on("connection", (socket) => {
    const port = Number(socket.remotePort);
    sockets.set(port, socket);
    socket.once("close", () => sockets.delete(port));
    scriptReplies(socket, script);
  });

  return {
    url: `smtp://127.0.0.1:${await listenOnLoopback(server.server)}`,
    mails: ledger.entries,
    waitForMails: ledger.waitFor,
    setFaults: script.set,
    clear: ledger.clear,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
      await folder.flush();
    },
  };
}
