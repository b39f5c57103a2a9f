import { describe, expect, test } from "vitest";
import { DAY, HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import { checkSessions, type SessionTimes } from "../../src/domain/check-sessions.ts";
import { at, NOW, zone } from "./aspen-ridge.ts";

const DENVER = zone("America/Denver");

function session(startsAt: string | number, changes: Partial<SessionTimes> & { readonly minutes?: number } = {}): SessionTimes {
  const start = typeof startsAt === "string" ? at(startsAt) : instant(startsAt);
  const { minutes = 60, ...others } = changes;
  return { startsAt: start, endsAt: instant(start + minutes * MINUTE), zone: DENVER, status: null, path: "sessions[0]", ...others };
}

function check(...sessions: SessionTimes[]) {
  return checkSessions(
    sessions.map((one, index) => ({ ...one, path: `sessions[${index}]` })),
    { now: NOW },
  );
}

test("sessions to come, one after the other, are fine in any order", () => {
  const found = check(session("2027-01-13T16:00Z"), session("2027-01-11T16:00Z"), session("2027-01-11T17:00Z"));
  expect(found).toEqual({ faults: [], warnings: [] });
});

test("an empty list is refused", () => {
  expect(check().faults).toMatchObject([{ path: "sessions", expected: "at least one session" }]);
});

describe("the past", () => {
  test("a session of yesterday without a status is refused", () => {
    expect(check(session("2027-01-03T16:00Z")).faults).toMatchObject([{ path: "sessions[0].startsAt", value: "2027-01-03T09:00" }]);
  });

  test("a session of yesterday with a status is fine", () => {
    expect(check(session("2027-01-03T16:00Z", { status: "completed" }))).toEqual({ faults: [], warnings: [] });
  });

  test("a session that started today is accepted with a warning, down to the first minute of the day on its own wall", () => {
    expect(check(session("2027-01-04T07:00Z"))).toEqual({ faults: [], warnings: [expect.stringContaining("started today")] });
    expect(check(session("2027-01-04T06:59Z")).faults).toHaveLength(1);
  });

  test("today is the day of the session's zone, not of the clinic", () => {
    const tokyo = session("2027-01-04T14:59Z", { zone: zone("Asia/Tokyo") });
    expect(checkSessions([tokyo], { now: at("2027-01-04T15:00Z") }).faults).toHaveLength(1);
    expect(checkSessions([{ ...tokyo, zone: DENVER }], { now: at("2027-01-04T15:00Z") }).faults).toHaveLength(0);
  });

  test("a session that starts this very moment has started", () => {
    expect(check(session(NOW)).warnings).toHaveLength(1);
  });

  test("a year that was mistyped by a decade is refused", () => {
    expect(check(session("2016-01-11T16:00Z", { status: "completed" })).faults).toHaveLength(1);
  });
});

describe("the future", () => {
  test.each(["completed", "not_dosed", "no_show", "cancelled"] as const)("a session to come cannot be %s", (status) => {
    expect(check(session("2027-01-11T16:00Z", { status })).faults).toMatchObject([{ path: "sessions[0].status", value: status }]);
  });

  test("three years ahead is fine, a minute more is refused", () => {
    expect(check(session(NOW + 1096 * DAY)).faults).toHaveLength(0);
    expect(check(session(NOW + 1096 * DAY + MINUTE)).faults).toMatchObject([{ expected: "a time within three years" }]);
  });

  test("sixty sessions to come are fine, sixty-one are refused; past ones do not count", () => {
    const future = Array.from({ length: 61 }, (_, index) => session(NOW + (index + 1) * DAY));
    const past = session("2026-12-01T16:00Z", { status: "completed" });
    expect(check(past, ...future.slice(1)).faults).toHaveLength(0);
    expect(check(...future).faults).toMatchObject([{ path: "sessions", expected: expect.stringContaining("there are 61") }]);
  });
});

describe("two at the same time", () => {
  const nine = "2027-01-11T16:00Z";

  test("a session that begins before another ends is refused, by the later one", () => {
    const found = check(session("2027-01-11T16:59Z"), session(nine));
    expect(found.faults).toMatchObject([
      { path: "sessions[0].startsAt", expected: expect.stringContaining("sessions[1] (2027-01-11T10:00)") },
    ]);
  });

  test("a session that begins when another ends is fine", () => {
    expect(check(session("2027-01-11T17:00Z"), session(nine)).faults).toEqual([]);
  });

  test("the same start twice is refused, also when lengths are not known", () => {
    expect(check(session(nine, { minutes: 0 }), session(nine, { minutes: 0 })).faults).toMatchObject([{ path: "sessions[1].startsAt" }]);
  });

  test("one instant on two walls is the same start", () => {
    expect(check(session(nine), session(nine, { zone: zone("America/New_York") })).faults).toHaveLength(1);
  });

  test("a short session inside a long one does not hide a third", () => {
    const long = session(nine, { minutes: 180 });
    const found = check(long, session(at(nine) + HOUR, { minutes: 10 }), session(at(nine) + 2 * HOUR));
    expect(found.faults.map(({ path }) => path)).toEqual(["sessions[1].startsAt", "sessions[2].startsAt"]);
  });

  test("a cancelled session takes up no time, but stands only once", () => {
    const was = "2026-12-28T16:00Z";
    expect(check(session(was, { status: "cancelled" }), session(was, { status: "completed" })).faults).toEqual([]);
    expect(check(session(was, { status: "cancelled" }), session(was, { status: "cancelled" })).faults).toHaveLength(1);
  });
});
