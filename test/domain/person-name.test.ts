import { describe, expect, test } from "vitest";
import { parsePersonName } from "../../src/domain/person-name.ts";

describe("a name is kept as it is written", () => {
  test.each([
    ["O'Brien"],
    ["李"],
    ["محمد بن سلمان"],
    ["Nguyễn Thị Minh Khai"],
    ["शर्मिष्ठा"],
    ["نرگس\u200Cزاده"],
    ["👩\u200D👩\u200D👧"],
    ["{{7*7}}"],
    ["=cmd()"],
    ["<script>alert(1)</script>"],
    ["X Æ A-12"],
    ["'t Hooft"],
  ])("%s", (name) => {
    expect(parsePersonName(name)).toEqual({ ok: true, value: name.normalize("NFC") });
  });
});

describe("what is no name is refused", () => {
  test.each([
    ["empty text", "", "visible"],
    ["only spaces", " \u00A0\u2003", "visible"],
    ["only joiners", "\u200D\u200C", "visible"],
    ["only a Hangul filler, which looks like nothing", "\u3164", "visible"],
    ["a NUL", "Ana\u0000", "NUL"],
    ["an escape sequence", "Ana\u001B[31m", "U+001B"],
    ["a line break", "Ana\r\nOrtiz", "line break"],
    ["a Unicode line separator", "Ana\u2028Ortiz", "line break"],
    ["a tab", "Ana\tOrtiz", "a tab"],
    ["a direction override", "Ana\u202EzitrO", "turns the reading direction"],
    ["a direction isolate", "Ana\u2066Ortiz", "turns the reading direction"],
    ["a zero-width space", "Ana\u200BOrtiz", "zero-width space"],
    ["half a character", "Ana\uD83D", "U+D83D"],
    ["a character lost in another encoding", "N\uFFFDñez", "UTF-8"],
    ["marks piled on one letter", "Ana\u0301\u0316\u0302\u0317\u0303\u0318", "four accents"],
    ["101 characters", "a".repeat(101), "at most 100"],
    ["ten thousand characters", "a".repeat(10_000), "at most 100"],
  ])("%s", (_, text, expected) => {
    expect(parsePersonName(text)).toEqual({ ok: false, expected: expect.stringContaining(expected) });
  });
});

test("outer white space is cut", () => {
  expect(parsePersonName("  Ana Ortiz\u00A0")).toEqual({ ok: true, value: "Ana Ortiz" });
});

test("two spellings of one name are read as the same text", () => {
  expect(parsePersonName("Jose\u0301")).toEqual(parsePersonName("Jos\u00E9"));
});

test("a hundred characters that a reader counts are a name, however many code units they take", () => {
  expect(parsePersonName("👩\u200D👩\u200D👧".repeat(100)).ok).toBe(true);
  expect(parsePersonName("👩\u200D👩\u200D👧".repeat(101)).ok).toBe(false);
});

test("four marks on one letter are a name, five are not", () => {
  expect(parsePersonName("q\u0301\u0316\u0302\u0317").ok).toBe(true);
  expect(parsePersonName("q\u0301\u0316\u0302\u0317\u0303").ok).toBe(false);
});
