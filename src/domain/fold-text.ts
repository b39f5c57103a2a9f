/** Text as rules of words read it, whatever keyboard it was written on. */

/** Signs that stand for a word. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/[\u{1f6d1}\u{26d4}\u{1f6ab}\u{270b}\u{1f515}]/gu, " stop "],
  [/[\u{1f44d}\u{2705}\u{2714}\u{1f44c}]/gu, " ok "],
  [/[\u{1f44e}\u{274c}\u{274e}]/gu, " no "],
];

/** Letters of other scripts that look like ours, as senders of pranks and broken keyboards put them. */
const LOOKALIKES: { readonly [letter: string]: string } = {
  а: "a",
  е: "e",
  о: "o",
  р: "p",
  с: "c",
  т: "t",
  ѕ: "s",
  і: "i",
  х: "x",
  у: "y",
  ο: "o",
  ρ: "p",
  τ: "t",
};

/**
 * Lower case, without accents, apostrophes and signs, words one space apart: full-width letters, curly quotes, keycaps and letters spelt out ("S T O P",
 * "s.t.o.p") become what they say.
 */
export function foldText(text: string): string {
  const said = SIGNS.reduce((so, [sign, word]) => so.replace(sign, word), text.normalize("NFKC"));
  const words = said
    .toLowerCase()
    .replace(/[аеорстѕіхуορτ]/g, (letter) => LOOKALIKES[letter] ?? letter)
    .normalize("NFD")
    .replace(/[\p{M}\p{Cf}\u20e3]/gu, "")
    .replace(/['`\u2018\u2019\u02bc\u00b4]/g, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return /^\p{L}(?: \p{L}){2,}$/u.test(words) ? words.replaceAll(" ", "") : words;
}
