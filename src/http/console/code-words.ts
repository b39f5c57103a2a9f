/**
 * What the codes of providers mean, in a few words for operations: what it is, and whose turn it is. Words of our own; the sources are
 * https://www.twilio.com/docs/api/errors, RFC 3463 and RFC 5321.
 */

const TWILIO: { readonly [code: string]: string } = {
  "14107": "too many replies between two programs; never repeated",
  "20003": "our account or its token is refused: look at the credentials",
  "20404": "the account or the service is not found: look at the credentials",
  "21211": "not a phone number",
  "21212": "our own number is not valid",
  "21408": "our account may not text that country",
  "21602": "no words in the text: a defect of ours",
  "21603": "our own number is missing",
  "21606": "our number cannot send texts",
  "21608": "a trial account texts only verified numbers",
  "21610": "they have sent STOP: an opt-out",
  "21611": "the sender's line is full; sent later",
  "21612": "no way to that number from ours",
  "21614": "not a mobile phone",
  "21617": "the text is too long: a defect of ours",
  "21635": "a landline",
  "21659": "our number is not one of the account's",
  "21660": "our number belongs to another account",
  "30001": "the line of texts is full; sent later",
  "30002": "our account is suspended",
  "30003": "the handset is off or out of reach",
  "30004": "blocked by them or their carrier; taken for an opt-out",
  "30005": "the number is not known",
  "30006": "a landline, or a carrier that takes no texts",
  "30007": "filtered by a carrier: look at the words and the registration",
  "30008": "not delivered; the carrier gives no reason",
  "30022": "faster than the registration allows; sent later",
  "30023": "the day's cap of a carrier; sent later",
  "30024": "our number is not provisioned",
  "30034": "our number is not registered for this use",
  "30036": "not delivered before it was of no more use",
  "35114": "a parameter of scheduling, which we never send",
  "35115": "a parameter of scheduling, which we never send",
  "35116": "a parameter of scheduling, which we never send",
  "35117": "a parameter of scheduling, which we never send",
  "35118": "a parameter of scheduling, which we never send",
  "35126": "a parameter of scheduling, which we never send",
  "63017": "faster than the account allows; sent later",
  "63038": "the account's cap of the day; sent later",
  "90007": "the validity period is out of range: a defect of ours",
};

const OURS: { readonly [code: string]: string } = {
  "worker-lost": "the worker ended while it was sending; looked up or asked about",
  "malformed-to": "not a phone number",
  unwritten: "the mail's HTML cannot be written from its template; tried again later",
  "too-big": "the mail is too large: a defect of ours",
  ECONNECTION: "the connection to the relay broke",
  ESOCKET: "the connection to the relay broke",
  ETLS: "no encrypted connection to the relay: look at its certificate",
  EPROTOCOL: "the provider answered what is no answer",
  ECONNREFUSED: "the provider does not answer at its address",
  ECONNRESET: "the provider hung up",
  ETIMEDOUT: "no answer in time",
  ENOTFOUND: "the provider's name is not found: look at the configuration or the network",
  EAI_AGAIN: "names cannot be looked up: the network",
  EAUTH: "our name or password is refused: look at the credentials",
};

const SMTP: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/\b5\.1\.1\b/, "no such mailbox"],
  [/\b5\.1\.[02368]\b/, "the address is not good"],
  [/\b5\.2\.2\b|\b4\.2\.2\b/, "their mailbox is full"],
  [/\b5\.2\.1\b/, "their mailbox is closed"],
  [/\b5\.3\.4\b/, "the mail is too large"],
  [/\b5\.7\.8\b|^535/, "our name or password is refused: look at the credentials"],
  [/\b5\.7\./, "refused by policy: look at SPF, DKIM and the sender's reputation"],
  [/\b4\.7\./, "slowed down by policy; sent later"],
  [/^421/, "the relay is closing or busy; sent later"],
  [/^4\d\d|\b4\.\d\.\d/, "not now; sent later"],
  [/^5\d\d|\b5\.\d\.\d/, "refused for good"],
];

/** An answer of a provider's server that is none of its own codes. */
const HTTP: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^http-5\d\d$/, "the provider's server failed; looked up or sent later"],
  [/^http-429$/, "faster than the provider allows; sent later"],
  [/^http-4\d\d$/, "the provider's server refused the request"],
];

/** Undefined for a code that says no more than itself. */
export function sayCode(channel: string, code: string): string | undefined {
  const known = OURS[code] ?? HTTP.find(([pattern]) => pattern.test(code))?.[1] ?? (channel === "sms" ? TWILIO[code] : undefined);
  return known ?? (channel === "email" ? SMTP.find(([pattern]) => pattern.test(code))?.[1] : undefined);
}
