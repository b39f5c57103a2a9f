/** Which invitation a touchpoint belongs to: the asking and everything that reminds of it lead to the same page, and one answer ends them all. */
import type { Rule } from "./protocol.ts";

/** The invitation of an asking: its rule, what it is about, and which time of several. Stands in the series' plan for ever. */
export function invitationKey(rule: string, subject: string, occurrence: number | string): string {
  return `${rule}/${subject}/${occurrence}`;
}

/** What reminds of an invitation names it as its subject, without the mark that parts a key. */
export function chaserSubject(invitation: string): string {
  return invitation.replaceAll("/", ":");
}

/** The invitation that a touchpoint of `rule` with this key asks for, or reminds of; null where the rule has to do with none. */
export function invitationIn(key: string, rule: Pick<Rule, "id" | "survey" | "anchor">): string | null {
  const [, subject = "", occurrence = ""] = key.split("/");
  if (rule.anchor === "survey.asked") return subject.replaceAll(":", "/");
  return rule.survey === undefined ? null : invitationKey(rule.id, subject, occurrence);
}
