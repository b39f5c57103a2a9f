/** What stands of everything that was said about a visit. */
import { CONTRADICTING, type SessionAnswerKind } from "./patient-facts.ts";

/** The answers that stand, from all of them in the order in which they were given: of those that contradict each other only the last. */
export function standingAnswers(said: readonly SessionAnswerKind[]): ReadonlySet<SessionAnswerKind> {
  const standing = new Set<SessionAnswerKind>();
  for (const kind of said) {
    for (const other of CONTRADICTING.find((group) => group.includes(kind)) ?? []) standing.delete(other);
    standing.add(kind);
  }
  return standing;
}
