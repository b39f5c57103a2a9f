/** What people typed, made safe to stand in a message: one line, no control or direction marks, nothing that a phone turns into a link. */

/** Controls (C0, C1), format characters such as bidirectional overrides and zero-width marks, line and paragraph separators; joiners inside words stay. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const JOINERS = /[\u200c\u200d]/;
const CLEAN = /^[A-Za-z0-9 ,'-]*$/;

/** At most `length` characters, cut between graphemes; `://` is taken out and `a.b` is parted, so that no address in it can be tapped. */
export function toPlainValue(text: string, length: number): string {
  if (text.length <= length && CLEAN.test(text)) return text.trim();
  const line = text
    .replace(HIDDEN, (mark) => (JOINERS.test(mark) ? mark : " "))
    .replaceAll("://", " ")
    .replace(/\.(?=[\p{L}\p{N}])/gu, ". ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length <= length ? line : cut(line, length);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

function cut(line: string, length: number): string {
  let end = 0;
  for (const { index, segment } of graphemes.segment(line)) {
    if (index + segment.length > length) break;
    end = index + segment.length;
  }
  return line.slice(0, end).trim();
}

/** What to call somebody: the first word of the name, or of the part after the comma in "López, Ana". */
export function toFirstName(name: string): string {
  const plain = toPlainValue(name, 100);
  const [family = "", given = ""] = plain.split(",", 2);
  const [first = ""] = (given.trim() || family.trim()).split(" ");
  return toPlainValue(first, 40);
}
