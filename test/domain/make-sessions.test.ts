import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  atTime,
  type CalendarDay,
  formatDay,
  HOUR,
  parseDay,
  parseWallClock,
  WEEKDAYS,
  type Weekday,
  weekdayOf,
} from "../../src/domain/calendar.ts";
import { parseProtocol } from "../../src/domain/check-protocol.ts";
import { makeSessions, type SessionsToMake } from "../../src/domain/make-sessions.ts";
import { parseZone, placeLocal } from "../../src/domain/place-in-time.ts";
import type { Phase, Protocol } from "../../src/domain/protocol.ts";

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("The test itself is wrong");
  return value;
}

function day(text: string): CalendarDay {
  return given(parseDay(text));
}

function protocol(id: string): Protocol {
  const parsed = parseProtocol(readFileSync(new URL(`../../protocols/${id}.yaml`, import.meta.url), "utf8"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.value;
}

const dosing: Phase = { id: "course", kind: "dosing", perWeek: 1, everyWeeks: 1, minutes: 60, setting: "clinic", onRequest: false };
const openEnded: Phase = { ...dosing, id: "maintenance" };

type Asked = Partial<Omit<SessionsToMake, "cadence">> & {
  first?: string;
  weekdays?: readonly Weekday[];
  closed?: readonly string[];
  until?: string;
};

function make({ first = "2027-01-11", weekdays = ["mon", "wed", "fri"], closed = [], until = first, phases = [dosing], ...more }: Asked) {
  return makeSessions({
    cadence: { first: day(first), weekdays, at: given(parseWallClock("09:00")) },
    phases,
    closures: new Set(closed.map(day)),
    horizonUntil: day(until),
    ...more,
  });
}

function days(asked: Asked): string[] {
  return make(asked).map((session) => formatDay(session.day));
}

describe("sessions of a cadence", () => {
  test("six sessions three times a week lie on the cadence's weekdays of two weeks", () => {
    expect(days({ phases: protocol("iv-ketamine").phases })).toEqual([
      "2027-01-11",
      "2027-01-13",
      "2027-01-15",
      "2027-01-18",
      "2027-01-20",
      "2027-01-22",
    ]);
  });

  test("two weekdays make the same six sessions in three weeks", () => {
    expect(days({ phases: protocol("iv-ketamine").phases, weekdays: ["mon", "thu"] })).toEqual([
      "2027-01-11",
      "2027-01-14",
      "2027-01-18",
      "2027-01-21",
      "2027-01-25",
      "2027-01-28",
    ]);
  });

  test("a first day in the middle of the week begins the count of weeks", () => {
    expect(days({ first: "2027-01-13", phases: [{ ...dosing, perWeek: 3, count: 6 }] })).toEqual([
      "2027-01-13",
      "2027-01-15",
      "2027-01-18",
      "2027-01-20",
      "2027-01-22",
      "2027-01-25",
    ]);
  });

  test("each carries its phase's kind, length, setting and the cadence's time", () => {
    expect(make({ phases: [{ ...dosing, count: 1, setting: "home", minutes: 45 }] })).toEqual([
      { kind: "dosing", day: day("2027-01-11"), at: 9 * 60, minutes: 45, setting: "home", phase: "course" },
    ]);
  });

  test("the time on the wall stays when the clocks change, the elapsed time does not", () => {
    const zone = given(parseZone("America/New_York"));
    const starts = (first: string) =>
      make({ first, weekdays: ["fri", "mon"], phases: [{ ...dosing, perWeek: 2, count: 2 }] }).map((session) =>
        placeLocal(zone, atTime(session.day, session.at)),
      );
    const gap = ([from = 0, to = 0]: readonly number[]) => (to - from) / HOUR;
    expect(gap(starts("2027-03-05"))).toBe(72);
    expect(gap(starts("2027-03-12"))).toBe(71);
    expect(gap(starts("2027-11-05"))).toBe(73);
  });

  test("phases on request make none", () => {
    expect(days({ phases: [{ ...dosing, onRequest: true }], until: "2027-12-31" })).toEqual([]);
  });

  test("a phase begins in the week after the last one ended", () => {
    const phases = [
      { ...dosing, count: 2, id: "preparation" },
      { ...dosing, count: 2 },
    ];
    expect(days({ phases })).toEqual(["2027-01-11", "2027-01-18", "2027-01-25", "2027-02-01"]);
  });

  test("every second week leaves a week free", () => {
    expect(days({ phases: [{ ...dosing, everyWeeks: 2, count: 3 }] })).toEqual(["2027-01-11", "2027-01-25", "2027-02-08"]);
  });

  test("a cadence without a weekday makes none", () => {
    expect(days({ weekdays: [], phases: [openEnded], until: "2027-12-31" })).toEqual([]);
  });
});

describe("closures", () => {
  test("a closed day is replaced by the next of the cadence's weekdays in the same week", () => {
    expect(days({ closed: ["2027-01-18"], phases: [{ ...dosing, count: 3 }] })).toEqual(["2027-01-11", "2027-01-20", "2027-01-25"]);
  });

  test("where the week has no other day, the session is made up in the weeks after", () => {
    const asked = { weekdays: ["mon", "wed", "fri"] as const, phases: [{ ...dosing, perWeek: 3, count: 6 }] };
    expect(days({ ...asked, closed: ["2027-01-18"] })).toEqual([
      "2027-01-11",
      "2027-01-13",
      "2027-01-15",
      "2027-01-20",
      "2027-01-22",
      "2027-01-25",
    ]);
  });

  test("a week closed throughout shifts what comes after it", () => {
    expect(days({ weekdays: ["mon"], closed: ["2027-01-18"], phases: [{ ...dosing, count: 3 }] })).toEqual([
      "2027-01-11",
      "2027-01-25",
      "2027-02-01",
    ]);
  });

  test("a week closed throughout is made up in the very next one, also where every second week is treated", () => {
    expect(days({ weekdays: ["mon"], closed: ["2027-01-25"], phases: [{ ...dosing, everyWeeks: 2, count: 3 }] })).toEqual([
      "2027-01-11",
      "2027-02-01",
      "2027-02-15",
    ]);
  });
});

describe("a course with an open end", () => {
  const esketamine = { phases: protocol("esketamine-trd").phases, weekdays: ["tue", "fri"] as const, first: "2027-01-12" };

  test("begins with eight sessions twice a week and four once a week, whatever the horizon", () => {
    const made = make(esketamine);
    expect(made.map(({ phase }) => phase)).toEqual([...Array<string>(8).fill("weeks-1-to-4"), ...Array<string>(4).fill("weeks-5-to-8")]);
    expect(made.map((session) => formatDay(session.day)).slice(6)).toEqual([
      "2027-02-02",
      "2027-02-05",
      "2027-02-09",
      "2027-02-16",
      "2027-02-23",
      "2027-03-02",
    ]);
  });

  test("goes on once a week until the horizon, its last day included", () => {
    expect(days({ ...esketamine, until: "2027-03-23" }).slice(12)).toEqual(["2027-03-09", "2027-03-16", "2027-03-23"]);
    expect(days({ ...esketamine, until: "2027-03-22" }).slice(12)).toEqual(["2027-03-09", "2027-03-16"]);
  });

  test("asked again with what exists already, answers with the sessions after them only", () => {
    expect(days({ ...esketamine, until: "2027-03-23", from: 14 })).toEqual(["2027-03-23"]);
    expect(days({ ...esketamine, until: "2027-03-16", from: 14 })).toEqual([]);
  });
});

describe("sessions that follow another", () => {
  const followed: Phase = {
    ...dosing,
    followedBy: { kind: "integration", after: { sign: 1, days: 2, minutes: 0 }, minutes: 50, setting: "telehealth" },
  };
  const integration = (asked: Asked) =>
    make(asked)
      .filter(({ kind }) => kind === "integration")
      .map((session) => `${weekdayOf(session.day)} ${formatDay(session.day)}`);

  test("lie that many days later at the same time of day, in order of time", () => {
    expect(make({ phases: [{ ...followed, count: 1 }] })).toEqual([
      { kind: "dosing", day: day("2027-01-11"), at: 9 * 60, minutes: 60, setting: "clinic", phase: "course" },
      { kind: "integration", day: day("2027-01-13"), at: 9 * 60, minutes: 50, setting: "telehealth", phase: "course" },
    ]);
  });

  test("from a Thursday go to the Friday, from a Friday to the Monday", () => {
    expect(integration({ first: "2027-01-14", weekdays: ["thu"], phases: [{ ...followed, count: 1 }] })).toEqual(["fri 2027-01-15"]);
    expect(integration({ first: "2027-01-15", weekdays: ["fri"], phases: [{ ...followed, count: 1 }] })).toEqual(["mon 2027-01-18"]);
  });

  test("take a Saturday where the cadence has one", () => {
    expect(integration({ first: "2027-01-14", weekdays: ["thu", "sat"], phases: [{ ...followed, count: 1 }] })).toEqual(["sat 2027-01-16"]);
  });

  test("move past a closure, to the later day where two are as near", () => {
    expect(integration({ closed: ["2027-01-13"], phases: [{ ...followed, count: 1 }] })).toEqual(["thu 2027-01-14"]);
  });

  test("keep off the days of other sessions and of each other", () => {
    const made = make({ phases: [{ ...followed, perWeek: 3, count: 6 }] }).map((session) => session.day);
    expect(new Set(made).size).toBe(12);
  });
});

describe("whatever the cadence", () => {
  const phase = (id: string, isOpen: boolean) =>
    fc.record({
      id: fc.constant(id),
      kind: fc.constant("dosing" as const),
      perWeek: fc.integer({ min: 1, max: 4 }),
      everyWeeks: fc.integer({ min: 1, max: 3 }),
      minutes: fc.constant(60),
      setting: fc.constant("clinic" as const),
      onRequest: fc.constant(false),
      followedBy: fc.constantFrom(undefined, {
        kind: "integration" as const,
        after: { sign: 1 as const, days: 2, minutes: 0 },
        minutes: 50,
        setting: "clinic" as const,
      }),
      ...(isOpen ? {} : { count: fc.integer({ min: 1, max: 8 }) }),
    });
  const plans = fc.record({
    first: fc.integer({ min: 20_000, max: 20_800 }).map((offset) => addDays(day("1970-01-01"), offset)),
    weekdays: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    phases: fc.tuple(phase("one", false), phase("two", false), phase("open", true)),
    closed: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 25 }),
    horizon: fc.integer({ min: 0, max: 160 }),
    more: fc.integer({ min: 0, max: 90 }),
  });
  const at = given(parseWallClock("09:00"));
  const ask = (
    { first, weekdays, phases, closed }: { first: CalendarDay; weekdays: Weekday[]; phases: readonly Phase[]; closed: number[] },
    horizon: number,
  ) =>
    makeSessions({
      cadence: { first, weekdays, at },
      phases,
      closures: new Set(closed.map((offset) => addDays(first, offset))),
      horizonUntil: addDays(first, horizon),
    });

  test("a later horizon gives the same sessions and then more", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const now = ask(plan, plan.horizon);
        const later = ask(plan, plan.horizon + plan.more);
        expect(later.slice(0, now.length)).toEqual(now);
        for (const session of later.slice(now.length)) expect(session.day).toBeGreaterThan(addDays(plan.first, plan.horizon));
      }),
    );
  });

  test("no session lies on a closed day or on the day of another, and all counted ones are made", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const made = ask(plan, plan.horizon);
        const closed = new Set(plan.closed.map((offset) => addDays(plan.first, offset)));
        expect(made.filter((session) => closed.has(session.day))).toEqual([]);
        expect(new Set(made.map((session) => session.day)).size).toBe(made.length);
        for (const [index, id] of (["one", "two"] as const).entries())
          expect(made.filter(({ phase: of, kind }) => of === id && kind === "dosing")).toHaveLength(plan.phases[index]?.count ?? 0);
      }),
    );
  });
});
