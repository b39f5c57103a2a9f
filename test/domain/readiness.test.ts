import { describe, expect, test } from "vitest";
import type { PatientFacts, SessionAnswerKind, SessionFacts } from "../../src/domain/patient-facts.ts";
import { judgeReadiness, readinessDeadline } from "../../src/domain/readiness.ts";
import { ANA, CLINIC, DEE, daysClosed, facts, local, series, session, shipped, wall } from "../support/planner-facts.ts";

const MONDAY = "2027-01-11T09:00";
const THURSDAY = local("2027-01-07T10:00");
const SATURDAY = local("2027-01-09T10:00");

type Case = {
  readonly answers?: readonly SessionAnswerKind[];
  readonly visit?: Partial<SessionFacts>;
  readonly patient?: Partial<PatientFacts>;
  readonly protocol?: string;
  readonly now?: typeof THURSDAY;
  readonly unanswered?: number | null;
  readonly met?: boolean;
};

function judge({ answers = [], visit = {}, patient = {}, protocol = "iv-ketamine", now = THURSDAY, unanswered = null, met }: Case) {
  const only = session(MONDAY, { ...visit, answers: new Set(answers) });
  const course = series(shipped(protocol), [only]);
  const requirements = new Map(met === undefined ? [] : [["enrolment" as const, met]]);
  return judgeReadiness({ facts: facts(ANA, [course], patient), series: course, session: only }, { now, unanswered, requirements });
}

const stateOf = (wanted: string, found: ReturnType<typeof judge>) => found?.items.find(({ item }) => item === wanted)?.state;
const ESCORT = { escort: ANA };
const READY: Case = { answers: ["confirmed", "fasting-acknowledged"], patient: ESCORT };

describe("readiness", () => {
  test("is known by noon of the last staffed day before the visit: on Friday for Monday", () => {
    expect(wall(readinessDeadline(CLINIC, local(MONDAY)))).toBe("Fri 2027-01-08 12:00");
    expect(wall(readinessDeadline({ ...CLINIC, closures: daysClosed("2027-01-08") }, local(MONDAY)))).toBe("Thu 2027-01-07 12:00");
    const early = { ...CLINIC, staffedHours: { ...CLINIC.staffedHours, fri: [] } };
    expect(wall(readinessDeadline(early, local(MONDAY)))).toBe("Thu 2027-01-07 12:00");
  });

  test("is green once everything is said", () => {
    expect(judge(READY)?.colour).toBe("green");
  });

  test("is amber while something is open and there is time, and red after that", () => {
    const open: Case = { patient: ESCORT, answers: ["fasting-acknowledged"] };
    expect(judge(open)?.colour).toBe("amber");
    expect(stateOf("confirmed", judge(open))).toBe("open");
    expect(judge({ ...open, now: SATURDAY })?.colour).toBe("red");
    expect(stateOf("confirmed", judge({ ...open, now: SATURDAY }))).toBe("overdue");
  });

  test("is red at once when the patient asks for another time, or has nobody to drive", () => {
    expect(judge({ ...READY, answers: ["asks-to-move", "fasting-acknowledged"] })?.colour).toBe("red");
    expect(judge({ answers: ["confirmed", "fasting-acknowledged", "driver-missing"] })?.colour).toBe("red");
  });

  test("takes a driver whom the patient named for one visit as well as an escort", () => {
    expect(stateOf("companion", judge({ answers: ["driver-named"] }))).toBe("done");
    expect(stateOf("companion", judge({ patient: ESCORT }))).toBe("done");
    expect(stateOf("companion", judge({}))).toBe("open");
  });

  test("is red for a patient whom no message reaches", () => {
    const course = series(shipped("iv-ketamine"), [session(MONDAY)]);
    const [only] = course.sessions;
    if (!only) expect.unreachable();
    const found = judgeReadiness(
      { facts: facts(DEE, [course]), series: course, session: only },
      { now: THURSDAY, unanswered: null, requirements: new Map() },
    );
    expect(stateOf("reachable", found)).toBe("failed");
    expect(found?.colour).toBe("red");
  });

  test("never turns red over a questionnaire or what was not ticked as read", () => {
    const late = judge({ ...READY, answers: ["confirmed"], unanswered: 1, now: SATURDAY });
    expect(stateOf("survey", late)).toBe("overdue");
    expect(stateOf("preparation", late)).toBe("overdue");
    expect(late?.colour).toBe("amber");
    expect(stateOf("survey", judge({ ...READY, unanswered: 0 }))).toBe("done");
  });

  test("asks for enrolment only where the protocol does", () => {
    expect(stateOf("enrolment", judge(READY))).toBeUndefined();
    expect(judge({ ...READY, protocol: "esketamine-trd", met: false, now: SATURDAY })?.colour).toBe("red");
    expect(judge({ ...READY, protocol: "esketamine-trd", met: true, now: SATURDAY })?.colour).toBe("green");
  });

  test("asks for the place of a session at home", () => {
    expect(stateOf("location", judge({ ...READY, visit: { setting: "home" } }))).toBe("open");
    expect(stateOf("location", judge({ visit: { setting: "home" }, answers: ["location-confirmed"] }))).toBe("done");
  });

  test("is not asked of a visit that has begun, was called off, or is held elsewhere", () => {
    for (const visit of [{ status: "arrived" }, { status: "cancelled" }, { owner: "external" }] as const)
      expect(judge({ visit })).toBeUndefined();
  });
});
