import { describe, expect, test } from "vitest";
import type { PersonFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { urgentQuietHours } from "../../src/domain/quiet-hours.ts";
import {
  ANA,
  BEN,
  CHEN,
  DEE,
  facts,
  hours,
  inWords,
  local,
  plan,
  protocolOf,
  type RuleFile,
  series,
  session,
  wall,
} from "../support/planner-facts.ts";

describe("the quiet hours of what cannot wait", () => {
  test.each([
    ["20:00", "09:00", "05:30"],
    ["22:00", "21:00", "05:30"],
    ["01:00", "09:00", "05:30"],
    ["20:00", "05:00", "05:00"],
    ["20:00", "05:30", "05:30"],
    ["13:00", "15:00", "15:00"],
    ["06:00", "19:00", "19:00"],
    ["05:30", "14:00", "14:00"],
    ["09:00", "09:00", "09:00"],
  ])("from %s to %s end at %s", (from, to, end) => {
    expect(urgentQuietHours(hours(from, to))).toEqual(hours(from, end));
  });
});

const SNOW: Partial<RuleFile> = {
  id: "snow",
  purpose: "urgent-change",
  anchor: "session.off",
  offset: "PT0M",
  channels: ["sms", "email", "task"],
  deliver: "all",
  when: ["change-soon"],
  importance: "critical",
  expiry: { from: "anchor", offset: "PT18H" },
};
const PLAIN: Partial<RuleFile> = { ...SNOW, id: "plain", purpose: "notice", deliver: "first", when: ["change-later"] };

function closed(patient: PersonFacts, { at, start = "2027-01-14T09:00" }: { at: string; start?: string }) {
  const off: Partial<SessionFacts> = {
    status: "postponed",
    changedAt: local(at),
    changedBecause: "clinic",
    toldStart: local(start),
  };
  return plan(facts(patient, [series(protocolOf(SNOW, PLAIN), [session(start, off)])]), { now: local(at) });
}

describe("an urgent change", () => {
  test("at five leaves by text at half past five, and by mail at once", () => {
    const planned = closed(ANA, { at: "2027-01-14T05:00" });
    expect(inWords(planned)).toEqual(["snow email Thu 2027-01-14 05:00", "snow sms Thu 2027-01-14 05:30"]);
    expect(planned.map(({ legal }) => legal.map(({ to }) => wall(to)))).toEqual([["Thu 2027-01-14 09:00"], ["Thu 2027-01-14 09:00"]]);
  });

  test("at twenty to six leaves at once, on every channel there is consent for, and never again after the visit", () => {
    expect(inWords(closed(ANA, { at: "2027-01-14T05:40" }))).toEqual(["snow email Thu 2027-01-14 05:40", "snow sms Thu 2027-01-14 05:40"]);
    expect(inWords(closed(BEN, { at: "2027-01-14T05:40" }))).toEqual(["snow email Thu 2027-01-14 05:40"]);
  });

  test("waits for half past five where the patient is", () => {
    expect(inWords(closed(CHEN, { at: "2027-01-14T05:40" }))).toContain("snow sms Thu 2027-01-14 05:30");
    expect(closed(CHEN, { at: "2027-01-14T05:40" }).find(({ channel }) => channel === "sms")?.dueAt).toBe(local("2027-01-14T06:30"));
  });

  test("in the evening waits for the morning, like everything else", () => {
    expect(inWords(closed(ANA, { at: "2027-01-13T21:00" }))).toContain("snow sms Thu 2027-01-14 05:30");
  });

  test("to somebody who can only be called is a call at once, whatever the hour", () => {
    const [call] = closed(DEE, { at: "2027-01-14T05:40" });
    expect(call).toMatchObject({ channel: "task", state: "planned", notBefore: local("2027-01-14T05:40") });
  });

  test("jumps nothing else: an ordinary change respects the recipient's quiet hours", () => {
    expect(inWords(closed(ANA, { at: "2027-01-13T05:40", start: "2027-01-15T09:00" }))).toEqual(["plain sms Wed 2027-01-13 09:00"]);
  });

  test("of a series that can still be undone says nothing before that time is over", () => {
    const off: Partial<SessionFacts> = {
      status: "cancelled",
      changedAt: local("2027-01-14T10:00"),
      changedBecause: "clinic",
      toldStart: local("2027-01-14T16:00"),
    };
    const course = series(protocolOf(SNOW), [session("2027-01-14T16:00", off)], { quietUntil: local("2027-01-14T10:07") });
    expect(plan(facts(ANA, [course]), { now: local("2027-01-14T10:00") }).map(({ notBefore }) => wall(notBefore))).toEqual([
      "Thu 2027-01-14 10:07",
      "Thu 2027-01-14 10:07",
    ]);
  });
});
