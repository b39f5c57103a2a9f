import { Settings } from "luxon";
import { afterEach, describe, expect, test } from "vitest";
import { formatLocal, HOUR, type Instant, parseCalendarOffset, parseLocalDateTime, wallClock } from "../../src/domain/calendar.ts";
import { addOffset, atWallClock, parseZone, placeLocal, resolveLocal, toLocal, type Zone } from "../../src/domain/place-in-time.ts";
import { at, zone } from "../support/planner-facts.ts";

const NEW_YORK = zone("America/New_York");

function read(text: string) {
  return parseLocalDateTime(text) ?? expect.fail(`${text} is no date and time`);
}

function iso(when: Instant): string {
  return new Date(when).toISOString().slice(0, 16);
}

/** A placement as text: `exact`, `gap before..after`, or `overlap first|second`. */
function placed(where: Zone, text: string): string {
  const placement = resolveLocal(where, read(text));
  if (placement.kind === "exact") return `exact ${iso(placement.at)}`;
  if (placement.kind === "overlap") return `overlap ${iso(placement.first)}|${iso(placement.second)}`;
  return `gap ${formatLocal(placement.before)}..${formatLocal(placement.after)} forward ${iso(placement.forward)}`;
}

describe("a date and time on a wall", () => {
  test.each([
    ["America/New_York", "2026-03-08T01:59", "exact 2026-03-08T06:59"],
    ["America/New_York", "2026-03-08T02:30", "gap 2026-03-08T01:59..2026-03-08T03:00 forward 2026-03-08T07:30"],
    ["America/New_York", "2026-03-08T03:00", "exact 2026-03-08T07:00"],
    ["America/New_York", "2026-11-01T00:59", "exact 2026-11-01T04:59"],
    ["America/New_York", "2026-11-01T01:30", "overlap 2026-11-01T05:30|2026-11-01T06:30"],
    ["America/New_York", "2026-11-01T02:00", "exact 2026-11-01T07:00"],
    ["America/Phoenix", "2026-03-08T02:30", "exact 2026-03-08T09:30"],
    ["Europe/London", "2026-10-25T01:30", "overlap 2026-10-25T00:30|2026-10-25T01:30"],
    ["Australia/Sydney", "2026-04-05T02:30", "overlap 2026-04-04T15:30|2026-04-04T16:30"],
    ["Australia/Lord_Howe", "2026-10-04T02:15", "gap 2026-10-04T01:59..2026-10-04T02:30 forward 2026-10-03T15:45"],
    ["Australia/Lord_Howe", "2026-04-05T01:45", "overlap 2026-04-04T14:45|2026-04-04T15:15"],
    ["Africa/Cairo", "2026-04-24T00:30", "gap 2026-04-23T23:59..2026-04-24T01:00 forward 2026-04-23T22:30"],
    ["America/Santiago", "2026-09-06T00:30", "gap 2026-09-05T23:59..2026-09-06T01:00 forward 2026-09-06T04:30"],
    ["Pacific/Apia", "2011-12-30T12:00", "gap 2011-12-29T23:59..2011-12-31T00:00 forward 2011-12-30T22:00"],
    ["Asia/Kolkata", "2026-06-01T09:00", "exact 2026-06-01T03:30"],
    ["Pacific/Kiritimati", "2026-06-01T09:00", "exact 2026-05-31T19:00"],
  ])("in %s, %s is %s", (name, text, expected) => {
    expect(placed(zone(name), text)).toBe(expected);
  });

  test("that we compute ourselves moves forward out of a gap and takes the first of two", () => {
    expect(iso(placeLocal(NEW_YORK, read("2026-03-08T02:30")))).toBe("2026-03-08T07:30");
    expect(iso(placeLocal(NEW_YORK, read("2026-11-01T01:30")))).toBe("2026-11-01T05:30");
  });

  describe("whatever month it is", () => {
    afterEach(() => {
      Settings.now = Date.now;
    });

    test.each(["2026-07-01T00:00:00Z", "2026-12-01T00:00:00Z"])("is the same when luxon believes that it is %s", (now) => {
      Settings.now = () => Date.parse(now);
      expect(placed(NEW_YORK, "2026-11-01T01:30")).toBe("overlap 2026-11-01T05:30|2026-11-01T06:30");
    });
  });
});

describe("an offset from a moment", () => {
  const before = (start: string, offset: string) => {
    const step = parseCalendarOffset(offset) ?? expect.fail(offset);
    return formatLocal(toLocal(NEW_YORK, addOffset(NEW_YORK, placeLocal(NEW_YORK, read(start)), step)));
  };

  test.each([
    ["2026-03-08T09:00", "-PT24H", "2026-03-07T08:00"],
    ["2026-11-01T09:00", "-PT24H", "2026-10-31T10:00"],
    ["2026-03-08T09:00", "-P1D", "2026-03-07T09:00"],
    ["2026-11-01T09:00", "-P1D", "2026-10-31T09:00"],
    ["2026-03-09T02:30", "-P1D", "2026-03-08T03:30"],
    ["2026-03-08T09:00", "-P1DT24H", "2026-03-06T09:00"],
    ["2026-03-07T12:00", "P1W", "2026-03-14T12:00"],
  ])("from %s, %s is %s: days on the wall, hours of elapsed time", (start, offset, expected) => {
    expect(before(start, offset)).toBe(expected);
  });

  test("a time of day stands on the day that the wall shows", () => {
    const eve = at("2026-06-01T02:00:00Z");
    expect(iso(atWallClock(NEW_YORK, eve, wallClock(10 * 60)))).toBe("2026-05-31T14:00");
    expect(iso(atWallClock(zone("Asia/Kolkata"), eve, wallClock(10 * 60)))).toBe("2026-06-01T04:30");
  });
});

describe("a zone", () => {
  test.each(["America/New_York", "US/Eastern", "Asia/Kolkata", "Europe/Kyiv", "UTC", "Asia/Kathmandu"])("%s is one", (name) => {
    expect(parseZone(name)).toBe(name);
  });

  test.each([
    "local",
    "system",
    "UTC+3",
    "PST",
    "EST",
    "Etc/GMT+5",
    "america/new_york",
    "America/New York",
    "+05:30",
    "GMT-5",
    "null",
    "",
    "Factory",
  ])("%j is none, although luxon may take it", (name) => {
    expect(parseZone(name)).toBeUndefined();
  });
});

test("a day is twenty-four hours in every zone without a change", () => {
  expect(
    addOffset(zone("America/Phoenix"), at("2026-03-08T16:00:00Z"), { sign: 1, days: 1, minutes: 0 }) - at("2026-03-08T16:00:00Z"),
  ).toBe(24 * HOUR);
});
