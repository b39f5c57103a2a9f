import { describe, expect, test } from "vitest";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import type { ClinicFacts } from "../../src/domain/clinic.ts";
import type { PersonFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { staffedSpans } from "../../src/domain/staffed-time.ts";
import {
  ANA,
  CLINIC,
  daysClosed,
  DEE,
  facts,
  hours,
  inWords,
  local,
  ofRule,
  plan,
  protocolOf,
  type RuleFile,
  series,
  session,
  shipped,
  wall,
} from "../support/planner-facts.ts";

const WORK: Partial<RuleFile> = {
  id: "work",
  purpose: "staff-task",
  recipient: "staff",
  channels: ["task"],
  offset: "-P1D",
  days: "staffed",
  at: "12:00",
};
const CALL: Partial<RuleFile> = {
  id: "call",
  channels: ["task"],
  offset: "-P1D",
  at: "16:00",
  expiry: { from: "anchor", offset: "-PT6H" },
};

type Case = { start?: string; clinic?: Partial<ClinicFacts>; now?: string; patient?: PersonFacts; more?: SessionFacts[] };

function tasks(
  rule: Partial<RuleFile>,
  { start = "2027-01-11T09:00", clinic = {}, now = "2027-01-04T08:00", patient = DEE, more = [] }: Case = {},
) {
  const course = series(protocolOf(rule), [...more, session(start)], { clinic: { ...CLINIC, ...clinic } });
  return plan(facts(patient, [course]), { now: local(now) });
}

function dueOf(touchpoints: ReturnType<typeof tasks>): string[] {
  return touchpoints.map(({ notBefore, taskDueBy }) => `${wall(notBefore)}, due ${taskDueBy ? wall(taskDueBy) : "never"}`);
}

describe("calls", () => {
  test("are placed in staffed hours, earlier before a session", () => {
    expect(inWords(tasks(CALL))).toEqual(["call task Fri 2027-01-08 15:30"]);
    expect(inWords(tasks(CALL, { start: "2027-01-13T09:00" }))).toEqual(["call task Tue 2027-01-12 15:30"]);
    expect(inWords(tasks(CALL, { start: "2027-01-13T16:30" }))).toEqual(["call task Tue 2027-01-12 16:00"]);
  });

  test("are placed in staffed hours, later after a session", () => {
    const after: Partial<RuleFile> = {
      ...CALL,
      anchor: "session.end",
      offset: "PT8H",
      at: undefined,
      expiry: { from: "due", offset: "P2D" },
    };
    expect(dueOf(tasks(after, { start: "2027-01-14T09:00" }))).toEqual(["Fri 2027-01-15 09:00, due Fri 2027-01-15 11:00"]);
    expect(dueOf(tasks(after, { start: "2027-01-15T09:00" })), "nobody is there before Monday").toEqual([
      "Fri 2027-01-15 18:45, due Mon 2027-01-18 11:00",
    ]);
  });

  test("that can still be made only on Friday are due on Friday", () => {
    expect(dueOf(tasks({ ...CALL, task: { kind: "call", dueWithin: "PT8H" } }))).toEqual([
      "Fri 2027-01-08 15:30, due Fri 2027-01-08 17:00",
    ]);
  });

  test("stand on the list at any hour in a clinic that never says when it is staffed", () => {
    expect(dueOf(tasks(CALL, { clinic: { staffedHours: {} } }))).toEqual(["Sun 2027-01-10 16:00, due Sun 2027-01-10 18:00"]);
  });

  test("planned after the staffed hours are over stay planned, so that the sweep opens them", () => {
    const [late] = tasks(CALL, { now: "2027-01-10T21:00" });
    expect(late).toMatchObject({ state: "planned", sendBy: local("2027-01-08T17:00"), expiresAt: local("2027-01-11T03:00") });
    expect(tasks(CALL, { now: "2027-01-11T03:00" })[0]).toMatchObject({ state: "suppressed", reason: "past" });
  });

  test("ask for no decision between a dose and the next morning, like texts", () => {
    const question: Partial<RuleFile> = { ...CALL, at: "14:00", asksDecision: true };
    const dose = { more: [session("2027-01-12T13:00")], start: "2027-01-13T13:00" };
    expect(inWords(tasks(question, dose)).at(-1)).toBe("call task Tue 2027-01-12 11:30");
    expect(inWords(tasks({ ...question, asksDecision: false }, dose)).at(-1)).toBe("call task Tue 2027-01-12 14:00");
    const missed = { ...dose, more: [session("2027-01-12T13:00", { status: "no_show" })] };
    expect(inWords(tasks(question, missed)), "who was not given anything may be asked").toEqual(["call task Tue 2027-01-12 14:00"]);
  });
});

test("a question about tonight is never sent tomorrow; a call about it may come then", () => {
  const tonight: Partial<RuleFile> = {
    id: "tonight",
    anchor: "session.end",
    offset: "PT30M",
    channels: ["sms", "task"],
    sameDay: true,
    expiry: { from: "due", offset: "PT20H" },
  };
  expect(inWords(tasks(tonight, { start: "2027-01-12T18:30", patient: ANA }))).toEqual([
    "tonight sms Tue 2027-01-12 20:45 (no-legal-moment)",
    "tonight task Wed 2027-01-13 09:00",
  ]);
});

test("a call about a session at home on a Friday evening is due once somebody is there, not at half past two on Saturday", () => {
  const home = series(shipped("lozenge-home"), [session("2027-01-15T16:45", { setting: "home" })]);
  const [call] = ofRule(plan(facts(DEE, [home])), "home-end").filter(({ channel }) => channel === "task");
  expect(dueOf(call ? [call] : [])).toEqual(["Fri 2027-01-15 19:00, due Mon 2027-01-18 11:00"]);
});

test("every call and every task of the protocols that ship is due in staffed hours, if its time has any", () => {
  const starts = ["2027-01-15T16:45", "2027-01-18T07:00", "2027-01-23T09:00", "2027-01-31T17:30"];
  const all = ["iv-ketamine", "lozenge-home", "esketamine-trd"].flatMap((protocol) =>
    plan(
      facts(DEE, [
        series(
          shipped(protocol),
          starts.map((start) => session(start, { setting: protocol === "lozenge-home" ? "home" : "clinic" })),
        ),
      ]),
    ),
  );
  const tasked = all.filter(({ channel, state, taskDueBy }) => channel === "task" && state === "planned" && taskDueBy !== null);
  expect(tasked.length).toBeGreaterThan(50);
  const outside = tasked.filter(({ taskDueBy, notBefore, sendBy }) => {
    const due = taskDueBy ?? expect.unreachable();
    const isStaffed = staffedSpans(CLINIC, { from: instant(due - 1), to: due }).length > 0;
    return !isStaffed && staffedSpans(CLINIC, { from: notBefore, to: sendBy }).length > 0;
  });
  expect(outside.map(({ rule, taskDueBy }) => `${rule} ${taskDueBy && wall(taskDueBy)}`)).toEqual([]);
});

describe("work for staff", () => {
  test("about Monday is asked for on Friday at noon, and its time is counted in staffed hours", () => {
    expect(dueOf(tasks({ ...WORK, task: { kind: "find-driver", dueWithin: "PT4H" } }))).toEqual([
      "Fri 2027-01-08 12:00, due Fri 2027-01-08 16:00",
    ]);
    expect(dueOf(tasks({ ...WORK, at: "16:00", task: { kind: "find-driver", dueWithin: "PT1H" } }))).toEqual([
      "Fri 2027-01-08 16:00, due Fri 2027-01-08 17:00",
    ]);
    const closed = { clinic: { closures: daysClosed("2027-01-08") } };
    expect(dueOf(tasks(WORK, closed))).toEqual(["Thu 2027-01-07 12:00, due Thu 2027-01-07 14:00"]);
  });

  test("before a session is due at the last staffed moment at which it is of use", () => {
    expect(dueOf(tasks({ ...WORK, task: { kind: "find-driver", dueWithin: "P2D" } }))).toEqual([
      "Fri 2027-01-08 12:00, due Fri 2027-01-08 17:00",
    ]);
  });

  test("before a session opens earlier, when nobody would see it in time: a Saturday's on Friday", () => {
    const sameDay: Partial<RuleFile> = {
      ...WORK,
      offset: "-PT2H",
      days: "calendar",
      at: undefined,
      expiry: { from: "anchor", offset: "PT0M" },
    };
    expect(dueOf(tasks(sameDay, { start: "2027-01-09T17:00" }))).toEqual(["Fri 2027-01-08 15:30, due Fri 2027-01-08 17:00"]);
    expect(dueOf(tasks(sameDay, { start: "2027-01-08T17:00" }))).toEqual(["Fri 2027-01-08 15:00, due Fri 2027-01-08 17:00"]);
    const afternoons = { clinic: { staffedHours: { fri: [hours("13:00", "17:00")] } } };
    expect(dueOf(tasks({ ...WORK, days: "calendar" }, { start: "2027-01-09T17:00", ...afternoons }))[0]).toMatch(/^Fri 2027-01-08 12:00/);
  });

  test("after a session opens at any hour and is due in staffed time", () => {
    const record: Partial<RuleFile> = {
      ...WORK,
      anchor: "session.end",
      offset: "PT30M",
      days: "calendar",
      at: undefined,
      expiry: { from: "due", offset: "P2D" },
    };
    expect(dueOf(tasks(record, { start: "2027-01-15T17:00" }))).toEqual(["Fri 2027-01-15 19:15, due Mon 2027-01-18 11:00"]);
  });

  test("found out about late has its whole time from then on", () => {
    const course = series(protocolOf({ ...WORK, task: { kind: "find-driver", dueWithin: "PT1H" } }), [session("2027-01-11T16:00")], {
      enqueuedAt: local("2027-01-11T09:30"),
      quietUntil: instant(local("2027-01-11T09:30") + 10 * MINUTE),
    });
    expect(dueOf(plan(facts(ANA, [course])))).toEqual(["Mon 2027-01-11 09:40, due Mon 2027-01-11 10:40"]);
  });
});
