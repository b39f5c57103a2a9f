/** When surveys are asked, reminded of, and left alone. */
import { describe, expect, test } from "vitest";
import type { PatientFacts, PersonFacts, SeriesFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { ANA, CLINIC, facts, idOf, inWords, local, ofRule, plan, series, session, shipped } from "../support/planner-facts.ts";
import { reconcile, toStored } from "../support/planner-store.ts";

const COVERED = { ...CLINIC, surveysEnabled: true };
const TWO_WEEKS = ["11", "13", "15", "18", "20", "22"].map((day) => session(`2027-01-${day}T09:00`));

type Course = { patient?: PersonFacts; sessions?: SessionFacts[]; of?: Partial<SeriesFacts>; changes?: Partial<PatientFacts> };

function course({ patient = ANA, sessions = TWO_WEEKS, of = {}, changes = {} }: Course = {}) {
  return facts(patient, [series(shipped("iv-ketamine"), sessions, { clinic: COVERED, ...of })], changes);
}

const asked = (planned: ReturnType<typeof plan>) =>
  inWords(planned.filter(({ rule, state, recipient }) => rule.startsWith("survey-") && state === "planned" && recipient === "patient"));

const questionnaires = (planned: ReturnType<typeof plan>) =>
  asked(planned).filter((line) => !line.startsWith("survey-chase") && !line.includes("side-effects"));

describe("a course of three visits a week", () => {
  test("asks about side effects once its last week is over, and four weeks after, a day from any other question: nobody is reminded, staff ask", () => {
    const all = asked(plan(course())).filter((line) => !line.startsWith("survey-chase"));
    expect(all.filter((line) => line.includes("side-effects"))).toEqual([
      "survey-end-side-effects email Fri 2027-01-29 10:00",
      "survey-month-side-effects email Sat 2027-02-20 10:00",
    ]);
    const days = all.map((line) => line.split(" ")[3]);
    expect(new Set(days).size).toBe(days.length);
    const about = (rule: string) => ofRule(plan(course()), rule).filter(({ key }) => key.includes("side-effects"));
    expect([about("survey-chase").length, about("survey-unanswered").length]).toEqual([0, 2]);
  });

  test("asks the PHQ-9 before it, once a week, at its end and four weeks after, each with three reminders on staffed days", () => {
    expect(questionnaires(plan(course()))).toEqual([
      "survey-baseline-phq-9 email Wed 2027-01-06 10:00",
      "survey-weekly-phq-9 email Sun 2027-01-17 10:00",
      "survey-end-phq-9 email Mon 2027-01-25 10:00",
      "survey-month-phq-9 email Fri 2027-02-19 10:00",
    ]);
    const chasers = asked(plan(course())).filter((line) => line.startsWith("survey-chase"));
    expect(chasers).toContain("survey-chase sms Thu 2027-01-07 10:00");
    expect(chasers).toContain("survey-chase sms Fri 2027-01-08 10:00");
    expect(inWords(ofRule(plan(course()), "survey-unanswered"))).toHaveLength(6);
  });

  test.each([
    ["depression", ["phq-9"]],
    ["anxiety", ["gad-7"]],
    ["ptsd", ["pcl-5"]],
    ["pain", []],
  ])("for %s asks %j", (condition, instruments) => {
    const rules = questionnaires(plan(course({ of: { condition } }))).map((line) => line.split(" ")[0] ?? "");
    expect([...new Set(rules.map((rule) => rule.replace(/^survey-[a-z]+-/, "")))]).toEqual(instruments);
  });
});

describe("the PCL-5, which asks about a month", () => {
  const rules = (sessions: SessionFacts[]) => questionnaires(plan(course({ sessions, of: { condition: "ptsd" } })));

  test("is asked four weeks after the end although the end was asked in a call days later, because it is in no Spanish that may be used", () => {
    const weekly = ["01-13", "01-20", "01-27", "02-03", "02-10", "02-17"].map((day) => session(`2027-${day}T09:00`));
    const known = course({ patient: { ...ANA, locale: "es", email: "opted-out" }, sessions: weekly, of: { condition: "ptsd" } });
    const first = plan(known);
    const called =
      ofRule(first, "survey-end-pcl-5").find(({ channel, state }) => channel === "task" && state === "planned") ?? expect.fail("no call");
    expect(inWords([called])).toEqual(["survey-end-pcl-5 task Mon 2027-02-22 09:00"]);
    const store = first.map((each) => ({ ...toStored(each), ...(each.key === called.key && { state: "tasked" as const }) }));
    expect(reconcile(known, store, called.dueAt)).toMatchObject({ create: [], supersede: [] });
  });

  test("is asked at the end of a course of a month, and four weeks after that", () => {
    const weekly = ["01-11", "01-18", "01-25", "02-01", "02-08", "02-15"].map((day) => session(`2027-${day}T09:00`));
    expect(rules(weekly)).toEqual([
      "survey-baseline-pcl-5 email Wed 2027-01-06 10:00",
      "survey-end-pcl-5 email Thu 2027-02-18 10:00",
      "survey-month-pcl-5 email Thu 2027-03-18 10:00",
    ]);
  });

  test("is asked a month after a course of two weeks, because at its end half the month would lie before the baseline", () => {
    expect(rules(TWO_WEEKS)).toEqual(["survey-baseline-pcl-5 email Wed 2027-01-06 10:00", "survey-month-pcl-5 email Mon 2027-02-22 10:00"]);
  });
});

describe("an instrument", () => {
  test("is not asked again within days by another series", () => {
    const other = series(
      shipped("iv-ketamine"),
      TWO_WEEKS.map((each) => ({ ...each, id: idOf.session(`b${each.id}`) })),
      { clinic: COVERED, id: idOf.series("other") },
    );
    const known = course();
    const both = plan({ ...known, series: [...known.series, other] });
    expect(asked(both).filter((line) => line.includes("baseline"))).toEqual(["survey-baseline-phq-9 email Wed 2027-01-06 10:00"]);
  });

  test("that was measured on paper two days before is not asked, nor reminded of; six days before it is", () => {
    const measured = (day: string) => plan(course({ changes: { surveyed: [{ instrument: "phq-9", at: local(`${day}T12:00`) }] } }));
    expect(ofRule(measured("2027-01-04"), "survey-baseline-phq-9")).toEqual([]);
    expect(ofRule(measured("2026-12-31"), "survey-baseline-phq-9")).toHaveLength(1);
  });

  test("that asks about weeks never leaves within a day of a dose", () => {
    const daily = ["11", "12", "13", "14", "15", "16", "17"].map((day) => session(`2027-01-${day}T15:00`));
    for (const { legal, rule } of plan(course({ sessions: daily })).filter((each) => each.purpose === "survey" && each.channel !== "task"))
      for (const { startsAt } of daily)
        for (const { from, to } of legal) expect(to <= startsAt || from >= startsAt + 24 * 3_600_000, rule).toBe(true);
  });
});

describe("an answer", () => {
  test("silences the asking and its reminders, and no other", () => {
    const answered = plan(course({ of: { answeredSurveys: new Set(["survey-weekly-phq-9/series/0"]) } }));
    const about = (planned: ReturnType<typeof plan>, rule: string) => planned.filter(({ key }) => key.includes(rule));
    expect(about(answered, "survey-weekly-phq-9")).toEqual([]);
    expect(about(answered, "survey-end-phq-9")).toEqual(about(plan(course()), "survey-end-phq-9"));
  });
});

describe("a clinic without cover", () => {
  const bare = (condition: string) => plan(course({ of: { clinic: CLINIC, condition } }));

  test("asks nothing about self-harm, and shows why", () => {
    expect(ofRule(bare("depression"), "survey-baseline-phq-9").map(({ state, reason, channel }) => [state, reason, channel])).toEqual([
      ["suppressed", "surveys-not-enabled", "email"],
    ]);
    expect(ofRule(bare("depression"), "survey-chase").filter(({ key }) => key.includes("phq-9"))).toEqual([]);
    expect(asked(bare("depression")).some((line) => line.startsWith("survey-end-side-effects"))).toBe(true);
  });

  test("asks everything else all the same", () => {
    expect(asked(bare("anxiety"))).toContain("survey-baseline-gad-7 email Wed 2027-01-06 10:00");
    expect(ofRule(bare("depression"), "next-day").every(({ state }) => state === "planned")).toBe(true);
  });
});

describe("a questionnaire without a wording in the patient's language", () => {
  test("is asked in a call, and nobody is sent a link to it", () => {
    const planned = plan(course({ patient: { ...ANA, locale: "es" }, of: { condition: "ptsd" } }));
    expect(ofRule(planned, "survey-baseline-pcl-5").map(({ channel, state, reason }) => `${channel} ${state} ${reason}`)).toEqual([
      "email suppressed not-in-language",
      "sms suppressed not-in-language",
      "task planned null",
    ]);
    expect(ofRule(planned, "survey-chase").filter(({ key }) => key.includes("pcl-5"))).toEqual([]);
  });
});

describe("a check-in", () => {
  test("is reminded of once, six hours later", () => {
    const dosed = session("2027-01-11T09:00", { status: "dosed", dosedAt: local("2027-01-11T09:20") });
    const planned = plan(course({ sessions: [dosed] }), { now: local("2027-01-11T12:00") });
    expect(inWords(ofRule(planned, "check-in-chase"))).toEqual([
      "check-in-chase sms Tue 2027-01-12 16:00",
      "check-in-chase sms Thu 2027-01-14 16:00",
    ]);
  });
});
