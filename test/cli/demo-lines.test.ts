import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { firstNameOf, type Happening } from "../../src/cli/demo-happening.ts";
import { fit, toTimelineLine, widthOf } from "../../src/cli/demo-lines.ts";
import { parseInstant } from "../../src/domain/calendar.ts";
import { parseZone } from "../../src/domain/place-in-time.ts";

const paint = pc.createColors(false);
const denver = zoneOf("America/Denver");
const happening: Happening = {
  at: parseInstant("2027-01-11T16:00:00Z") ?? fail(),
  tone: "said",
  label: "sms",
  who: "Grace for 陈",
  zone: zoneOf("America/Los_Angeles"),
  says: "your visit is tomorrow, 9:00 AM. Arrive by 8:45 AM.",
  template: "day-before",
  message: null,
};

describe("a line of the timeline", () => {
  test("names the clinic's moment, the channel, the person, the reader's own hour where it is another, and the first words", () => {
    const line = toTimelineLine(happening, { zone: denver, columns: undefined, paint });
    expect(line).toBe("Mon 11 Jan 09:00 [sms]     Grace for 陈   (08:00 Los Angeles) your visit is tomorrow, 9:00 AM. Arrive by 8:45 AM.");
    expect(toTimelineLine({ ...happening, zone: denver }, { zone: denver, columns: undefined, paint })).not.toContain("(");
  });

  test.each([26, 39, 40, 59, 60, 79, 80, 140])("is never wider than a terminal of %i columns", (columns) => {
    expect(widthOf(toTimelineLine(happening, { zone: denver, columns, paint }))).toBeLessThanOrEqual(columns);
  });
});

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdef", 5, "abcd…"],
  ["陈陈陈", 6, "陈陈陈"],
  ["陈陈陈", 5, "陈陈…"],
  ["Nu\u0301n\u0303ez", 5, "Nu\u0301n\u0303ez"],
  ["abc", 0, ""],
])("%s fits %i columns as %s", (text, columns, shown) => {
  expect(fit(text, columns)).toBe(shown);
});

test.each([
  ["Ana Ortiz", "Ana"],
  ["陈 Chen Wei", "Chen"],
  ["Ibarra, Hugo", "Hugo"],
  ["Hugo Ibarra, Jr.", "Hugo"],
  ["王", "王"],
])("the first name of %s is %s", (name, first) => {
  expect(firstNameOf(name)).toBe(first);
});

function zoneOf(name: string) {
  return parseZone(name) ?? fail();
}

function fail(): never {
  throw new Error("The test's own data are wrong");
}
