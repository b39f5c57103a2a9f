import { describe, expect, test } from "vitest";
import { parsePhone } from "../../src/domain/phone-number.ts";

describe("a US phone number is read as E.164", () => {
  test.each([
    ["in digits", "3038611234", "+13038611234"],
    ["with brackets and a hyphen", "(303) 861-1234", "+13038611234"],
    ["with dots", "303.861.1234", "+13038611234"],
    ["with a country code", "+1 303 861 1234", "+13038611234"],
    ["with a country code in brackets", "(+1) 303 861 1234", "+13038611234"],
    ["with a 1 before it", "1-303-861-1234", "+13038611234"],
    ["with a long dash", "303–861–1234", "+13038611234"],
    ["in full-width digits", "＋１３０３８６１１２３４", "+13038611234"],
    ["in Arabic-Indic digits", "٣٠٣٨٦١١٢٣٤", "+13038611234"],
    ["in Devanagari digits", "३०३८६११२३४", "+13038611234"],
    ["between no-break spaces", "\u00A0303\u00A0861 1234\u00A0", "+13038611234"],
    ["between pasted direction marks", "\u202A+13038611234\u202C", "+13038611234"],
    ["that is toll-free", "(800) 234-5678", "+18002345678"],
    ["of Puerto Rico", "787-234-5678", "+17872345678"],
    ["kept free for fiction, first", "(303) 555-0100", "+13035550100"],
    ["kept free for fiction, last", "(303) 555-0199", "+13035550199"],
  ])("%s", (_, text, number) => {
    expect(parsePhone(text, "US")).toEqual({ ok: true, value: number });
  });
});

describe("what is no US phone number is refused with what would be right", () => {
  test.each([
    ["nothing", "", "such as (303) 555-0142"],
    ["only a plus", "+", "such as (303) 555-0142"],
    ["letters for digits", "1-800-FLOWERS", "in digits instead of letters"],
    ["an extension", "303-861-1234 x12", "without an extension"],
    ["an extension spelled out", "303-861-1234 ext. 12", "without an extension"],
    ["an extension with a hash", "303-861-1234#12", "without an extension"],
    ["digits in emoji", "3️⃣0️⃣3️⃣8️⃣6️⃣1️⃣1️⃣2️⃣3️⃣4️⃣", "digits, spaces, hyphens"],
    ["two numbers with a slash", "303-861-1234 / 303-861-1235", "one number in the field"],
    ["two numbers with a comma", "303-861-1234, 303-861-1235", "one number in the field"],
    ["two numbers with or", "303-861-1234 or 303-861-1235", "one number in the field"],
    ["two numbers with a space", "303-861-1234 303-861-1235", "one number"],
    ["two numbers on two lines", "303-861-1234\n303-861-1235", "one number in the field"],
    ["sixteen digits", "1234567890123456", "at most 15 digits"],
    ["a short code", "72727", "not an emergency or short number"],
    ["the emergency number", "911", "not an emergency or short number"],
    ["the emergency number with a country code", "+1 911", "not an emergency or short number"],
    ["the crisis line", "988", "not an emergency or short number"],
    ["a premium number", "+1 900 234 5678", "premium-rate"],
    ["a number without its area code", "861-1234", "with its area code"],
    ["an area code that does not exist", "5551234567", "an area code that exist"],
    ["a digit too few", "303 861 123", "a number of digits"],
    ["a digit too many", "+1 303 861 12345", "a number of digits"],
    ["a British number", "+44 7911 123456", "belongs to +44"],
    ["a Mexican number", "+52 55 1234 5678", "belongs to +52"],
    ["a Canadian number", "+1 416 234 5678", "belongs to CA"],
    ["two pluses", "+1+3038611234", "digits, spaces, hyphens"],
    ["a NUL at its end", "303 861 1234\u0000", "digits, spaces, hyphens"],
    ["a link", "tel:+13038611234", "in digits"],
  ])("%s", (_, text, expected) => {
    const reading = parsePhone(text, "US");
    expect(reading).toEqual({ ok: false, expected: expect.stringContaining(expected) });
  });
});

test("another country's clinic reads its own numbers and refuses American ones", () => {
  expect(parsePhone("030/1234567", "DE")).toEqual({ ok: true, value: "+49301234567" });
  expect(parsePhone("+1 303 861 1234", "DE").ok).toBe(false);
});

test("numbers kept free for fiction count in the United States only", () => {
  expect(parsePhone("+1 555 555 0142", "US").ok).toBe(true);
  expect(parsePhone("+1 555 555 0142", "CA").ok).toBe(false);
});

test("a country that does not exist reads no number", () => {
  expect(parsePhone("303 861 1234", "XX")).toEqual({ ok: false, expected: expect.stringContaining("known country") });
});
