/** As what a text that came in was read. */
const WORDS: { readonly [kind: string]: string } = {
  stop: "wants no more texts",
  start: "wants texts again",
  help: "asks for help",
  "wrong-number": "wrong number",
  confirm: "confirms",
  "asks-to-move": "wants another time",
  "asks-to-cancel": "wants to cancel",
  choice: "chooses a visit",
  "free-text": "in own words",
  media: "sends a picture",
  empty: "empty",
};

export function sayReplyKind(kind: string | null): string {
  return kind === null ? "not read yet" : (WORDS[kind] ?? kind);
}
