/**
 * Twilio's error codes, in one table: what each means when it refuses a request, and what it means when it comes later, in a status report of a message that was
 * taken. https://www.twilio.com/docs/api/errors
 */
import type { DeliveryFailure } from "../domain/fold-provider-report.ts";
import type { RefusalReason } from "./channel.ts";

export type TwilioCodeMeaning = {
  /** Of a refused request; `pause` is no refusal but "later and slower". */
  readonly refused: RefusalReason | "pause";
  /** Of a message reported as undelivered or failed. */
  readonly reported: DeliveryFailure;
};

const BAD_ADDRESS: TwilioCodeMeaning = { refused: "bad-address", reported: "bad-address" };
const OPTED_OUT: TwilioCodeMeaning = { refused: "opted-out", reported: "opted-out" };
/** Nothing the patient can mend. */
const SENDER: TwilioCodeMeaning = { refused: "sender-refused", reported: "ours" };
const CONTENT: TwilioCodeMeaning = { refused: "content-refused", reported: "ours" };
const PAUSE: TwilioCodeMeaning = { refused: "pause", reported: "ours" };
/** The handset or its network did not take it; the rule's next channel speaks, and several in a row are looked at. */
const UNREACHED: TwilioCodeMeaning = { refused: "refused", reported: "unreachable" };

const GROUPS: readonly (readonly [meaning: TwilioCodeMeaning, codes: readonly number[]])[] = [
  // Not a number, not on a mobile network, not routable, a landline, unknown handset, landline or unreachable carrier.
  [BAD_ADDRESS, [21211, 21614, 21612, 21635, 30005, 30006]],
  // 30004 is what a text to somebody who sent STOP to a toll-free number comes to. It has other causes; a false opt-out is cheaper than a missed one, and the
  // rule's next channel speaks.
  [OPTED_OUT, [21610, 30004]],
  // Credentials, account, a number that may not send: wrong, unregistered, not provisioned, of a trial account, not allowed for that region, suspended.
  [SENDER, [20003, 20404, 21212, 21408, 21603, 21606, 21608, 21659, 21660, 30002, 30024, 30034]],
  // Filtered by a carrier; no body, body too long, validity period out of range, and the parameters of scheduling, which are never sent: a defect of ours. And 30
  // replies within 30 seconds, the guard against two programs that answer each other.
  [CONTENT, [14107, 30007, 21602, 21617, 90007, 35114, 35115, 35116, 35117, 35118, 35126]],
  // Queue of a sender or a service full, rate, daily cap of a carrier, cap of the account.
  [PAUSE, [21611, 30001, 30022, 30023, 63017, 63038]],
  // Handset off or out of reach, no reason given by the carrier, validity period over.
  [UNREACHED, [30003, 30008, 30036]],
];

const MEANINGS: ReadonlyMap<number, TwilioCodeMeaning> = new Map(
  GROUPS.flatMap(([meaning, codes]) => codes.map((code): [number, TwilioCodeMeaning] => [code, meaning])),
);

/** Undefined for a code that says no more than "no". */
export function meaningOfTwilioCode(code: number): TwilioCodeMeaning | undefined {
  return MEANINGS.get(code);
}

/** What a report of a message that was given up says of its address; a code that is not known, or none, says only that it did not work. */
export function classifyTwilioReport(code: string | null): DeliveryFailure {
  return MEANINGS.get(Number(code))?.reported ?? "unreachable";
}
