/** What the protocols that ship make of the fixed cast. */
import { describe, expect, test } from "vitest";
import { addDays, dayOf, formatDay, MINUTE, weekdayOf } from "../../src/domain/calendar.ts";
import type { PatientFacts, PersonFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { toLocal } from "../../src/domain/place-in-time.ts";
import type { PlannedTouchpoint } from "../../src/domain/touchpoint.ts";
import { ANA, BEN, DEE, facts, idOf, inWords, local, ofRule, plan, series, session, shipped, wall } from "../support/planner-facts.ts";

const PROTOCOLS = ["iv-ketamine", "im-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"];
const TWO_WEEKS = ["11", "13", "15", "18", "20", "22"].map((day) => session(`2027-01-${day}T09:00`));
const ALONE = [session("2027-01-11T08:00")];

type Course = { protocol?: string; patient?: PersonFacts; sessions?: SessionFacts[]; enqueued?: string; changes?: Partial<PatientFacts> };

function course({
  protocol = "iv-ketamine",
  patient = ANA,
  sessions = TWO_WEEKS,
  enqueued = "2027-01-04T08:00",
  changes = {},
}: Course = {}) {
  return facts(patient, [series(shipped(protocol), sessions, { enqueuedAt: local(enqueued) })], changes);
}

/** Those that go out, of one session. */
function sentOf(planned: readonly PlannedTouchpoint[], sessionId: string): string[] {
  return inWords(planned.filter((each) => each.sessionId === sessionId && each.state === "planned" && each.recipient === "patient"));
}

describe("sessions less than five days apart", () => {
  test("share a week plan, then have one text, one evening and one next-day check each", () => {
    const planned = plan(course({ changes: { escort: ANA } }));
    expect(inWords(ofRule(planned, "week-plan"))).toEqual(["week-plan email Sat 2027-01-09 17:00", "week-plan email Sat 2027-01-16 17:00"]);
    expect(sentOf(planned, "2027-01-13T09:00")).toEqual([
      "day-before email Tue 2027-01-12 16:00",
      "day-before sms Tue 2027-01-12 16:00",
      "home-safe sms Wed 2027-01-13 12:45",
      "next-day email Thu 2027-01-14 10:00",
      "check-in-chase email Thu 2027-01-14 16:00",
    ]);
  });

  test("have no eating notice of their own where the text of the day before carries the clock time", () => {
    const planned = plan(course());
    expect(ofRule(planned, "eating-notice")).toEqual([]);
    expect(ofRule(planned, "eating-notice-close").map(({ reason }) => reason)).toEqual(TWO_WEEKS.map(() => "merged"));
    const late = plan(course({ sessions: [session("2027-01-05T08:00"), session("2027-01-07T08:00")], enqueued: "2027-01-04T20:30" }));
    expect(
      ofRule(late, "eating-notice-close").filter(({ sessionId, state }) => sessionId === "2027-01-05T08:00" && state === "planned"),
    ).toHaveLength(1);
  });
});

describe("a session apart", () => {
  test("at eight in the morning has its eating notice at half past six the evening before", () => {
    const [notice] = ofRule(plan(course({ sessions: ALONE })), "eating-notice");
    expect(notice).toMatchObject({ channel: "sms", state: "planned", dueAt: local("2027-01-10T18:30"), sendBy: local("2027-01-10T20:00") });
    expect((notice?.sendBy ?? 0) - (notice?.dueAt ?? 0)).toBe(90 * MINUTE);
  });

  test.each(PROTOCOLS)("of %s has an eating notice between the day before and its cut-off", (protocol) => {
    const setting = protocol === "lozenge-home" ? "home" : "clinic";
    const notices = ofRule(plan(course({ protocol, sessions: [session("2027-01-11T08:00", { setting })] })), "eating-notice");
    expect(notices.filter(({ state }) => state === "planned")).toHaveLength(1);
  });
});

describe("who drives home on Monday", () => {
  test.each([
    ["alone", [session("2027-01-11T09:00")], "driver-question"],
    ["in a shared week", TWO_WEEKS, "driver-question-week"],
  ])("%s is asked on Thursday, and looked for from Friday noon", (_, sessions, rule) => {
    const planned = plan(course({ patient: DEE, sessions }));
    const [question] = ofRule(planned, rule);
    expect([wall(question?.dueAt ?? expect.fail()), wall(question?.taskDueBy ?? expect.fail())]).toEqual([
      "Thu 2027-01-07 10:00",
      "Fri 2027-01-08 12:00",
    ]);
    expect(inWords(ofRule(planned, "find-driver"))[0]).toBe("find-driver task Fri 2027-01-08 12:00");
  });

  test("is not asked of somebody who named an escort, who hears the day before", () => {
    const planned = plan(course({ sessions: ALONE, changes: { escort: { ...ANA, email: "no-consent" } } }));
    expect(planned.filter(({ rule }) => rule.includes("driver"))).toEqual([]);
    expect(inWords(planned.filter(({ recipient }) => recipient === "escort"))).toEqual(["escort-day-before sms Sun 2027-01-10 16:00"]);
  });
});

describe("a course that was half over when the clinic went live", () => {
  const mid = [
    session("2026-12-21T09:00", { status: "no_show" }),
    session("2026-12-28T09:00", { status: "completed" }),
    session("2026-12-30T09:00", { status: "not_dosed" }),
    session("2027-01-05T09:00"),
    session("2027-01-11T09:00"),
  ];

  test.each(PROTOCOLS)("of %s says nothing about sessions of the past", (protocol) => {
    const planned = plan(course({ protocol, sessions: mid }));
    const past = new Set(mid.slice(0, 3).map(({ id }) => id));
    expect(planned.filter(({ sessionId }) => sessionId !== null && past.has(sessionId))).toEqual([]);
    expect(planned.filter(({ dueAt, state }) => dueAt < local("2026-12-31T00:00") && state === "planned")).toEqual([]);
  });

  test("keeps what is past of the series as one row a rule, with its reason", () => {
    const surveys = plan(course({ sessions: mid })).filter(({ rule, reason }) => rule.startsWith("survey-") && reason === "past");
    expect(inWords(surveys)).toEqual([
      "survey-baseline-phq-9 email Wed 2026-12-16 10:00 (past)",
      "survey-weekly-phq-9 email Sun 2026-12-27 10:00 (past)",
    ]);
  });
});

test("a session that started today makes only what is to come", () => {
  const planned = plan(course({ sessions: [session("2027-01-04T07:00")] }));
  const rows = planned.filter(({ sessionId, state }) => sessionId !== null && state === "planned");
  expect(new Set(rows.map(({ rule }) => rule))).toEqual(
    new Set(["record-outcome", "home-safe", "next-day", "three-days", "check-in-chase"]),
  );
  expect(rows.every(({ sendBy }) => sendBy > local("2027-01-04T08:00"))).toBe(true);
});

describe("what happens in a session", () => {
  const after = (changes: Partial<SessionFacts>) =>
    plan(course({ patient: BEN, sessions: [session("2027-01-11T09:00", changes)] })).filter(
      ({ sessionId, dueAt }) => sessionId && dueAt > local("2027-01-11T09:00"),
    );
  const dosed = { dosedAt: local("2027-01-11T09:20") };

  test("releases what waited for it", () => {
    const waiting = (changes: Partial<SessionFacts>) => after(changes).map(({ rule, awaits }) => `${rule} ${awaits ?? "-"}`);
    expect(waiting({})).toEqual([
      "record-outcome -",
      "home-safe discharge",
      "next-day dosing",
      "check-in-chase dosing",
      "three-days dosing",
      "check-in-chase dosing",
    ]);
    expect(waiting({ status: "dosed", ...dosed })).toEqual([
      "home-safe discharge",
      "next-day -",
      "check-in-chase -",
      "series-complete -",
      "three-days -",
      "check-in-chase -",
      "booster-suggestion -",
    ]);
    const home = { status: "discharged" as const, ...dosed, dischargedAt: local("2027-01-11T11:00") };
    expect(inWords(ofRule(after(home), "home-safe"))).toEqual(["home-safe email Mon 2027-01-11 13:00"]);
  });

  test.each(["not_dosed", "no_show"] as const)("ends what was to be said when it is %s", (status) => {
    expect(after({ status })).toEqual([]);
  });
});

describe("a patient with no consent at all", () => {
  const visits = (kind: "dosing" | "integration", ...starts: string[]) =>
    starts.map((start) => session(start, { kind, ...(kind === "integration" ? { setting: "telehealth" } : {}) }));
  const kap = [
    ...visits("dosing", "2027-01-12T13:00", "2027-01-19T13:00", "2027-01-26T13:00"),
    ...visits("integration", "2027-01-14T14:00", "2027-01-21T14:00", "2027-01-28T14:00"),
  ];
  const inOrder = kap.toSorted((a, b) => a.startsAt - b.startsAt);

  test("is called about what matters, five times a week at most with a dose and a visit in each", () => {
    const calls = plan(course({ protocol: "kap-lozenge", patient: DEE, sessions: inOrder, changes: { escort: ANA } })).filter(
      ({ recipient, state }) => recipient === "patient" && state === "planned",
    );
    expect(calls.every(({ channel, taskKind }) => channel === "task" && taskKind === "call")).toBe(true);
    const weeks = Map.groupBy(
      calls.filter(({ dueAt }) => dueAt > local("2027-01-11T00:00")),
      ({ dueAt }) => mondayOf(dueAt),
    );
    expect(Math.max(...[...weeks.values()].map(({ length }) => length))).toBeLessThanOrEqual(5);
    expect(new Set(calls.map(({ rule }) => rule))).toEqual(
      new Set([
        "welcome",
        "what-to-expect",
        "day-before",
        "home-safe",
        "next-day",
        "integration-reminder",
        "survey-end-side-effects",
        "survey-month-side-effects",
      ]),
    );
  });
});

function mondayOf(at: PlannedTouchpoint["dueAt"]): string {
  let day = dayOf(toLocal(ANA.zone, at));
  while (weekdayOf(day) !== "mon") day = addDays(day, -1);
  return formatDay(day);
}

test("two series of one patient are planned together: a dose of one leaves no question of the other in its hours", () => {
  const sessions = [session("2027-01-11T09:00", { setting: "home" })];
  const other = series(shipped("iv-ketamine"), [session("2027-01-07T09:00")], { id: idOf.series("other") });
  const both = plan({
    ...course({ protocol: "lozenge-home", sessions }),
    series: [other, ...course({ protocol: "lozenge-home", sessions }).series],
  });
  const [question] = ofRule(both, "sitter-question-week").concat(ofRule(both, "sitter-question"));
  expect(question?.legal.some(({ from, to }) => from < local("2027-01-08T09:00") && to > local("2027-01-07T09:00"))).toBe(false);
});
