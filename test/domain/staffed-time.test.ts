import { describe, expect, test } from "vitest";
import {
  type CalendarDay,
  formatDay,
  HOUR,
  type Instant,
  instant,
  MINUTE,
  parseDay,
  parseInstant,
  parseWallClock,
  type WallClock,
} from "../../src/domain/calendar.ts";
import type { WallClockSpan } from "../../src/domain/clinic.ts";
import { parseZone } from "../../src/domain/place-in-time.ts";
import { addStaffedDays, addStaffedTime, isStaffedDay, type StaffedClinic, staffedSpans } from "../../src/domain/staffed-time.ts";

const zone = given(parseZone("America/New_York"));
const office = [span("09:00", "17:00")];
const weekdays = { mon: office, tue: office, wed: office, thu: office, fri: office };
const clinic: StaffedClinic = { zone, staffedHours: weekdays, closures: new Set() };
/** Monday 18 January 2027 is a holiday. */
const withHoliday: StaffedClinic = { ...clinic, closures: new Set([day("2027-01-18")]) };
const nobody: StaffedClinic = { zone, staffedHours: {}, closures: new Set() };

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("The test itself is wrong");
  return value;
}

function day(text: string): CalendarDay {
  return given(parseDay(text));
}

function clock(text: string): WallClock {
  return given(parseWallClock(text));
}

function span(from: string, to: string): WallClockSpan {
  return { from: clock(from), to: clock(to) };
}

/** New York is five hours behind in winter and four in summer. */
function at(text: string): Instant {
  return given(parseInstant(text));
}

function hoursOf(spans: readonly { from: Instant; to: Instant }[]): [string, string][] {
  return spans.map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()]);
}

describe("staffed days", () => {
  test("two staffed days before a Monday is the Thursday, one the Friday", () => {
    expect(formatDay(addStaffedDays(clinic, day("2027-01-11"), -2))).toBe("2027-01-07");
    expect(formatDay(addStaffedDays(clinic, day("2027-01-11"), -1))).toBe("2027-01-08");
  });

  test("a holiday Monday is stepped over in both directions", () => {
    expect(formatDay(addStaffedDays(withHoliday, day("2027-01-19"), -1))).toBe("2027-01-15");
    expect(formatDay(addStaffedDays(withHoliday, day("2027-01-19"), -2))).toBe("2027-01-14");
    expect(formatDay(addStaffedDays(withHoliday, day("2027-01-15"), 1))).toBe("2027-01-19");
  });

  test("from a weekend the next one is Monday and the one before Friday", () => {
    expect(formatDay(addStaffedDays(clinic, day("2027-01-09"), 1))).toBe("2027-01-11");
    expect(formatDay(addStaffedDays(clinic, day("2027-01-09"), -1))).toBe("2027-01-08");
  });

  test("no days is the day itself, although nobody is there", () => {
    expect(formatDay(addStaffedDays(clinic, day("2027-01-09"), 0))).toBe("2027-01-09");
  });

  test("a clinic without staffed hours counts calendar days", () => {
    expect(formatDay(addStaffedDays(nobody, day("2027-01-11"), -2))).toBe("2027-01-09");
  });

  test("a day is staffed when its weekday has hours that last and it is not closed", () => {
    expect(isStaffedDay(withHoliday, day("2027-01-15"))).toBe(true);
    expect(isStaffedDay(withHoliday, day("2027-01-16"))).toBe(false);
    expect(isStaffedDay(withHoliday, day("2027-01-18"))).toBe(false);
    expect(isStaffedDay({ staffedHours: { fri: [span("09:00", "09:00")] }, closures: new Set() }, day("2027-01-15"))).toBe(false);
  });
});

describe("staffed spans", () => {
  test("cover the hours of each day and are cut at both ends", () => {
    const spans = staffedSpans(clinic, { from: at("2027-01-14T20:00:00Z"), to: at("2027-01-15T15:00:00Z") });
    expect(hoursOf(spans)).toEqual([
      ["2027-01-14T20:00:00.000Z", "2027-01-14T22:00:00.000Z"],
      ["2027-01-15T14:00:00.000Z", "2027-01-15T15:00:00.000Z"],
    ]);
  });

  test("leave out weekends and closures", () => {
    expect(staffedSpans(withHoliday, { from: at("2027-01-15T22:00:00Z"), to: at("2027-01-19T14:00:00Z") })).toEqual([]);
    expect(staffedSpans(withHoliday, { from: at("2027-01-15T22:00:00Z"), to: at("2027-01-19T14:01:00Z") })).toHaveLength(1);
  });

  test("keep to the wall when the clocks change", () => {
    const around = { ...clinic, staffedHours: { ...weekdays, sun: office } };
    const spring = staffedSpans(around, { from: at("2027-03-12T05:00:00Z"), to: at("2027-03-16T04:00:00Z") });
    expect(hoursOf(spring).map(([from]) => from)).toEqual([
      "2027-03-12T14:00:00.000Z",
      "2027-03-14T13:00:00.000Z",
      "2027-03-15T13:00:00.000Z",
    ]);
    const autumn = staffedSpans(around, { from: at("2027-11-05T04:00:00Z"), to: at("2027-11-09T05:00:00Z") });
    expect(hoursOf(autumn).map(([from]) => from)).toEqual([
      "2027-11-05T13:00:00.000Z",
      "2027-11-07T14:00:00.000Z",
      "2027-11-08T14:00:00.000Z",
    ]);
  });

  test("a night shift belongs to the day on which it begins", () => {
    const night = { zone, staffedHours: { fri: [span("22:00", "06:00")], sat: office }, closures: new Set([day("2027-01-16")]) };
    const spans = staffedSpans(night, { from: at("2027-01-16T06:00:00Z"), to: at("2027-01-17T05:00:00Z") });
    expect(hoursOf(spans)).toEqual([["2027-01-16T06:00:00.000Z", "2027-01-16T11:00:00.000Z"]]);
  });

  test("hours that overlap or touch are one span, whatever order they are written in", () => {
    const split = {
      zone,
      staffedHours: { fri: [span("12:00", "17:00"), span("09:00", "12:00"), span("11:00", "13:00")] },
      closures: new Set<CalendarDay>(),
    };
    const spans = staffedSpans(split, { from: at("2027-01-15T00:00:00Z"), to: at("2027-01-16T00:00:00Z") });
    expect(hoursOf(spans)).toEqual([["2027-01-15T14:00:00.000Z", "2027-01-15T22:00:00.000Z"]]);
  });

  test("an empty stretch of time holds none", () => {
    expect(staffedSpans(clinic, { from: at("2027-01-15T15:00:00Z"), to: at("2027-01-15T15:00:00Z") })).toEqual([]);
  });
});

describe("staffed time", () => {
  const after = (clinicWith: StaffedClinic, from: string, hours: number) =>
    new Date(addStaffedTime(clinicWith, at(from), hours * HOUR)).toISOString();

  test("a question of Thursday ten o'clock with ten staffed hours is due on Friday noon", () => {
    expect(after(clinic, "2027-01-07T15:00:00Z", 10)).toBe("2027-01-08T17:00:00.000Z");
  });

  test("does not pass over a weekend and a holiday Monday", () => {
    expect(after(withHoliday, "2027-01-15T21:00:00Z", 2)).toBe("2027-01-19T15:00:00.000Z");
  });

  test("that runs out when the office closes is due then, a minute more on the next morning", () => {
    expect(after(clinic, "2027-01-14T14:00:00Z", 8)).toBe("2027-01-14T22:00:00.000Z");
    expect(new Date(addStaffedTime(clinic, at("2027-01-14T14:00:00Z"), 8 * HOUR + MINUTE)).toISOString()).toBe("2027-01-15T14:01:00.000Z");
  });

  test("begins to count in the morning when asked at night", () => {
    expect(after(clinic, "2027-01-14T05:00:00Z", 1)).toBe("2027-01-14T15:00:00.000Z");
  });

  test("of nothing is the moment itself", () => {
    expect(after(clinic, "2027-01-16T05:00:00Z", 0)).toBe("2027-01-16T05:00:00.000Z");
  });

  test("is elapsed time in a clinic without staffed hours", () => {
    expect(after(nobody, "2027-01-16T05:00:00Z", 3)).toBe("2027-01-16T08:00:00.000Z");
  });

  test("counts an hour that two spans share once", () => {
    const shared = { zone, staffedHours: { fri: [span("09:00", "12:00"), span("10:00", "13:00")] }, closures: new Set<CalendarDay>() };
    expect(addStaffedTime(shared, at("2027-01-15T14:00:00Z"), 4 * HOUR)).toBe(instant(at("2027-01-15T14:00:00Z") + 4 * HOUR));
  });
});
