import { expect, test } from "vitest";
import { toFirstName, toPlainValue } from "../../src/messages/plain-value.ts";

test.each([
  ["Ana Whitfield", "Ana"],
  ["López, Ana María", "Ana"],
  ["李小龙", "李小龙"],
  ["O'Brien", "O'Brien"],
  ["  José\u00a0Luis ", "José"],
  ["مريم علي", "مريم"],
  ["https://evil.example Ana", "https"],
])("%s is called %s", (name, first) => {
  expect(toFirstName(name)).toBe(first);
});

test("a value is one line, without marks that nobody sees", () => {
  expect(toPlainValue("12 Main\r\nSt\u0000\u202e\u200b 4\u2028", 100)).toBe("12 Main St 4");
  expect(toPlainValue("क्‍ष", 100)).toBe("क्‍ष");
});

test("nothing in a value can be tapped as an address", () => {
  expect(toPlainValue("go to https://evil.example/x or evil.com", 100)).toBe("go to https evil. example/x or evil. com");
  expect(toPlainValue("St. Mary's, Bldg. 4", 100)).toBe("St. Mary's, Bldg. 4");
});

test("a long value ends between graphemes", () => {
  expect(toPlainValue(`${"a".repeat(39)}👩‍👩‍👧`, 40)).toBe("a".repeat(39));
  expect(toPlainValue("é".repeat(50), 40)).toBe("é".repeat(40));
});
