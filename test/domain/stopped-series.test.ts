import { describe, expect, test } from "vitest";
import type { SeriesStatus } from "../../src/domain/patient-facts.ts";
import { ANA, facts, local, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";

const BEFORE: Partial<RuleFile> = { id: "before", offset: "-P1D", expiry: { from: "anchor", offset: "-PT2H" } };
const HOME: Partial<RuleFile> = {
  id: "home-safe",
  anchor: "session.discharge",
  offset: "PT3H",
  needs: "discharge",
  expiry: { from: "due", offset: "PT4H" },
};
const AFTER: Partial<RuleFile> = {
  id: "next-day",
  anchor: "session.end",
  offset: "P1D",
  at: "11:00",
  expiry: { from: "due", offset: "P1D" },
};
const END: Partial<RuleFile> = { id: "end", anchor: "series.ended", offset: "PT0M", expiry: { from: "due", offset: "P1D" } };

/** Ana was treated at nine; her series ended at eleven, with a session still booked. */
const planned = (status: SeriesStatus) => {
  const treated = session("2027-01-11T09:00", { status: "dosed", dosedAt: local("2027-01-11T09:10") });
  const booked = session("2027-01-13T09:00", { status: "cancelled" });
  const ended = { status, endedAt: local("2027-01-11T11:00"), announced: true };
  const known = facts(ANA, [series(protocolOf(BEFORE, HOME, AFTER, END), [treated, booked], ended)]);
  return plan(known, { now: local("2027-01-11T11:00") }).map(({ rule, awaits }) => (awaits ? `${rule} once ${awaits}` : rule));
};

describe("a series that was ended on the day of a dose", () => {
  test("stopped, still asks how the patient came home and how the next day is, and says its end", () => {
    expect(planned("stopped")).toEqual(["end", "home-safe once discharge", "next-day"]);
  });

  test("void, was a mistake, and says nothing but its end", () => {
    expect(planned("void")).toEqual(["end"]);
  });
});
