/** Whether two notes of somebody speak of the same person, as far as anybody can tell from a name and a number. */
import { foldText } from "./fold-text.ts";
import type { NamedCompanion } from "./named-companion.ts";

/**
 * True with the same number; with two numbers that differ, false. Otherwise the names decide: the words of one are all among those of the other ("Maria" and
 * "Maria Lopez").
 */
export function isSamePerson(one: NamedCompanion, other: NamedCompanion): boolean {
  if (one.phone !== null && other.phone !== null) return one.phone === other.phone;
  return isSameName(one.name, other.name);
}

function isSameName(one: string, other: string): boolean {
  const [words, others] = [wordsOf(one), wordsOf(other)];
  if (words.length === 0 || others.length === 0) return one === other;
  return words.every((word) => others.includes(word)) || others.every((word) => words.includes(word));
}

/** In scripts that the rules of words do not read, nothing is left of a name. */
function wordsOf(name: string): string[] {
  return foldText(name).split(" ").filter(Boolean);
}
