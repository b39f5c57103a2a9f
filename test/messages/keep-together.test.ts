import { expect, test } from "vitest";
import { keepTogether } from "../../src/messages/keep-together.ts";

test("a clock time stays on one line, in English and in Spanish, and the words around it do not", () => {
  expect(keepTogether("Nothing to eat after 3:00 AM MST.")).toBe("Nothing to eat after 3:00\u00a0AM MST.");
  expect(keepTogether("de las 8:00 a. m. a las 5:00 p. m.")).toBe("de las 8:00\u00a0a.\u00a0m. a las 5:00\u00a0p.\u00a0m.");
  expect(keepTogether("I AM 5 a man")).toBe("I AM 5 a man");
});

test("a repeat changes nothing", () => {
  const once = keepTogether("9:00 AM, 9:00 a. m.");
  expect(keepTogether(once)).toBe(once);
});
