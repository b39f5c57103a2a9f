import { describe, expect, test } from "vitest";
import { formatInstant } from "../../src/domain/calendar.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { CONTEXT, faultsOf, oneSession, pathsOf, patient, series, valueOf } from "./aspen-ridge.ts";

type Keys = { readonly [key: string]: unknown };

const read = (session: unknown, changes: Keys = {}) => parseSeries(oneSession(session, changes), CONTEXT);

function placed(session: Keys, changes: Keys = {}) {
  const [one] = valueOf(read(session, changes)).sessions ?? [];
  return one && { zone: one.zone, startsAt: formatInstant(one.startsAt), resolution: one.resolution };
}

const NINE = "2027-01-11T09:00";
const inChicago = { patient: patient({ zone: "America/Chicago" }) };

describe("a session stands on the wall where it happens", () => {
  test.each<[string, Keys, Keys, string]>([
    ["at the clinic: the clinic's", { setting: "clinic" }, inChicago, "America/Denver"],
    ["elsewhere: the clinic's", { setting: "elsewhere" }, inChicago, "America/Denver"],
    ["at home: the patient's", { setting: "home" }, inChicago, "America/Chicago"],
    ["by telehealth: the patient's", { setting: "telehealth" }, inChicago, "America/Chicago"],
    ["at home of a patient without a zone: the clinic's", { setting: "home" }, {}, "America/Denver"],
    ["where its own zone says, whatever the setting", { setting: "home", zone: "America/Phoenix" }, inChicago, "America/Phoenix"],
  ])("%s", (_, session, changes, zone) => {
    expect(placed({ startsAt: NINE, ...session }, changes)?.zone).toBe(zone);
  });

  test("while the patient's zone is refused, home sessions are not judged by a wall that may be wrong", () => {
    const wrongZone = { patient: patient({ zone: "PST" }) };
    expect(pathsOf(read({ startsAt: "2027-03-14T02:30", setting: "home" }, wrongZone))).toEqual(["patient.zone"]);
    expect(pathsOf(read({ startsAt: "2027-03-14T02:30" }, wrongZone))).toEqual(["patient.zone", "sessions[0].startsAt"]);
  });
});

describe("both changes of the clock", () => {
  test("a time that the clocks jump over is refused with the two nearest that exist", () => {
    expect(faultsOf(read({ startsAt: "2027-03-14T02:30" }))).toEqual([
      {
        path: "sessions[0].startsAt",
        value: "2027-03-14T02:30",
        expected: "a time that exists: the clocks in America/Denver jump over it; the nearest are 2027-03-14T01:59 or 2027-03-14T03:00",
      },
    ]);
  });

  test.each(["2027-03-14T01:59", "2027-03-14T03:00"])("%s, right beside the jump, exists", (startsAt) => {
    expect(placed({ startsAt })?.resolution).toBe("exact");
  });

  test("the same time exists where the clocks do not change", () => {
    expect(placed({ startsAt: "2027-03-14T02:30", zone: "America/Phoenix" })).toMatchObject({ startsAt: "2027-03-14T09:30:00.000Z" });
  });

  test("a time that happens twice is taken as the first, with a warning that names the other", () => {
    const parsed = read({ startsAt: "2027-11-07T01:30" });
    expect(parsed).toMatchObject({
      ok: true,
      warnings: [expect.stringMatching(/^sessions\[0\]\.startsAt: .*happens twice.*occurrence: second/)],
    });
    expect(placed({ startsAt: "2027-11-07T01:30" })).toEqual({
      zone: "America/Denver",
      startsAt: "2027-11-07T07:30:00.000Z",
      resolution: "overlap-first",
    });
  });

  test("the choice of one of the two is taken without a word", () => {
    const second = { startsAt: "2027-11-07T01:30", occurrence: "second" };
    expect(read(second)).toMatchObject({ ok: true, warnings: [] });
    expect(placed(second)).toMatchObject({ startsAt: "2027-11-07T08:30:00.000Z", resolution: "overlap-second" });
    expect(placed({ ...second, occurrence: "first" })).toMatchObject({ startsAt: "2027-11-07T07:30:00.000Z", resolution: "overlap-first" });
  });

  test("both of the two are two sessions", () => {
    const sessions = ["first", "second"].map((occurrence) => ({ startsAt: "2027-11-07T01:30", occurrence, minutes: 60 }));
    expect(parseSeries(series({ sessions }), CONTEXT).ok).toBe(true);
  });
});

describe("a session is refused where it is wrong", () => {
  test.each<[string, Keys, string, string]>([
    ["seconds", { startsAt: `${NINE}:00` }, "startsAt", "without seconds"],
    ["an offset", { startsAt: `${NINE}-07:00` }, "startsAt", "without seconds and offset"],
    ["a Z", { startsAt: `${NINE}Z` }, "startsAt", "without seconds and offset"],
    ["a space for the T", { startsAt: "2027-01-11 09:00" }, "startsAt", "written as 2027-01-11T09:00"],
    ["24:00", { startsAt: "2027-01-11T24:00" }, "startsAt", "from 00:00 to 23:59"],
    ["minute sixty", { startsAt: "2027-01-11T09:60" }, "startsAt", "from 00:00 to 23:59"],
    ["29 February in a common year", { startsAt: "2027-02-29T09:00" }, "startsAt", "a date that exists"],
    ["a time alone", { startsAt: "10:30" }, "startsAt", "a local date and time"],
    ["a month alone", { startsAt: "2027-01" }, "startsAt", "a local date and time"],
    ["a week", { startsAt: "2027-W03-1" }, "startsAt", "a local date and time"],
    ["a date that YAML made", { startsAt: new Date(0) }, "startsAt", "in quotes"],
    ["nothing", {}, "startsAt", "a text"],
    ["yesterday without a status", { startsAt: "2027-01-03T09:00" }, "startsAt", "or a status"],
    ["a status of the future", { startsAt: NINE, status: "completed" }, "status", "no status"],
    [
      "a status that is no end",
      { startsAt: "2027-01-03T09:00", status: "scheduled" },
      "status",
      "completed, not_dosed, no_show, cancelled",
    ],
    ["more than three years ahead", { startsAt: "2030-01-05T09:00" }, "startsAt", "within three years"],
    ["nine minutes", { startsAt: NINE, minutes: 9 }, "minutes", "from 10 to 480"],
    ["half a minute", { startsAt: NINE, minutes: 45.5 }, "minutes", "a whole number"],
    ["minutes as text", { startsAt: NINE, minutes: "45" }, "minutes", "a whole number"],
    ["a kind that is none", { startsAt: NINE, kind: "infusion" }, "kind", "one of preparation, dosing"],
    ["a setting that is none", { startsAt: NINE, setting: "office" }, "setting", "one of clinic, home"],
    ["a zone that is none", { startsAt: NINE, zone: "local" }, "zone", "an IANA time zone"],
    ["a link without https", { startsAt: NINE, joinUrl: "http://visit.example.org" }, "joinUrl", "https://"],
    ["a link that runs code", { startsAt: NINE, joinUrl: "javascript:alert(1)" }, "joinUrl", "https://"],
    ["a link with a password", { startsAt: NINE, joinUrl: "https://ana:secret@example.org" }, "joinUrl", "without a user name"],
    ["a place over two lines", { startsAt: NINE, place: "Room\n2" }, "place", "line break"],
    ["a key that was misspelt", { startsAt: NINE, minute: 45 }, "minute", "did you mean minutes?"],
    ["a key in another spelling", { startsAt: NINE, join_url: "https://visit.example.org" }, "join_url", "did you mean joinUrl?"],
  ])("%s", (_, session, key, expected) => {
    expect(faultsOf(read(session))).toMatchObject([{ path: `sessions[0].${key}`, expected: expect.stringContaining(expected) }]);
  });

  test("two at the same time", () => {
    const sessions = [{ startsAt: "2027-01-11T09:30" }, { startsAt: NINE, minutes: 45 }];
    expect(pathsOf(parseSeries(series({ sessions }), CONTEXT))).toEqual(["sessions[0].startsAt"]);
  });

  test("one bad session among many is the only one named", () => {
    const sessions = Array.from({ length: 60 }, (_, index) => ({
      startsAt: `2027-0${2 + Math.floor(index / 28)}-${String((index % 28) + 1).padStart(2, "0")}T09:00`,
    }));
    const bad = sessions.map((session, index) => (index === 41 ? { startsAt: "2027-02-30T09:00" } : session));
    expect(parseSeries(series({ sessions }), CONTEXT).ok).toBe(true);
    expect(pathsOf(parseSeries(series({ sessions: bad }), CONTEXT))).toEqual(["sessions[41].startsAt"]);
  });
});

describe("a cadence is refused where it is wrong", () => {
  test.each<[string, Keys, string[]]>([
    ["a first day that is none of its weekdays", { first: "2027-01-12" }, ["cadence.first"]],
    ["a first day that has been", { first: "2027-01-01" }, ["cadence.first"]],
    ["a first day more than three years ahead", { first: "2030-01-07" }, ["cadence.first"]],
    ["a first day that YAML made a date", { first: new Date(0) }, ["cadence.first"]],
    ["no weekday", { weekdays: [] }, ["cadence.weekdays"]],
    ["a weekday twice", { weekdays: ["mon", "mon"] }, ["cadence.weekdays"]],
    ["a weekday spelled out", { weekdays: ["mon", "Tuesday"] }, ["cadence.weekdays[1]"]],
    ["a time of day that is none", { at: "9am" }, ["cadence.at"]],
    ["a time of day that became a number", { at: 900 }, ["cadence.at"]],
    ["everything", { first: 1, weekdays: 2, at: 3 }, ["cadence.first", "cadence.weekdays", "cadence.at"]],
  ])("%s", (_, changes, paths) => {
    const cadence = { first: "2027-01-11", weekdays: ["mon", "wed", "fri"], at: "09:00", ...changes };
    expect(pathsOf(parseSeries(series({ sessions: undefined, cadence }), CONTEXT))).toEqual(paths);
  });

  test("today is early enough", () => {
    const cadence = { first: "2027-01-04", weekdays: ["mon"], at: "09:00" };
    expect(parseSeries(series({ sessions: undefined, cadence }), CONTEXT).ok).toBe(true);
  });
});
