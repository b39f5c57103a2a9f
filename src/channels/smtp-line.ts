import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { SmtpRelay } from "./smtp-relay.ts";

/** How far a dialogue has come. Only in `data`, from the first byte of the mail on, may the relay have taken it: the final dot follows at once. */
export type SmtpPhase = "connect" | "auth" | "envelope" | "data";

/** Why a dialogue broke off. `answered` is the command that `reply` refuses; `error` is nodemailer's or the system's code. */
export type SmtpFailure = { readonly phase: SmtpPhase; readonly error: string; readonly answered: string; readonly reply: string | null };

export type Letter = { readonly from: string; readonly to: string; readonly bytes: Buffer };

/** Milliseconds: for the connection with its TLS handshake, for the greeting, and for each reply after it. */
export type SmtpTimeouts = { readonly connectMs: number; readonly greetingMs: number; readonly replyMs: number };

export type SmtpLineSettings = {
  readonly relay: SmtpRelay;
  readonly timeouts: SmtpTimeouts;
  readonly heloName: string;
  /** A private authority's certificate (PEM), trusted instead of the public ones. */
  readonly ca?: string;
};

/** One connection to the relay. One thing at a time is asked of it; a failure ends it. */
export type SmtpLine = {
  isOpen(): boolean;
  /** Letters delivered so far. */
  delivered(): number;
  /** Connects, secures and logs in; undefined when all went well. */
  open(): Promise<SmtpFailure | undefined>;
  /** Hands one letter to its one recipient and returns the relay's own id for it, null if it names none. */
  deliver(letter: Letter): Promise<SmtpFailure | { readonly relayId: string | null }>;
  /** Breaks the connection; what was under way fails at its phase with this code. */
  abort(code: string): void;
  /** Says goodbye and closes; never fails, and waits no longer than a second. */
  hangUp(): Promise<void>;
};

const GOODBYE_MS = 1_000;

/** A line that is not open yet. Drives nodemailer's connection itself, because its transports report the same error before and after the final dot. */
export function createSmtpLine(settings: SmtpLineSettings): SmtpLine {
  const { credentials, privacy } = settings.relay;
  const connection = new SMTPConnection(toConnectionOptions(settings));
  let phase: SmtpPhase = "connect";
  let open = false;
  let delivered = 0;
  let settle: ((failure: SmtpFailure) => void) | undefined;

  function fail(failure: SmtpFailure): void {
    open = false;
    settle?.(failure);
    settle = undefined;
    connection.close();
  }
  const failWith = (error: SMTPConnection.SMTPError) => fail(toFailure(error, phase));

  connection.on("error", failWith);
  // Reported a tick later: on a 421 nodemailer closes first and names the refused command after it.
  connection.on("end", () => queueMicrotask(() => fail({ phase, error: "ECLOSED", answered: "", reply: null })));

  function logIn(done: () => void): void {
    if (privacy !== "none" && !connection.secure) return fail({ phase, error: "ETLS", answered: "", reply: null });
    if (!credentials || !connection.allowsAuth) return done();
    phase = "auth";
    connection.login({ ...credentials }, (error) => (error ? failWith(error) : done()));
  }

  return {
    isOpen: () => open,
    delivered: () => delivered,

    open: () =>
      new Promise((resolve) => {
        settle = resolve;
        connection.connect((error) => {
          if (error) return failWith(error);
          logIn(() => {
            open = true;
            settle = undefined;
            resolve(undefined);
          });
        });
      }),

    deliver: ({ from, to, bytes }) =>
      new Promise((resolve) => {
        settle = resolve;
        phase = "envelope";
        const body = new Readable({
          read() {
            phase = "data";
            this.push(bytes);
            this.push(null);
          },
        });
        connection.send({ from, to: [to], size: bytes.length }, body, (error, info) => {
          if (error) return failWith(error);
          if (info?.accepted.length !== 1 || info.accepted[0] !== to)
            return fail({ phase, error: "ERECIPIENT", answered: "", reply: null });
          delivered += 1;
          settle = undefined;
          resolve({ relayId: info.serverMessageId ?? null });
        });
      }),

    abort: (error) => fail({ phase, error, answered: "", reply: null }),

    hangUp: () =>
      new Promise((resolve) => {
        if (!open) return resolve();
        open = false;
        const leave = () => {
          clearTimeout(patience);
          connection.close();
          resolve();
        };
        const patience = setTimeout(leave, GOODBYE_MS);
        connection.once("end", leave);
        connection.quit();
      }),
  };
}

function toConnectionOptions({ relay, timeouts, heloName, ca }: SmtpLineSettings): SMTPConnection.Options {
  return {
    host: relay.host,
    port: relay.port,
    secure: relay.privacy === "tls",
    requireTLS: relay.privacy === "starttls",
    ignoreTLS: relay.privacy === "none",
    tls: { minVersion: "TLSv1.2", rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    name: heloName,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.replyMs,
    dnsTimeout: timeouts.connectMs,
    // A closed line must not go on writing a mail whose outcome has been decided.
    socketCloseTimeout: 0,
  };
}

function toFailure(error: SMTPConnection.SMTPError, phase: SmtpPhase): SmtpFailure {
  const code = error.originalCode ?? error.timeoutType ?? error.code ?? "EUNKNOWN";
  return { phase, error: code, answered: error.command ?? "", reply: error.response || null };
}
