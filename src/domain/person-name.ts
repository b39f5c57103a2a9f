import { findForbiddenCharacter } from "./forbidden-character.ts";
import { accepted, type Reading, refused } from "./reading.ts";

const MOST_GRAPHEMES = 100;
/** Beyond it nothing is a name, and the text is not worth segmenting. */
const MOST_CHARACTERS = 2000;
/** Vietnamese, Hebrew and Thai need two or three marks on one base; more is a text that climbs over its neighbours. */
const PILED_MARKS = /\p{M}{5,}/u;
const VISIBLE = /(?!\p{DI})[\p{L}\p{N}\p{P}\p{S}]/u;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Reads a person's name in any script as it is written: NFC, outer white space cut, nothing else changed or stripped. What looks like code or markup is data. */
export function parsePersonName(text: string): Reading<string> {
  const forbidden = findForbiddenCharacter(text.trim());
  if (forbidden) return refused(`a name without invisible characters (it holds ${forbidden})`);
  if (text.length > MOST_CHARACTERS) return refused(`a name of at most ${MOST_GRAPHEMES} characters`);
  const name = text.trim().normalize("NFC");
  if (!VISIBLE.test(name)) return refused("a name with at least one visible character");
  if (PILED_MARKS.test(name)) return refused("a name with at most four accents on one letter");
  const length = [...graphemes.segment(name)].length;
  return length <= MOST_GRAPHEMES ? accepted(name) : refused(`a name of at most ${MOST_GRAPHEMES} characters (it has ${length})`);
}
