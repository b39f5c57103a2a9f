import { expect, test } from "vitest";
import { guessLocale } from "../../src/domain/guess-locale.ts";

test.each([
  ["I want to die", "es", "en"],
  ["kill myself", "es", "en"],
  ["cant breathe, chest pain", "es", "en"],
  ["quiero morir", "en", "es"],
  ["no puedo respirar", "en", "es"],
  ["ya no aguanto mas", "en", "es"],
  ["¿hay alguien?", "en", "es"],
  ["sobredosis", "en", "es"],
] as const)("%s is answered in its own language, not in the clinic's", (body, clinic, expected) => {
  expect(guessLocale(body, clinic)).toBe(expected);
});

test("words of no language of ours are answered in the clinic's", () => {
  expect([guessLocale("911", "es"), guessLocale("911", "en"), guessLocale("SOS", "es")]).toEqual(["es", "en", "es"]);
});
