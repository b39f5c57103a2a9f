import type { FaultScript } from "./fault-script.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { isLoopback, type TwilioParams, type TwilioPoster } from "./twilio-poster.ts";
import { concerns, type ReportFault, type TwilioFault } from "./twilio-faults.ts";
import type { TwilioMessage, TwilioStatus } from "./twilio-messages.ts";

/** A status callback that was due, and the HTTP status that answered it. */
export type SentCallback = {
  readonly url: string;
  readonly messageSid: string;
  readonly status: TwilioStatus;
  /** `no-answer`: nobody listened, or not in time. `other-host`: not posted, because the address leads away from this machine. */
  readonly answer: number | "no-answer" | "other-host";
};

/** What becomes of messages after they were accepted, and the news of it. */
export type TwilioReports = {
  readonly sent: Ledger<SentCallback>;
  /** Decides what becomes of a message and reports it: before `answer` is called when the script says so, else right after. */
  follow(message: TwilioMessage, answer: () => void): void;
  /** Posts what the script kept back, in order. */
  sendHeld(): Promise<void>;
  /** Settles when no callback is under way. */
  settle(): Promise<void>;
};

type Reporter = { accountSid: string; poster: TwilioPoster; script: FaultScript<TwilioFault>; now: () => Date };

const USUAL: Pick<ReportFault, "statuses" | "when" | "errorCode"> = { statuses: ["sent", "delivered"] };
const RANK: Record<TwilioStatus, number> = { accepted: 0, queued: 1, sending: 2, sent: 3, delivered: 4, undelivered: 4, failed: 4 };

/** The reports of one account; without a script every message is delivered at once. */
export function createTwilioReports({ accountSid, poster, script, now }: Reporter): TwilioReports {
  const sent = createLedger<SentCallback>("callbacks");
  const underWay = new Set<Promise<void>>();
  const held: (() => Promise<void>)[] = [];

  async function report(message: TwilioMessage, statuses: readonly TwilioStatus[]): Promise<void> {
    const url = message.statusCallback;
    if (url === undefined) return;
    for (const status of statuses) {
      const answer = isLoopback(url) ? await postStatus(poster, url, toCallback(message, { status, accountSid })) : "other-host";
      sent.add({ url, messageSid: message.sid, status, answer });
    }
  }

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  }

  return {
    sent,
    follow(message, answer) {
      const fault = script.take((fault) => fault.does === "report" && concerns(fault, message.to));
      const { statuses, when, errorCode } = fault?.does === "report" ? fault : USUAL;
      const deliver = () => settleStatus(message, { statuses, errorCode, at: now() });
      if (when === "before-answer") {
        deliver();
        void track(report(message, statuses).then(answer));
        return;
      }
      // The answer shows the message as it was accepted, and is on its way before anything is said of it.
      answer();
      deliver();
      if (when === "on-request") held.push(() => report(message, statuses));
      else if (message.statusCallback !== undefined) void track(report(message, statuses));
    },
    async sendHeld() {
      for (const send of held.splice(0)) await track(send());
    },
    async settle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function settleStatus(message: TwilioMessage, news: { statuses: readonly TwilioStatus[]; errorCode: number | undefined; at: Date }): void {
  // No callbacks means that nobody hears of it, not that it does not arrive.
  const statuses: readonly TwilioStatus[] = news.statuses.length > 0 ? news.statuses : ["delivered"];
  message.status = statuses.reduce((latest, status) => (RANK[status] > RANK[latest] ? status : latest), message.status);
  message.sentAt = news.at;
  if (message.status === "undelivered" || message.status === "failed") message.errorCode = news.errorCode ?? 30003;
}

// https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
function toCallback(message: TwilioMessage, { status, accountSid }: { status: TwilioStatus; accountSid: string }): TwilioParams {
  const isFailure = status === "undelivered" || status === "failed";
  return {
    AccountSid: accountSid,
    ApiVersion: "2010-04-01",
    From: message.from,
    MessageSid: message.sid,
    MessageStatus: status,
    SmsSid: message.sid,
    SmsStatus: status,
    To: message.to,
    ...(message.messagingServiceSid && { MessagingServiceSid: message.messagingServiceSid }),
    ...(isFailure && { ErrorCode: String(message.errorCode) }),
  };
}

async function postStatus(poster: TwilioPoster, url: string, params: TwilioParams): Promise<number | "no-answer"> {
  try {
    return (await poster.post(url, params)).status;
  } catch {
    // Twilio does not repeat a status callback either; whoever reads the ledger sees that it was lost.
    return "no-answer";
  }
}
