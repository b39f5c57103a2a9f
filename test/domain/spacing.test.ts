import { describe, expect, test } from "vitest";
import { type CalendarOffset, parseCalendarOffset, parseLocalDateTime } from "../../src/domain/calendar.ts";
import { parseZone, placeLocal } from "../../src/domain/place-in-time.ts";
import { checkSpacing, type SessionInTime } from "../../src/domain/spacing.ts";

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("The test itself is wrong");
  return value;
}

const zone = given(parseZone("America/New_York"));

function protocol(least: string, most: string) {
  const offset = (text: string): CalendarOffset => given(parseCalendarOffset(text));
  return { id: "iv-ketamine", version: 1, spacing: { least: offset(least), most: offset(most), source: "a source" } };
}

function dose(local: string, more: Partial<SessionInTime> = {}): SessionInTime {
  return { kind: "dosing", zone, startsAt: placeLocal(zone, given(parseLocalDateTime(local))), status: null, ...more };
}

const usual = protocol("P2D", "P5D");

describe("spacing", () => {
  test("gaps at both bounds are right", () => {
    expect(checkSpacing(usual, [dose("2027-01-11T09:00"), dose("2027-01-13T09:00"), dose("2027-01-18T09:00")])).toEqual([]);
  });

  test("a day too near and a day too far are warned of, each with the days, the bound and its source", () => {
    expect(checkSpacing(usual, [dose("2027-01-11T09:00"), dose("2027-01-12T09:00"), dose("2027-01-18T09:00")])).toEqual([
      "The doses on 2027-01-11 and 2027-01-12 are 1 day apart; iv-ketamine@1 says at least 2 days (a source)",
      "The doses on 2027-01-12 and 2027-01-18 are 6 days apart; iv-ketamine@1 says at most 5 days (a source)",
    ]);
  });

  test("two days apart is two days apart, although the second session begins earlier in the day", () => {
    expect(checkSpacing(usual, [dose("2027-01-11T15:00"), dose("2027-01-13T08:00")])).toEqual([]);
  });

  test("days are counted on the wall when the clocks change", () => {
    expect(checkSpacing(usual, [dose("2027-03-12T00:30"), dose("2027-03-14T00:30")])).toEqual([]);
    expect(checkSpacing(protocol("P1D", "P2D"), [dose("2027-11-06T09:00"), dose("2027-11-08T09:00")])).toEqual([]);
  });

  test("bounds in hours are compared by the hour", () => {
    const hours = protocol("PT48H", "PT72H");
    expect(checkSpacing(hours, [dose("2027-01-11T09:00"), dose("2027-01-13T09:00")])).toEqual([]);
    expect(checkSpacing(hours, [dose("2027-01-11T09:00"), dose("2027-01-13T08:59")])).toEqual([
      "The doses on 2027-01-11 and 2027-01-13 are 2 days apart; iv-ketamine@1 says at least 48 hours (a source)",
    ]);
  });

  test("the order in which sessions are listed does not matter", () => {
    expect(checkSpacing(usual, [dose("2027-01-13T09:00"), dose("2027-01-11T09:00")])).toEqual([]);
  });

  test.each(["not_dosed", "no_show", "cancelled", "postponed"] as const)(
    "a session that is %s does not count, so that the gap around it shows",
    (status) => {
      const sessions = [dose("2027-01-11T09:00"), dose("2027-01-14T09:00", { status }), dose("2027-01-18T09:00")];
      expect(checkSpacing(usual, sessions)).toEqual([
        "The doses on 2027-01-11 and 2027-01-18 are 7 days apart; iv-ketamine@1 says at most 5 days (a source)",
      ]);
    },
  );

  test("a completed session counts, a preparation does not", () => {
    const sessions = [
      dose("2027-01-11T09:00", { status: "completed" }),
      dose("2027-01-12T09:00", { kind: "preparation" }),
      dose("2027-01-13T09:00"),
    ];
    expect(checkSpacing(usual, sessions)).toEqual([]);
    expect(checkSpacing(usual, [dose("2027-01-12T09:00", { status: "completed" }), dose("2027-01-13T09:00")])).toHaveLength(1);
  });

  test("a booster may come weeks later, but not the day after", () => {
    expect(checkSpacing(usual, [dose("2027-01-11T09:00"), dose("2027-02-22T09:00", { kind: "booster" })])).toEqual([]);
    expect(checkSpacing(usual, [dose("2027-01-11T09:00"), dose("2027-01-12T09:00", { kind: "booster" })])).toHaveLength(1);
  });

  test("two doses on one day are told in hours", () => {
    expect(checkSpacing(usual, [dose("2027-01-11T09:00"), dose("2027-01-11T12:00")])).toEqual([
      "The doses on 2027-01-11 and 2027-01-11 are 3 hours apart; iv-ketamine@1 says at least 2 days (a source)",
    ]);
  });
});
