import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  atTime,
  dayOf,
  formatCalendarOffset,
  formatDay,
  formatInstant,
  formatLocal,
  formatWallClock,
  lengthOf,
  localDateTime,
  parseCalendarOffset,
  parseDay,
  parseInstant,
  parseLocalDateTime,
  parseWallClock,
  timeOf,
  wallClock,
  weekdayOf,
} from "../../src/domain/calendar.ts";

const NOTHING_ELSE = undefined;

describe("an offset", () => {
  test.each([
    ["-P3D", { sign: -1, days: 3, minutes: 0 }],
    ["P2W1D", { sign: 1, days: 15, minutes: 0 }],
    ["+PT90M", { sign: 1, days: 0, minutes: 90 }],
    ["-P1DT2H30M", { sign: -1, days: 1, minutes: 150 }],
    ["PT0M", { sign: 1, days: 0, minutes: 0 }],
  ])("%s is days of the calendar and minutes of elapsed time", (text, offset) => {
    expect(parseCalendarOffset(text)).toEqual(offset);
  });

  test.each(["", "P", "-P", "PT", "P1DT", "P1M", "P1Y", "PT1S", "1D", "P-1D", "P1.5D", " P1D", "P1D "])("%j is none", (text) => {
    expect(parseCalendarOffset(text)).toBe(NOTHING_ELSE);
  });

  test("is written as it is read", () => {
    const offsets = fc.record({ sign: fc.constantFrom<1 | -1>(1, -1), days: fc.nat(9999), minutes: fc.nat(9999 * 60) });
    fc.assert(
      fc.property(offsets, (offset) => {
        expect(parseCalendarOffset(formatCalendarOffset(offset))).toEqual(offset);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("is as long as its days of 24 hours and its minutes, whatever its sign", () => {
    expect(lengthOf({ sign: -1, days: 1, minutes: 90 })).toBe(25.5 * 3_600_000);
  });
});

describe("a date and time without a zone", () => {
  test.each([
    "2027-02-29T10:00",
    "2027-01-11T24:00",
    "2027-01-11T09:60",
    "2027-01-11T9:00",
    "2027-01-11",
    "2027-01-11T09:00:00",
    "2027-01-11T09:00Z",
  ])("%s is refused", (text) => {
    expect(parseLocalDateTime(text)).toBe(NOTHING_ELSE);
  });

  test("is its day and its time of day, also before 1970", () => {
    for (const text of ["2027-01-11T23:59", "2028-02-29T00:00", "1969-12-31T18:30"]) {
      const read = parseLocalDateTime(text) ?? expect.fail(text);
      expect(formatLocal(read)).toBe(text);
      expect(`${formatDay(dayOf(read))}T${formatWallClock(timeOf(read))}`).toBe(text);
      expect(atTime(dayOf(read), timeOf(read))).toBe(read);
    }
  });
});

describe("a calendar day", () => {
  test.each([
    ["2027-01-11", "mon"],
    ["2027-01-17", "sun"],
    ["1970-01-01", "thu"],
    ["1969-12-31", "wed"],
  ])("%s is a %s", (text, weekday) => {
    expect(weekdayOf(parseDay(text) ?? expect.fail(text))).toBe(weekday);
  });

  test("is followed by the next one over the end of a year and of February", () => {
    const next = (text: string) => formatDay(addDays(parseDay(text) ?? expect.fail(text), 1));
    expect([next("2027-12-31"), next("2027-02-28"), next("2028-02-28")]).toEqual(["2028-01-01", "2027-03-01", "2028-02-29"]);
  });
});

test.each(["24:00", "9:00", "12:60", "12:00:00", "noon"])("%s is no time of day", (text) => {
  expect(parseWallClock(text)).toBe(NOTHING_ELSE);
});

test("times of day run from 00:00 to 23:59", () => {
  expect([parseWallClock("00:00"), parseWallClock("23:59")]).toEqual([0, 1439]);
  expect(formatWallClock(wallClock(1439))).toBe("23:59");
});

test("an instant names its offset, and is written in UTC", () => {
  expect(parseInstant("2027-01-11T09:00")).toBe(NOTHING_ELSE);
  expect(formatInstant(parseInstant("2027-01-11T09:00-07:00") ?? expect.fail("no instant"))).toBe("2027-01-11T16:00:00.000Z");
  expect(formatLocal(localDateTime(0))).toBe("1970-01-01T00:00");
});
