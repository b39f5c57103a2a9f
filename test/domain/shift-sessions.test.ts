import { describe, expect, test } from "vitest";
import { HOUR, instant, MINUTE, parseDay } from "../../src/domain/calendar.ts";
import type { Instant } from "../../src/domain/calendar.ts";
import { shiftSessions, type ShiftableSession, type ShiftContext } from "../../src/domain/shift-sessions.ts";
import { DENVER, idOf, local, wall } from "../support/planner-facts.ts";

const visit = (name: string, start: string, changes: Partial<ShiftableSession> = {}): ShiftableSession => {
  const startsAt = local(start);
  return {
    id: idOf.session(name),
    patientId: idOf.patient("ana"),
    seriesId: idOf.series("ana"),
    zone: DENVER,
    startsAt,
    endsAt: instant(startsAt + 105 * MINUTE),
    ...changes,
  };
};
const ofBen = { patientId: idOf.patient("ben"), seriesId: idOf.series("ben") };
const days = (...texts: string[]) => new Set(texts.flatMap((text) => parseDay(text) ?? []));
const open = { zone: DENVER, days: days(), spans: [] };
const shift = (wanted: readonly ShiftableSession[], changes: Partial<ShiftContext> = {}) => {
  const { moves, left } = shiftSessions(wanted, { days: 1, now: local("2027-02-01T08:00"), closed: open, all: wanted, ...changes });
  return {
    moved: moves.map(({ session, startsAt }) => `${session.id} ${wall(startsAt)}`),
    left: left.map(({ session, why }) => `${session.id} ${why}`),
  };
};
const nine = visit("nine", "2027-02-02T09:00");

describe("moving sessions by whole days", () => {
  test("keeps the clock time and the length", () => {
    const { moves } = shiftSessions([nine], { days: 1, now: local("2027-02-01T08:00"), closed: open, all: [nine] });
    expect(moves).toEqual([
      { session: nine, localStart: "2027-02-03T09:00", startsAt: local("2027-02-03T09:00"), endsAt: local("2027-02-03T10:45") },
    ]);
  });

  test("keeps the clock time over the night on which the clocks change, in both directions", () => {
    const spring = visit("spring", "2027-03-13T09:00");
    expect(shift([spring])).toEqual({ moved: ["spring Sun 2027-03-14 09:00"], left: [] });
    const autumn = visit("autumn", "2027-11-06T09:00");
    expect(shift([autumn])).toEqual({ moved: ["autumn Sun 2027-11-07 09:00"], left: [] });
  });

  test("leaves what would fall into the hour that is skipped, or the one that comes twice", () => {
    expect(shift([visit("gap", "2027-03-13T02:30")])).toEqual({ moved: [], left: ["gap no-such-time"] });
    expect(shift([visit("twice", "2027-11-06T01:30")])).toEqual({ moved: [], left: ["twice twice"] });
    expect(shift([visit("after", "2027-03-13T03:00")]).left).toEqual([]);
  });

  test("leaves what would fall on a day or into hours on which the clinic is closed", () => {
    const ten = visit("ten", "2027-02-02T10:45", ofBen);
    expect(shift([nine, ten], { closed: { ...open, days: days("2027-02-03") } }).left).toEqual(["nine closed", "ten closed"]);
    const until = (end: Instant) => ({ ...open, spans: [{ from: local("2027-02-03T00:00"), to: end }] });
    expect(shift([nine, ten], { closed: until(local("2027-02-03T10:45")) })).toEqual({
      moved: ["ten Wed 2027-02-03 10:45"],
      left: ["nine closed"],
    });
  });

  test("leaves what has begun, and what would be over", () => {
    expect(shift([nine], { now: local("2027-02-02T08:59") }).left).toEqual([]);
    expect(shift([nine], { now: local("2027-02-02T09:00") }).left).toEqual(["nine under-way"]);
    expect(shift([nine], { days: -1, now: local("2027-02-01T09:00") }).left).toEqual(["nine past"]);
    expect(shift([nine], { days: -1, now: local("2027-02-01T08:59") }).left).toEqual([]);
  });

  test("leaves what would meet another session of the same patient, of whichever series, and of nobody else", () => {
    const there = visit("there", "2027-02-03T10:44", { seriesId: idOf.series("other") });
    expect(shift([nine], { all: [nine, there] }).left).toEqual(["nine clash"]);
    const later = { ...there, startsAt: instant(there.startsAt + MINUTE), endsAt: instant(there.endsAt + MINUTE) };
    expect(shift([nine], { all: [nine, later] }).left).toEqual([]);
    expect(shift([nine], { all: [nine, { ...there, ...ofBen }] }).left).toEqual([]);
  });

  test("lets two sessions follow each other into a place that one of them leaves", () => {
    const next = visit("next", "2027-02-03T09:00");
    expect(shift([nine, next])).toEqual({ moved: ["nine Wed 2027-02-03 09:00", "next Thu 2027-02-04 09:00"], left: [] });
  });

  test("moves all sessions of a series or none, and what then stays is in the way of others", () => {
    const integration = visit("integration", "2027-02-02T14:00");
    const blocker = visit("blocker", "2027-02-03T14:00", { seriesId: idOf.series("third") });
    const second = visit("second", "2027-02-01T09:30", { seriesId: idOf.series("second") });
    const wanted = [nine, integration, second];
    expect(shift(wanted, { all: [...wanted, blocker], now: instant(second.startsAt - HOUR) })).toEqual({
      moved: [],
      left: ["nine with-series", "integration clash", "second clash"],
    });
  });
});
