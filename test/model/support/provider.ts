/**
 * The providers, and the processes that call them. The stand-ins answer; here is decided how a call goes wrong, and when a process dies or sleeps over one. Calls
 * of a process come one at a time, so that a run is the same each time.
 */
import type { Channel, EmailContent, Envelope, SendOutcome, SmsContent } from "../../../src/channels/channel.ts";
import type { SmtpFault } from "../../../src/local/smtp-faults.ts";
import type { TwilioFault } from "../../../src/local/twilio-faults.ts";
import type { World } from "../../support/world.ts";
import type { Call } from "./model.ts";

export const FAULTS = [
  "not-sent",
  "throttled",
  "lost",
  "lost-accepted",
  "bad-address",
  "opted-out",
  "reported-early",
  "dies-before",
  "dies-after",
  "sleeps-after",
  "throttled-asleep",
] as const;
export type Fault = (typeof FAULTS)[number];

/** A process: `gone` settles when it does not answer any more, and `wake` lets a sleeping one go on. */
export type Process = {
  readonly gone: Promise<"dead" | "asleep">;
  state: "well" | "dead" | "asleep";
  wake(): void;
  /** What answers said of addresses; known to nobody but this process until it has stored them. */
  readonly refused: Refusal[];
  readonly email: Pick<Channel<EmailContent>, "name" | "send">;
  readonly sms: Pick<Channel<SmsContent>, "name" | "send">;
};

export type Refusal = { readonly call: Call; readonly why: "bad-address" | "opted-out" };

export type Hearing = {
  /** Before the provider is called. */
  readonly onCall: (call: Call) => Promise<void>;
  /** The provider has the text and says so before it answers. */
  readonly onEarlyReport: (call: Call) => Promise<void>;
};

const NO_REPORTS: TwilioFault = { does: "report", statuses: [] };
const TEXT_FAULTS: { readonly [Each in Fault]?: TwilioFault } = {
  "not-sent": { does: "throttle", retryAfterSeconds: 30 },
  throttled: { does: "throttle", retryAfterSeconds: 300 },
  "throttled-asleep": { does: "throttle", retryAfterSeconds: 30 },
  lost: { does: "drop", when: "before-accepting" },
  "lost-accepted": { does: "drop", when: "after-accepting" },
  "bad-address": { does: "refuse", code: 21_614 },
  "opted-out": { does: "refuse", code: 21_610 },
};
const MAIL_FAULTS: { readonly [Each in Fault]?: SmtpFault } = {
  "not-sent": { does: "refuse", at: "mail", code: 451 },
  throttled: { does: "refuse", at: "mail", code: 421 },
  "throttled-asleep": { does: "refuse", at: "mail", code: 451 },
  lost: { does: "drop", at: "dot" },
  "lost-accepted": { does: "drop-after-accepting" },
  "bad-address": { does: "refuse", at: "rcpt", code: 550 },
};

/** What the providers do from now on: a fault for each of the next calls, and numbers that carriers have stopped for good. */
export type Script = { readonly armed: Fault[]; readonly stopped: Set<string> };

type Given<Content> = {
  readonly real: Pick<Channel<Content>, "name" | "send">;
  readonly read: (content: Content) => Pick<Call, "text" | "ics">;
};

export function startProcess(world: World, script: Script, hearing: Hearing & { readonly now: () => Promise<Call["at"]> }): Process {
  const leaving = Promise.withResolvers<"dead" | "asleep">();
  const waking = Promise.withResolvers<void>();
  let turn = Promise.resolve();
  const leave = (state: "dead" | "asleep") => {
    process.state = state;
    leaving.resolve(state);
  };

  async function call<Content>({ real, read }: Given<Content>, envelope: Envelope, content: Content): Promise<SendOutcome> {
    if (process.state === "dead") return never();
    // What waited behind the call over which it fell asleep has missed its deadline when it wakes.
    if (process.state === "asleep") return waking.promise.then(() => ({ kind: "not-sent", code: "deadline" }));
    const { name: channel } = real;
    const fault = channel === "sms" && script.stopped.has(envelope.to) ? "opted-out" : script.armed.shift();
    if (fault === "dies-before") return (leave("dead"), never());
    const { touchpointId, deliveryId, to } = envelope;
    const made: Call = {
      touchpointId,
      deliveryId,
      channel,
      to,
      at: await hearing.now(),
      ...read(content),
      about: null,
      accepted: false,
      sid: null,
      lostAt: null,
    };
    await hearing.onCall(made);
    setFaults(world, fault);
    const before = countAccepted(world);
    const answer = await real.send(envelope, content);
    made.accepted = countAccepted(world) > before;
    if (made.accepted && channel === "sms") made.sid = world.twilio.messages().at(-1)?.sid ?? null;
    if (fault === "opted-out" && channel === "sms") script.stopped.add(to);
    if (fault === "reported-early" && made.accepted && channel === "sms") await hearing.onEarlyReport(made);
    if (fault === "dies-after") return (leave("dead"), never());
    if (fault === "sleeps-after" || fault === "throttled-asleep") {
      leave("asleep");
      await waking.promise;
    }
    if (answer.kind === "refused" && (answer.reason === "bad-address" || answer.reason === "opted-out"))
      process.refused.push({ call: made, why: answer.reason });
    return answer;
  }

  function inTurn<Content>(given: Given<Content>): Pick<Channel<Content>, "name" | "send"> {
    return {
      name: given.real.name,
      send: (envelope, content) => {
        const mine = turn.then(() => call(given, envelope, content));
        // Nobody waits for the answer that a sleeping process gets.
        turn = Promise.race([mine, leaving.promise]).then(
          () => undefined,
          () => undefined,
        );
        return mine;
      },
    };
  }

  const process: Process = {
    gone: leaving.promise,
    state: "well",
    wake: () => waking.resolve(),
    refused: [],
    email: inTurn({
      real: world.deps.email,
      read: ({ subject, text, calendar, furtherCalendars = [] }) => ({
        text: `${subject}\n${text}`,
        ics: [...(calendar ? [calendar] : []), ...furtherCalendars].map(({ ics }) => ics),
      }),
    }),
    sms: inTurn({ real: world.deps.sms, read: ({ body }) => ({ text: body, ics: [] }) }),
  };
  return process;
}

function setFaults({ twilio, smtp }: World, fault: Fault | undefined): void {
  const [text, mail] = fault ? [TEXT_FAULTS[fault], MAIL_FAULTS[fault]] : [];
  twilio.setFaults([...(text ? [{ ...text, times: 1 }] : []), NO_REPORTS]);
  smtp.setFaults(mail ? [{ ...mail, times: 1 }] : []);
}

function countAccepted({ twilio, smtp }: World): number {
  return twilio.messages().length + smtp.mails().length;
}

/** What a dead process gets. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
