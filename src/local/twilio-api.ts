import { createServer } from "node:http";
import { createFaultScript } from "./fault-script.ts";
import { createLedger } from "./ledger.ts";
import { listenOnLoopback } from "./loopback-port.ts";
import { openReadableFolder } from "./readable-folder.ts";
import { createTwilioPoster } from "./twilio-poster.ts";
import type { TwilioFault } from "./twilio-faults.ts";
import { createTwilioOptOuts, type InboundAnswer, type InboundText, postInbound } from "./twilio-inbound.ts";
import type { TwilioMessage } from "./twilio-messages.ts";
import { createTwilioReports, type SentCallback } from "./twilio-reports.ts";
import { serveMessages } from "./twilio-requests.ts";

/**
 * The account it serves. `senders`: the account's numbers, any when left out. `dir`: a folder for one readable `.txt` file a message. `now`: the clock behind
 * every date it shows.
 */
export type TwilioApiOptions = {
  readonly accountSid: string;
  readonly authToken: string;
  readonly senders?: readonly string[];
  readonly dir?: string;
  readonly faults?: readonly TwilioFault[];
  readonly now?: () => Date;
};

/** Twilio's Messages API without the phones. */
export type LocalTwilioApi = {
  /** `http://127.0.0.1:port`, in place of `https://api.twilio.com`. */
  readonly url: string;
  /** Every message accepted, in order, whatever the sender was told. */
  messages(): readonly TwilioMessage[];
  /** The messages as soon as there are `count`; throws when that takes longer. */
  waitForMessages(count: number, limit: { withinMs: number }): Promise<readonly TwilioMessage[]>;
  /** Every status callback that was due, in the order of their answers. */
  callbacks(): readonly SentCallback[];
  /** The callbacks as soon as there are `count`; throws when that takes longer. */
  waitForCallbacks(count: number, limit: { withinMs: number }): Promise<readonly SentCallback[]>;
  /** Posts the callbacks that a `report` fault keeps until they are asked for. */
  sendHeldCallbacks(): Promise<void>;
  /** Settles when no callback is under way. */
  settle(): Promise<void>;
  /** Posts a signed text to a webhook on this machine. A text of one keyword, such as STOP, opts its sender out: later messages are refused with 21610. */
  sendInbound(text: InboundText, url: string): Promise<InboundAnswer>;
  /** From now on these faults and no others; none to be well again. */
  setFaults(faults: readonly TwilioFault[]): void;
  /** Forgets the messages and callbacks held in memory. */
  clear(): void;
  /** Breaks off every connection and settles when the files are written. */
  stop(): Promise<void>;
};

/**
 * Starts the API on a port of 127.0.0.1 that the system chose: create, list and fetch messages with Twilio's checks, errors and test numbers, signed status
 * callbacks and signed inbound texts. It calls nobody but this machine. Leaves out media, scheduling, deletion and every other resource.
 */
export async function startTwilioApi(options: TwilioApiOptions): Promise<LocalTwilioApi> {
  const { accountSid, authToken, senders, now = () => new Date() } = options;
  const script = createFaultScript(options.faults);
  const ledger = createLedger<TwilioMessage>("messages");
  const optOuts = createTwilioOptOuts();
  const poster = createTwilioPoster(authToken);
  const reports = createTwilioReports({ accountSid, poster, script, now });
  const folder = await openReadableFolder(options.dir, "txt");
  const server = createServer(serveMessages({ accountSid, authToken, senders, now, script, ledger, optOuts, reports, folder }));
  // Longer than any client keeps a connection that it does not use, so that the server is never the one to close it under a request.
  server.keepAliveTimeout = 120_000;

  return {
    url: `http://127.0.0.1:${await listenOnLoopback(server)}`,
    messages: ledger.entries,
    waitForMessages: ledger.waitFor,
    callbacks: reports.sent.entries,
    waitForCallbacks: reports.sent.waitFor,
    sendHeldCallbacks: reports.sendHeld,
    settle: reports.settle,
    async sendInbound(text, url) {
      optOuts.hear(text);
      return postInbound(poster, accountSid, { text, url });
    },
    setFaults: script.set,
    clear() {
      ledger.clear();
      reports.sent.clear();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, poster.close(), folder.flush()]);
      await reports.settle();
    },
  };
}
