/** Clock times that stay on one line. Only where a line can break: in mails' HTML and on pages. In a text message such a space would cost half of its length. */

const TIME = /(\d) ([AP]M\b|[ap]\. ?m\.)/g;
const NO_BREAK = "\u00a0";

/** "9:00 AM" and "9:00 a. m." with spaces that do not break; all other spaces stay as they are. A repeat changes nothing. */
export function keepTogether(text: string): string {
  // Most values are no times, and looking for a letter takes a fifth of looking for the pattern.
  if (!text.includes("M") && !text.includes("m.")) return text;
  return text.replace(TIME, (time) => time.replaceAll(" ", NO_BREAK));
}
