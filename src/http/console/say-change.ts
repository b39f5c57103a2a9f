/** What is planned, sent, changed and answered, in the words of a front desk. */
import { toFirstName } from "../../messages/plain-value.ts";

/** Sentences of the producers are written for the terminal too; a page has no use for a command of it, nor for the address of a source. */
export function withoutCommands(sentence: string): string {
  return sentence
    .replaceAll(/ \([^()]*https?:[^()]*\)/g, "")
    .replaceAll(/,? or --also for a second one/g, "")
    .replaceAll(/ \((?:afterglow |staff |session |series )[^)]*\)/g, "")
    .replaceAll(/ \(\d{4}-\d{2}-\d{2}T[^)]*\)/g, "");
}

/** `day-before`: Day before. */
export function sayRule(rule: string): string {
  const words = rule
    .replaceAll("-", " ")
    .replace(/\b([a-z]{3}) (\d+)\b/, (_, instrument: string, items: string) => `${instrument.toUpperCase()}-${items}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const CHANNELS: { readonly [channel: string]: string } = { sms: "Text", email: "Email", task: "Call or task" };

/** `Text to Ana`, `Email to the escort`, `For the desk`. */
export function sayAddressee(channel: string | null, recipient: string | null, name?: string): string {
  if (recipient === "staff") return "For the desk";
  const whom = recipient === "escort" ? "the escort" : name === undefined ? "the patient" : toFirstName(name);
  return `${CHANNELS[channel ?? ""] ?? "Message"} to ${whom}`;
}

/** A person of the staff by login, a program by name, or who else it was. */
export function sayActor(actor: string): string {
  const [kind = "", name] = actor.split(/:(.*)/s);
  if (name === undefined) return kind === "afterglow" ? "Afterglow" : kind;
  return kind === "key" ? `the program ${name}` : name;
}
