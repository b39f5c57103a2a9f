import { describe, expect, test } from "vitest";
import { parseSeriesText } from "../../src/domain/parse-series-text.ts";
import { faultsOf, valueOf } from "./aspen-ridge.ts";

test("a file holds one series, or several in a list under series", () => {
  expect(valueOf(parseSeriesText("clinic: a\n", "yaml"))).toEqual([{ clinic: "a" }]);
  expect(valueOf(parseSeriesText("series:\n  - clinic: a\n  - clinic: b\n", "yaml"))).toEqual([{ clinic: "a" }, { clinic: "b" }]);
  expect(valueOf(parseSeriesText('{"series": [{"clinic": "a"}]}', "json"))).toEqual([{ clinic: "a" }]);
});

test("dates and times stay text, and a byte order mark is no part of the first key", () => {
  const text = "\uFEFFfirst: 2027-01-11\nat: 09:00\nstartsAt: 2027-01-11T09:00\nanswer: no\n";
  expect(valueOf(parseSeriesText(text, "yaml"))).toEqual([
    { first: "2027-01-11", at: "09:00", startsAt: "2027-01-11T09:00", answer: "no" },
  ]);
});

test("aliases are understood", () => {
  const text = "patient: &who { name: Ana }\nescort: *who\n";
  expect(valueOf(parseSeriesText(text, "yaml"))).toEqual([{ patient: { name: "Ana" }, escort: { name: "Ana" } }]);
});

const bomb = [
  "a: &a [1, 1]",
  ..."bcdefgh".split("").map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[index]}`).join(", ")}]`),
];

describe("YAML that is more than plain data is refused where it stands", () => {
  test.each([
    ["a key that stands twice", "clinic: a\nclinic: b", "line 2, column 1", "clinic stands twice"],
    ["a key that stands twice inside braces", "patient: {name: Ana, name: Ben}", "line 1, column 22", "name stands twice"],
    ["a tag that names a type", "clinic: !!js/function 'x'", "line 1, column 9", "without tags"],
    ["a tag of one's own", "clinic: !clinic a", "line 1, column 9", "without tags"],
    ["a second document", "clinic: a\n---\nclinic: b", "line 2, column 1", "one document"],
    ["a list that is left open", "sessions: [1, 2", "line 1, column 16", "valid YAML"],
    ["a tab for indentation", "patient:\n\tname: Ana", "line 2, column 1", "valid YAML"],
    ["an alias without an anchor", "patient: *ana", "(whole input)", "every alias has its anchor"],
    ["aliases that multiply", bomb.join("\n"), "(whole input)", "few aliases"],
    ["nothing", "", "(whole input)", "not empty"],
    ["only a comment", "# later", "(whole input)", "not empty"],
    ["great depth", "[".repeat(20_000), "line 1, column 806", "fewer levels"],
    ["a list of no series", "series: []", "series", "at least one"],
    ["a key beside series", "series: [{}]\nclinic: a", "clinic", "no key beside series"],
    ["a megabyte and more", `clinic: ${"a".repeat(1_000_000)}`, "(whole input)", "at most 1000000 characters"],
  ])("%s", (_, text, path, expected) => {
    const faults = faultsOf(parseSeriesText(text, "yaml"));
    const where = path === "line 1, column 806" ? expect.stringMatching(/^line 1, column/) : path;
    expect(faults[0]).toEqual({ path: where, expected: expect.stringContaining(expected) });
  });
});

describe("JSON is read strictly", () => {
  test.each([
    ["a key that stands twice", '{"clinic": "a",\n\t"clinic": "b"}', "line 2, column 2", "clinic stands twice"],
    ["a comma too many", '{"clinic": "a",}', "(whole input)", "valid JSON"],
    ["YAML", "clinic: a", "(whole input)", "valid JSON"],
    ["null", "null", "(whole input)", "not empty"],
  ])("%s", (_, text, path, expected) => {
    expect(faultsOf(parseSeriesText(text, "json"))).toEqual([{ path, expected: expect.stringContaining(expected) }]);
  });
});

test("a key named __proto__ stays a key and changes no prototype", () => {
  const [value] = valueOf(parseSeriesText('{"__proto__": {"clinic": "a"}}', "json"));
  expect(value).not.toHaveProperty("clinic");
  expect(Object.keys(value ?? {})).toEqual(["__proto__"]);
});
