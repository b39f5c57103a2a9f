import { describe, expect, test } from "vitest";
import { formatDay, formatLocal, MINUTE, parseDay, parseLocalDateTime, parseWallClock } from "../../src/domain/calendar.ts";
import type { Cadence, SessionRequest } from "../../src/domain/enqueue-request.ts";
import { resolveSessions } from "../../src/domain/resolve-sessions.ts";
import { CHEN, daysClosed, DENVER, local, shipped, wall } from "../support/planner-facts.ts";

const NOW = local("2027-01-04T08:00");
const clinic = { zone: DENVER, closures: daysClosed("2027-01-18") };

function cadence(first: string, at: string, weekdays: Cadence["weekdays"] = ["mon", "wed", "fri"]): Cadence {
  return { first: parseDay(first) ?? expect.fail(first), at: parseWallClock(at) ?? expect.fail(at), weekdays };
}

type Changes = { protocol?: string; patientZone?: typeof DENVER; now?: typeof NOW };

function resolve(
  request: { sessions?: SessionRequest[]; cadence?: Cadence },
  { protocol = "iv-ketamine", patientZone = DENVER, now = NOW }: Changes = {},
) {
  const { sessions = null, cadence: rhythm = null } = request;
  return resolveSessions({ sessions, cadence: rhythm }, { protocol: shipped(protocol), clinic, patientZone, now });
}

function written(startsAt: string, changes: Partial<SessionRequest> = {}): SessionRequest {
  const at = parseLocalDateTime(startsAt) ?? expect.fail(startsAt);
  const rest = { kind: "dosing", setting: "clinic", owner: "ours", resolution: "exact", place: null, with: null, joinUrl: null } as const;
  return { ...rest, local: at, zone: DENVER, startsAt: local(startsAt), minutes: null, externalId: null, status: null, ...changes };
}

describe("a cadence", () => {
  test("becomes the protocol's sessions, without the days on which the clinic is closed", () => {
    const { sessions, faults, warnings } = resolve({ cadence: cadence("2027-01-11", "09:00") });
    expect([faults, warnings]).toEqual([[], []]);
    expect(sessions.map(({ number, startsAt }) => `${number} ${wall(startsAt)}`)).toEqual([
      "1 Mon 2027-01-11 09:00",
      "2 Wed 2027-01-13 09:00",
      "3 Fri 2027-01-15 09:00",
      "4 Wed 2027-01-20 09:00",
      "5 Fri 2027-01-22 09:00",
      "6 Mon 2027-01-25 09:00",
    ]);
  });

  test("keeps its hour on the wall over a change of the clocks", () => {
    const { sessions } = resolve({ cadence: cadence("2027-03-08", "09:00") });
    expect(new Set(sessions.map(({ startsAt }) => wall(startsAt).slice(15)))).toEqual(new Set(["09:00"]));
  });

  test("at an hour over which the clocks jump is refused, with the two nearest times that exist", () => {
    const { faults } = resolve({ cadence: cadence("2027-03-14", "02:30", ["sun"]) });
    expect(faults[0]).toMatchObject({ path: "cadence.at", value: "2027-03-14T02:30" });
    expect(faults[0]?.expected).toContain("2027-03-14T01:59 and 2027-03-14T03:00");
  });

  test("at an hour that comes twice takes the first, and says so", () => {
    const { sessions, faults } = resolve({ cadence: cadence("2027-11-07", "01:30", ["sun"]) });
    expect(faults).toEqual([]);
    expect(sessions[0]).toMatchObject({ resolution: "overlap-first", startsAt: local("2027-11-07T01:30") });
    expect(sessions[1]).toMatchObject({ resolution: "exact" });
  });

  test("happens on the clinic's wall, at home on the patient's", () => {
    const zonesOf = (protocol: string) =>
      new Set(resolve({ cadence: cadence("2027-01-11", "09:00") }, { protocol, patientZone: CHEN.zone }).sessions.map((each) => each.zone));
    expect(zonesOf("iv-ketamine")).toEqual(new Set([DENVER]));
    expect(zonesOf("lozenge-home")).toEqual(new Set([CHEN.zone]));
  });

  test("of a course without end reaches to the horizon, and says how far that is", () => {
    const { sessions, horizonUntil } = resolve(
      { cadence: cadence("2026-11-10", "13:00", ["tue", "thu"]) },
      { protocol: "esketamine-trd", now: local("2026-11-09T08:00") },
    );
    expect(formatDay(horizonUntil ?? expect.fail("no horizon"))).toBe("2026-12-14");
    expect(sessions.length).toBeGreaterThanOrEqual(12);
    expect(resolve({ cadence: cadence("2027-01-11", "09:00") }).horizonUntil).toBeNull();
  });

  test("in the past is refused like written sessions", () => {
    expect(resolve({ cadence: cadence("2026-12-28", "09:00") }).faults.map(({ path }) => path)).toEqual([
      "sessions[0].startsAt",
      "sessions[1].startsAt",
      "sessions[2].startsAt",
    ]);
  });
});

describe("written sessions", () => {
  test("are numbered in order of time, whatever order they were written in", () => {
    const { sessions } = resolve({ sessions: [written("2027-01-13T09:00"), written("2027-01-11T09:00")] });
    expect(sessions.map(({ number, local: at }) => [number, formatLocal(at)])).toEqual([
      [1, "2027-01-11T09:00"],
      [2, "2027-01-13T09:00"],
    ]);
  });

  test("end after their minutes and, when something was given, the observation", () => {
    const lengths = (changes: Partial<SessionRequest>, protocol = "iv-ketamine") =>
      resolve({ sessions: [written("2027-01-11T09:00", changes)] }, { protocol }).sessions.map(
        ({ startsAt, endsAt }) => (endsAt - startsAt) / MINUTE,
      );
    expect(lengths({})).toEqual([60 + 45]);
    expect(lengths({ minutes: 40 })).toEqual([40 + 45]);
    expect(lengths({ kind: "booster" })).toEqual([60 + 45]);
    expect(lengths({ kind: "integration", minutes: 50 })).toEqual([50]);
    expect(lengths({ kind: "integration" }, "kap-lozenge")).toEqual([55]);
    expect(lengths({ kind: "assessment" })).toEqual([60]);
    expect(lengths({}, "esketamine-trd")).toEqual([15 + 120]);
  });

  test("keep the path of the input in their faults", () => {
    const overlapping = [written("2027-01-13T09:00"), written("2027-01-11T09:00"), written("2027-01-13T10:00")];
    expect(resolve({ sessions: overlapping }).faults).toMatchObject([{ path: "sessions[2].startsAt" }]);
  });

  test("warn of doses too close together or too far apart, and are taken all the same", () => {
    const { faults, warnings } = resolve({
      sessions: [written("2027-01-11T09:00"), written("2027-01-12T09:00"), written("2027-01-20T09:00")],
    });
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(2);
  });

  test("that started today are taken with a warning, those of yesterday need a status", () => {
    expect(resolve({ sessions: [written("2027-01-04T07:00")] })).toMatchObject({
      faults: [],
      warnings: [expect.stringContaining("started today")],
    });
    expect(resolve({ sessions: [written("2027-01-03T09:00")] }).faults).toHaveLength(1);
    expect(resolve({ sessions: [written("2027-01-03T09:00", { status: "completed" })] }).faults).toEqual([]);
  });
});

test("neither sessions nor a cadence is a fault", () => {
  expect(resolve({}).faults.map(({ path }) => path)).toContain("sessions");
});
