import { describe, expect, test } from "vitest";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import type { Condition } from "../../src/domain/protocol.ts";
import { ANA, CHEN, facts, idOf, ofRule, plan, protocolOf, type RuleFile, series, session, shipped } from "../support/planner-facts.ts";

type Case = { sessions?: SessionFacts[]; changes?: Partial<PatientFacts>; rule?: Partial<RuleFile> };

/** Sessions for which a rule with this condition makes a touchpoint. */
function holds(condition: Condition, { sessions = [session("2027-01-11T09:00")], changes = {}, rule = {} }: Case = {}): (string | null)[] {
  const known = facts(ANA, [series(protocolOf({ when: [condition], ...rule }), sessions)], changes);
  return plan(known).map(({ sessionId }) => sessionId);
}

const MONDAY = "2027-01-11T09:00";

describe("a condition", () => {
  test("on the escort holds with or without one", () => {
    expect(holds("escort-named")).toEqual([]);
    expect(holds("escort-named", { changes: { escort: ANA } })).toEqual([MONDAY]);
    expect(holds("escort-missing")).toEqual([MONDAY]);
    expect(holds("escort-missing", { changes: { escort: ANA } })).toEqual([]);
  });

  test.each([
    ["scheduled", true, false],
    ["arrived", true, false],
    ["dosed", false, true],
    ["discharged", false, true],
  ] as const)("on the outcome: a session that is %s lacks it (%s), is dosed (%s)", (status, isMissing, isDosed) => {
    const given = { sessions: [session(MONDAY, { status })] };
    expect(holds("outcome-missing", given)).toEqual(isMissing ? [MONDAY] : []);
    expect(holds("dosed", given)).toEqual(isDosed ? [MONDAY] : []);
  });

  test("on neighbours tells sessions close together from those apart", () => {
    const given = { sessions: [session(MONDAY), session("2027-01-13T09:00"), session("2027-01-20T09:00")] };
    expect(holds("sessions-close", given)).toEqual([MONDAY, "2027-01-13T09:00"]);
    expect(holds("sessions-apart", given)).toEqual(["2027-01-20T09:00"]);
  });

  test("on detail follows what the patient accepted", () => {
    expect([holds("detail-accepted"), holds("detail-accepted", { changes: { detailAccepted: true } })]).toEqual([[], [MONDAY]]);
  });

  test("on what comes next leaves out a check that the next dose would come before", () => {
    const after: Partial<RuleFile> = { offset: "P3D", expiry: { from: "due", offset: "P1D" } };
    const next = (start: string, changes: Partial<SessionFacts> = {}) =>
      holds("no-session-before-due", { rule: after, sessions: [session(MONDAY), session(start, changes)] }).includes(MONDAY);
    expect([next("2027-01-14T09:00"), next("2027-01-14T09:01"), next("2027-01-13T09:00")]).toEqual([false, true, false]);
    expect([next("2027-01-13T09:00", { kind: "integration" }), next("2027-01-13T09:00", { status: "cancelled" })]).toEqual([true, true]);
  });

  test("on the diagnosis leaves out the surveys of others", () => {
    const surveyed = (condition: string) =>
      new Set(plan(facts(ANA, [series(shipped("iv-ketamine"), [session("2027-01-20T09:00")], { condition })])).map(({ rule }) => rule));
    expect(surveyed("anxiety")).toContain("survey-end-gad-7");
    expect(surveyed("anxiety")).not.toContain("survey-end-phq-9");
    expect(surveyed("ptsd")).toContain("survey-month-pcl-5");
  });
});

describe("which sessions", () => {
  const visits = [
    session("2027-01-08T09:00", { kind: "preparation" }),
    session("2027-01-11T09:00"),
    session("2027-01-18T09:00", { setting: "home" }),
    session("2027-01-25T09:00", { owner: "external" }),
    session("2027-02-01T09:00", { kind: "booster" }),
  ];
  const chosen = (sessions: RuleFile["sessions"]) =>
    plan(facts(ANA, [series(protocolOf({ sessions }), visits)])).map(({ sessionId }) => sessionId?.slice(5, 10));

  test.each([
    [undefined, ["01-11", "01-18", "02-01"]],
    [{ kinds: ["preparation" as const] }, ["01-08"]],
    [{ settings: ["home" as const] }, ["01-18"]],
    [{ owners: ["external" as const] }, ["01-25"]],
    [{ which: "first" as const }, ["01-11"]],
    [{ which: "last" as const }, ["02-01"]],
  ])("%j are %j", (sessions, expected) => {
    expect(chosen(sessions)).toEqual(expected);
  });
});

describe("the start of a shared week", () => {
  const question: Partial<RuleFile> = { anchor: "week.start", offset: "-P2D", sessions: { kinds: ["dosing"] } };
  const opened = (sessions: SessionFacts[], other: SessionFacts[] = []) => {
    const both = [series(protocolOf(question), sessions), series(protocolOf(question), other, { id: idOf.series("other") })];
    return ofRule(plan(facts(ANA, both)), "rule").map(({ sessionId }) => sessionId?.slice(5, 10));
  };

  test("is its first session of those the rule applies to, so that a visit before it hides nothing", () => {
    expect(opened([session("2027-01-11T09:00"), session("2027-01-13T09:00"), session("2027-01-15T09:00")])).toEqual(["01-11"]);
    expect(opened([session("2027-01-11T09:00", { kind: "assessment" }), session("2027-01-13T09:00"), session("2027-01-15T09:00")])).toEqual(
      ["01-13"],
    );
  });

  test("is said once a week over all series of the patient", () => {
    expect(opened([session("2027-01-13T09:00")], [session("2027-01-11T09:00")])).toEqual(["01-11"]);
  });

  test("is not said of a session apart, nor again when the week was half over at enrolment", () => {
    expect(opened([session("2027-01-11T09:00")])).toEqual([]);
    expect(
      opened([session("2027-01-02T09:00", { status: "completed" }), session("2027-01-05T09:00"), session("2027-01-08T09:00")]),
    ).toEqual([]);
  });
});

test("staff live in the clinic's zone, the escort has an own language, and nobody is invented", () => {
  const rules = protocolOf(
    { id: "staff", purpose: "staff-task", recipient: "staff", channels: ["task"] },
    { id: "escort", recipient: "escort" },
  );
  const course = series(rules, [session("2027-01-13T09:00")]);
  expect(plan(facts(CHEN, [course])).map(({ rule }) => rule)).toEqual(["staff"]);
  const escort = { ...CHEN, locale: "es" as const };
  expect(plan(facts(CHEN, [course], { escort })).map(({ rule, zone, locale }) => [rule, zone, locale])).toEqual([
    ["escort", "America/Los_Angeles", "es"],
    ["staff", "America/Denver", "en"],
  ]);
});
