import { describe, expect, test } from "vitest";
import { formatDay } from "../../src/domain/calendar.ts";
import { countTextsPerWeek, warnOfTexts } from "../../src/domain/texts-per-week.ts";
import type { PlannedTouchpoint } from "../../src/domain/touchpoint.ts";
import { ANA, facts, local, plan, protocolOf, series, session, zone } from "../support/planner-facts.ts";

const [TEXT] = plan(facts(ANA, [series(protocolOf({}), [session("2027-01-11T12:00")])])) as [PlannedTouchpoint];

function texts(days: readonly string[], changes: Partial<PlannedTouchpoint> = {}): PlannedTouchpoint[] {
  return days.map((day) => ({ ...TEXT, dueAt: local(day), ...changes }));
}

function weeks(touchpoints: readonly PlannedTouchpoint[]): [string, number][] {
  return countTextsPerWeek(touchpoints).map(({ monday, texts: count }) => [formatDay(monday), count]);
}

describe("texts", () => {
  test("are counted in weeks from Monday to Sunday, in order", () => {
    const days = ["2027-01-18T00:00", "2027-01-11T00:00", "2027-01-17T23:59", "2027-01-13T12:00"];
    expect(weeks(texts(days))).toEqual([
      ["2027-01-11", 3],
      ["2027-01-18", 1],
    ]);
  });

  test("are counted on the patient's wall", () => {
    const sundayEvening = texts(["2027-01-17T23:00"], { zone: zone("Europe/London") });
    expect(weeks(sundayEvening)).toEqual([["2027-01-18", 1]]);
  });

  test("count only when they are to reach the patient", () => {
    const day = ["2027-01-11T12:00"];
    const others = [
      ...texts(day, { channel: "email" }),
      ...texts(day, { channel: "task" }),
      ...texts(day, { recipient: "escort" }),
      ...texts(day, { state: "suppressed", reason: "merged" }),
    ];
    expect(weeks(others)).toEqual([]);
  });

  test("are too many from the seventh a week on", () => {
    const six = Array.from({ length: 6 }, (_, index) => `2027-01-1${index + 1}T12:00`);
    expect(warnOfTexts(texts(six))).toEqual([]);
    expect(warnOfTexts(texts([...six, "2027-01-17T12:00"]))).toEqual([
      "7 texts in the week of 2027-01-11; more than 6 a week is a lot for one person",
    ]);
    expect(warnOfTexts(texts(["2027-01-17T12:00", "2027-01-16T12:00"]), 1)).toHaveLength(1);
  });

  test("are too many also when some of them find no room", () => {
    const six = texts(Array.from({ length: 6 }, (_, index) => `2027-01-1${index + 1}T12:00`));
    const dropped = texts(["2027-01-17T12:00"], { state: "suppressed", reason: "over-budget" });
    expect(warnOfTexts([...six, ...dropped])).toEqual([
      "7 texts in the week of 2027-01-11; more than 6 a week is a lot for one person; 1 of them by mail instead, or not at all",
    ]);
  });
});
