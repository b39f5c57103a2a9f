import { describe, expect, test } from "vitest";
import { isAnnounced, isToldOff, type Said, type StandingSession } from "../../src/domain/announced.ts";
import { DAY, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { Protocol } from "../../src/domain/protocol.ts";
import { idOf, local, shipped } from "../support/planner-facts.ts";

const PROTOCOL: Pick<Protocol, "rules"> = shipped("iv-ketamine");
const START = local("2027-01-15T09:00");
const MADE = local("2027-01-04T08:00");

const third: StandingSession = {
  id: idOf.session("third"),
  seriesId: idOf.series("course"),
  arming: 1,
  startsAt: START,
  standsSince: MADE,
};

function said(rule: string, more: Partial<Said> = {}): Said {
  const purpose = PROTOCOL.rules.find(({ id }) => id === rule)?.purpose ?? "reminder";
  const about = { seriesId: third.seriesId, sessionId: third.id, arming: third.arming };
  return { ...about, rule, recipient: "patient", purpose, dueAt: instant(START - DAY), saidAt: instant(MADE + MINUTE), ...more };
}
const ofSeries = { sessionId: null, arming: 0 };

describe("a start is announced", () => {
  test.each(["day-before", "same-day", "session-moved", "what-to-expect"])("by %s of the session at this arming", (rule) => {
    expect(isAnnounced(third, [said(rule)], PROTOCOL)).toBe(true);
  });

  test("by the list of all dates", () => {
    expect(isAnnounced(third, [said("welcome", ofSeries)], PROTOCOL)).toBe(true);
  });

  test("by the plan of its week, whichever session opened it", () => {
    const plan = (days: number) => said("week-plan", { sessionId: idOf.session("first"), arming: 0, dueAt: instant(START - days * DAY) });
    expect(isAnnounced(third, [plan(8)], PROTOCOL)).toBe(true);
    expect(isAnnounced(third, [plan(11)], PROTOCOL)).toBe(false);
    expect(isAnnounced(third, [plan(-1)], PROTOCOL)).toBe(false);
  });

  test("by a rule that the protocol does not know any more", () => {
    expect(isAnnounced(third, [said("gone-since")], PROTOCOL)).toBe(true);
  });
});

describe("a start is not announced", () => {
  test.each([
    ["what was said before it moved", said("day-before", { arming: 0 })],
    ["what was said to the series before it stood so", said("welcome", { ...ofSeries, saidAt: instant(MADE - 1) })],
    ["what was said of another session", said("day-before", { sessionId: idOf.session("second") })],
    ["what was said of another series", said("day-before", { seriesId: idOf.series("other") })],
    ["how somebody is after a visit", said("next-day")],
    ["a survey", said("survey-weekly-phq-9", ofSeries)],
    ["that it is off", said("session-postponed")],
  ])("by %s", (_, each) => {
    expect(isAnnounced(third, [each], PROTOCOL)).toBe(false);
  });

  test("by nothing", () => {
    expect(isAnnounced(third, [], PROTOCOL)).toBe(false);
  });
});

test("a session is told to be off by what says so of it at this arming, and by nothing else", () => {
  expect(isToldOff(third, [said("session-postponed")], PROTOCOL)).toBe(true);
  expect(isToldOff(third, [said("session-postponed", { arming: 0 }), said("day-before")], PROTOCOL)).toBe(false);
});
