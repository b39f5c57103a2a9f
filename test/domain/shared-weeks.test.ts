import { describe, expect, test } from "vitest";
import type { SeriesFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { findSharedWeeks } from "../../src/domain/shared-weeks.ts";
import { idOf, protocolOf, series, session, zone } from "../support/planner-facts.ts";

const PROTOCOL = protocolOf({});

function share(...all: SeriesFacts[]) {
  const { close, weeks } = findSharedWeeks({ series: all });
  return { close: [...close].map(String), weeks: weeks.map((week) => week.map(({ id }) => String(id))) };
}

function ofDays(...days: (string | SessionFacts)[]): SeriesFacts {
  return series(
    PROTOCOL,
    days.map((day) => (typeof day === "string" ? session(`${day}T09:00`) : day)),
  );
}

const at = (...days: string[]) => days.map((day) => `${day}T09:00`);

describe("sessions share messages", () => {
  test.each([
    ["2027-01-15", true],
    ["2027-01-16", false],
  ])("with one on Monday the 11th when they come before the fifth day after it: on %s, %s", (day, shares) => {
    expect(share(ofDays("2027-01-11", day)).close).toEqual(shares ? at("2027-01-11", day) : []);
  });

  test("by days of the calendar, not by hours", () => {
    const early = ofDays(session("2027-01-11T17:00"), session("2027-01-16T08:00"));
    expect(share(early).close).toEqual([]);
    const late = ofDays(session("2027-01-11T08:00"), session("2027-01-15T18:00"));
    expect(share(late).close).toHaveLength(2);
  });

  test("in weeks counted from the first of the run", () => {
    const days = ["2027-01-11", "2027-01-13", "2027-01-15", "2027-01-18", "2027-01-20", "2027-01-24", "2027-01-27"];
    expect(share(ofDays(...days)).weeks).toEqual([
      at("2027-01-11", "2027-01-13", "2027-01-15"),
      at("2027-01-18", "2027-01-20", "2027-01-24"),
      at("2027-01-27"),
    ]);
  });

  test("in a week that begins where it would have begun, although nothing happens on its first days", () => {
    const days = ["2027-01-11", "2027-01-15", "2027-01-19", "2027-01-23", "2027-01-25"];
    expect(share(ofDays(...days)).weeks).toEqual([at("2027-01-11", "2027-01-15"), at("2027-01-19", "2027-01-23"), at("2027-01-25")]);
  });

  test("anew after a pause of five days", () => {
    expect(share(ofDays("2027-01-11", "2027-01-13", "2027-01-18", "2027-01-20")).weeks).toEqual([
      at("2027-01-11", "2027-01-13"),
      at("2027-01-18", "2027-01-20"),
    ]);
  });

  test("over all series of the patient", () => {
    const other = { ...ofDays("2027-01-13"), id: idOf.series("other") };
    expect(share(ofDays("2027-01-11"), other).weeks).toEqual([at("2027-01-11", "2027-01-13")]);
    expect(share(ofDays("2027-01-11")).weeks).toEqual([]);
  });

  test("by the day on the wall where each happens", () => {
    const kiritimati = zone("Pacific/Kiritimati");
    const sameHours = (name: typeof kiritimati) =>
      share(ofDays(session("2027-01-11T20:00", { zone: name }), session("2027-01-16T01:00", { zone: name })));
    expect(sameHours(kiritimati).close).toEqual([]);
  });
});

describe("a session that will not take place", () => {
  test.each(["cancelled", "postponed"] as const)("because it is %s brings nobody closer", (status) => {
    expect(share(ofDays("2027-01-11", session("2027-01-13T09:00", { status }), "2027-01-16")).close).toEqual([]);
  });

  test.each(["no_show", "not_dosed", "completed"] as const)("although it is %s keeps its neighbours where they were", (status) => {
    expect(share(ofDays("2027-01-11", session("2027-01-13T09:00", { status }), "2027-01-16")).close).toHaveLength(3);
  });
});

test("the protocol says how close is close", () => {
  const apart = { ...PROTOCOL, sharesCloserThan: { sign: 1 as const, days: 2, minutes: 0 } };
  const days = [session("2027-01-11T09:00"), session("2027-01-13T09:00"), session("2027-01-14T09:00")];
  expect(share(series(apart, days)).close).toEqual(at("2027-01-13", "2027-01-14"));
});
