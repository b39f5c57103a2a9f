/** Characters that no text of ours may hold: they break lines, headers, terminals or the order of reading, and PostgreSQL takes no NUL at all. */

/** Control, format, surrogate, line and paragraph separators; the two joiners that Persian, Indic scripts and emoji need are let through. */
const FORBIDDEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFD]/u;

const KNOWN = new Map([
  ["\u0000", "NUL"],
  [" ", "a space"],
  ["\t", "a tab"],
  ["\n", "a line break"],
  ["\r", "a line break"],
  ["\u2028", "a line break"],
  ["\u2029", "a line break"],
  ["\u200B", "a zero-width space"],
  ["\uFEFF", "a byte order mark"],
  ["\uFFFD", "a replacement character: the file was saved in another encoding than UTF-8"],
]);

/** Names the first forbidden character of the text for a person; undefined when there is none. */
export function findForbiddenCharacter(text: string): string | undefined {
  const character = FORBIDDEN.exec(text)?.[0];
  return character === undefined ? undefined : nameCharacter(character);
}

/** The character as a person can look it up. */
export function nameCharacter(character: string): string {
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const name =
    KNOWN.get(character) ?? (/[\u202A-\u202E\u2066-\u2069]/.test(character) ? "a mark that turns the reading direction" : undefined);
  return name ? `U+${point}, ${name}` : `U+${point}`;
}
