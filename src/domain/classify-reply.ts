/**
 * What somebody means who has written to us. Pure, and in doubt on the safe side: a wrong opt-out is cheaper than a missed one, a false alarm than a missed cry for
 * help, and whatever is not understood is free text, which a person reads. It never decides what follows: that depends on whom we asked what.
 */
import { foldText } from "./fold-text.ts";
import {
  CANCELS_VISIT,
  CARRIER_HELP,
  CARRIER_START,
  CARRIER_STOP,
  CONFIRM_MESSAGES,
  EMERGENCY,
  FILLERS,
  HELP_MESSAGES,
  MAY_MEAN_VISIT,
  MOVE_MESSAGES,
  MOVING,
  NOT_REVOKING,
  REVOKING,
  REVOKING_WORD,
  SELF_HARM,
  START_MESSAGES,
  STOP_MESSAGES,
  WRONG_NUMBER,
} from "./reply-words.ts";

export const REPLY_KINDS = [
  "stop",
  "start",
  "help",
  "wrong-number",
  "confirm",
  "asks-to-move",
  "asks-to-cancel",
  "choice",
  "free-text",
  "media",
  "empty",
] as const;
export type ReplyKind = (typeof REPLY_KINDS)[number];

export type CarrierKeyword = "stop" | "start" | "help";

export type Reply = {
  readonly body: string;
  /** How many pictures came with it. */
  readonly media: number;
  /** What the carrier says it made of it; null: it did not say. */
  readonly carrierKeyword: CarrierKeyword | null;
};

export type ReplyReading = {
  readonly kind: ReplyKind;
  /** Raised whatever the kind is: a person may want no more texts because they want no more of anything. */
  readonly crisis: "self-harm" | "emergency" | null;
  /** Whether the carrier acts on this very text by itself, and confirms it: then we do not. */
  readonly byCarrier: boolean;
  /** A revocation that may have been meant for a visit: CANCEL, "please cancel". */
  readonly mayMeanVisit: boolean;
  /** Of a choice: its letter, A to D. */
  readonly letter: string | null;
};

export function classifyReply({ body, media, carrierKeyword }: Reply): ReplyReading {
  const text = foldText(body);
  const bare = text.replace(FILLERS, " ").replace(/\s+/g, " ").trim();
  const exact = body.trim().toUpperCase();
  const kind = carrierKeyword ?? findKind({ text, bare, exact, media });
  const byCarrier = carrierKeyword !== null || CARRIER_STOP.has(exact) || CARRIER_START.has(exact);
  return {
    kind,
    crisis: findCrisis(text),
    byCarrier,
    mayMeanVisit: kind === "stop" && MAY_MEAN_VISIT.test(text),
    letter: kind === "choice" ? bare.toUpperCase() : null,
  };
}

/** Crisis words in a text, or in several that came apart: long messages may arrive in pieces and in any order. */
export function findCrisisIn(bodies: readonly string[]): ReplyReading["crisis"] {
  const texts = bodies.map(foldText);
  return texts.map(findCrisis).find((crisis) => crisis !== null) ?? null;
}

function findCrisis(text: string): ReplyReading["crisis"] {
  if (matches(SELF_HARM, text)) return "self-harm";
  return matches(EMERGENCY, text) ? "emergency" : null;
}

type Folded = { readonly text: string; readonly bare: string; readonly exact: string; readonly media: number };

function findKind({ text, bare, exact, media }: Folded): ReplyKind {
  if (CARRIER_STOP.has(exact)) return "stop";
  if (CARRIER_START.has(exact)) return "start";
  if (CARRIER_HELP.has(exact)) return "help";
  if (text === "") return media > 0 ? "media" : "empty";
  if (matches(WRONG_NUMBER, text)) return "wrong-number";
  const squashed = bare.replaceAll(" ", "");
  if (START_MESSAGES.has(squashed)) return "start";
  if (HELP_MESSAGES.has(squashed)) return "help";
  if (revokes(text, squashed)) return "stop";
  return findAnswer(text, bare);
}

/** Words of revocation that carriers do not know, in whatever sentence. */
function revokes(text: string, squashed: string): boolean {
  if (STOP_MESSAGES.has(squashed) || /^(?:stop){1,9}$/.test(squashed)) return true;
  const isExplained = matches(NOT_REVOKING, text);
  if (matches(REVOKING, text) && !isDenied(text)) return true;
  if (isExplained || matches(CANCELS_VISIT, text)) return false;
  return text.split(" ").length <= MOST_WORDS && REVOKING_WORD.test(text);
}

/** In longer messages such a word means anything. */
const MOST_WORDS = 5;

/** "Please don't stop the reminders." */
const DENIED =
  /\b(?:dont|do not|never|didnt|did not|wont|not) (?:\w+ )?(?:stop|quit|cancel|end|unsubscribe|opt out|remove|turn off|take me off)\b|\bno (?:dejen?s?|paren?|pares|deje|cancelen?) (?:de )?(?:mand|envi|escrib|los|las|sus|los men)/;

function isDenied(text: string): boolean {
  return DENIED.test(text);
}

function findAnswer(text: string, bare: string): ReplyKind {
  if (CONFIRM_MESSAGES.has(bare) || /^(?:(?:ok|yes|yep|yup|yeah|si|1) ?){2,}$/.test(bare)) return "confirm";
  if (MOVE_MESSAGES.has(bare)) return "asks-to-move";
  if (/^[a-d]$/.test(bare)) return "choice";
  if (matches(CANCELS_VISIT, text) && !matches(NOT_CANCELLING, text)) return "asks-to-cancel";
  if (matches(MOVING, text) && !matches(NOT_MOVING, text)) return "asks-to-move";
  return "free-text";
}

const NOT_CANCELLING = [
  /\b(?:dont|do not|not|never|didnt|wont|no) (?:\w+ ){0,2}?(?:cancel|stop|end|quit|skip|drop|miss|call off)\w*/,
  /\b(?:is|was|did|has|are|were|why|when|if|policy|fee|cost|charge)\b.*\bcancel\w*/,
  /\bno (?:quiero |voy a |deseo |vayan a )?(?:cancel|anul|dejar|terminar|parar)\w*/,
];
const NOT_MOVING = [
  /\b(?:dont|do not|no need to|not need to|didnt) (?:\w+ )?(?:resched|move|change|postpone)\w*/,
  /\bmake it stop\b/,
  /\bchange (?:my|the) (?:phone|number|address|email|insurance|dressing|name|meds?|pharmacy|card)\b/,
  /\bmove (?:my|the) (?:car|arm|leg|legs|arms|head|mouth)\b/,
];

function matches(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}
