import { findForbiddenCharacter } from "./forbidden-character.ts";
import { accepted, type Reading, refused } from "./reading.ts";

/** Reads one line of free text in any script: outer white space is cut, the rest kept as NFC; empty, longer than `most` and invisible characters are refused. */
export function parseLine(text: string, { most }: { most: number }): Reading<string> {
  const forbidden = findForbiddenCharacter(text.trim());
  if (forbidden) return refused(`one line of plain text, without invisible characters (it holds ${forbidden})`);
  const line = text.trim().normalize("NFC");
  if (line === "") return refused("some text, not only spaces");
  return line.length <= most ? accepted(line) : refused(`at most ${most} characters (it has ${line.length})`);
}
