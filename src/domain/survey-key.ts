/** Which invitation a touchpoint belongs to: the asking and everything that reminds of it lead to the same page, and one answer ends them all. */
import type { Rule } from "./protocol.ts";

/** The invitation of an asking: its rule, what it is about, and which time of several. Stands in the series' plan for ever. */
export function invitationKey(rule: string, subject: string, occurrence: number): string {
  return `${rule}/${subject}/${occurrence}`;
}

/** What reminds of an invitation names it as its subject, without the mark that parts a key. */
export function chaserSubject(invitation: string): string {
  return invitation.replaceAll("/", ":");
}

/** The invitation that the touchpoint with this key asks for, or reminds of; null for any other. */
export function invitationIn(key: string, ruleOf: (id: string) => Pick<Rule, "survey" | "anchor"> | undefined): string | null {
  const [id = "", subject = "", occurrence = ""] = key.split("/");
  const rule = ruleOf(id);
  if (rule?.anchor === "survey.asked") return subject.replaceAll(":", "/");
  return rule?.survey === undefined ? null : `${id}/${subject}/${occurrence}`;
}
