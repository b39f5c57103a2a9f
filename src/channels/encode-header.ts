/** Header fields of a mail: what may stand in one, and how other scripts are written in ASCII (RFC 2047). */

// Control characters end a header or a mail early; the two separators count as line ends for some readers.
const NOT_IN_A_HEADER = /[\p{Cc}\u2028\u2029]/u;
const PRINTABLE_ASCII = /^[ -~]*$/;
const LINE = 76;
const WORD_FRAME = "=?UTF-8?B??=".length;

/** Whether a text may stand in a header at all: no CR, LF, NUL or other control character. */
export function fitsHeader(text: string): boolean {
  return !NOT_IN_A_HEADER.test(text);
}

/** An unstructured header line such as the subject, folded and encoded where it must be, without its end of line. The text has passed {@link fitsHeader}. */
export function encodeHeader(name: string, text: string): string {
  const plain = PRINTABLE_ASCII.test(text) && !text.includes("=?") && text === text.trim() && name.length + 2 + text.length <= LINE;
  return `${name}: ${plain ? text : encodeWords(text, name.length + 2)}`;
}

/** A header line with one address and the name of its holder. Both have passed {@link fitsHeader}; the address is one bare address. */
export function encodeMailbox(header: string, { name, address }: { readonly name: string; readonly address: string }): string {
  if (name === "") return `${header}: ${address}`;
  const quoted = `"${name.replace(/["\\]/g, "\\$&")}"`;
  const plain = PRINTABLE_ASCII.test(name) && !name.includes("=?") && header.length + 2 + quoted.length <= LINE;
  return `${header}: ${plain ? quoted : encodeWords(name, header.length + 2)}\r\n <${address}>`;
}

/** Encoded words of at most 75 characters, never cut inside a character, on lines of at most 76; `taken` is what already stands on the first line. */
function encodeWords(text: string, taken: number): string {
  const words: string[] = [];
  let part = "";
  let room = bytesThatFit(LINE - taken);
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (size > room) {
      words.push(part);
      part = "";
      room = bytesThatFit(LINE - 1);
    }
    part += character;
    room -= size;
  }
  return [...words, part].map((word) => `=?UTF-8?B?${Buffer.from(word).toString("base64")}?=`).join("\r\n ");
}

function bytesThatFit(columns: number): number {
  return Math.floor((columns - WORD_FRAME) / 4) * 3;
}
