import { describe, expect, test } from "vitest";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { ANA, ENQUEUED, facts, inWords, local, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";
import { storePlan } from "../support/planner-store.ts";

const BEFORE: Partial<RuleFile> = { id: "before", at: "12:00", channels: ["sms"], expiry: { from: "anchor", offset: "-PT2H" } };
/** Enqueued on 4 January at eight; ninety days later it is 4 April at nine, because the clocks have changed. */
const LAST = "2027-04-05T09:00";
const SPRING = "2027-04-06T09:00";

function given(starts: readonly (string | SessionFacts)[], changes: Partial<PatientFacts> = {}, rules = [BEFORE]): PatientFacts {
  const sessions = starts.map((each) => (typeof each === "string" ? session(each) : each));
  return facts(ANA, [series(protocolOf(...rules), sessions)], changes);
}

const unverified = (known: PatientFacts) =>
  plan(known)
    .filter(({ reason }) => reason === "unverified")
    .map(({ sessionId }) => sessionId);

describe("a message after ninety quiet days", () => {
  test("is held, and one on the ninetieth is not", () => {
    const due = (milliseconds: number) => {
      const known = given([SPRING]);
      const [one] = known.series;
      if (!one) expect.unreachable();
      return unverified({ ...known, series: [{ ...one, enqueuedAt: instant(local("2027-04-05T12:00") - milliseconds) }] });
    };
    expect([due(90 * DAY), due(90 * DAY + 1)]).toEqual([[], [SPRING]]);
  });

  test("goes when there was a visit, a message, or a check between", () => {
    expect(unverified(given([LAST, "2027-02-10T09:00"].toSorted()))).toEqual([]);
    expect(unverified(given([SPRING], { verifiedAt: local("2027-01-20T09:00") }))).toEqual([]);
    const early: Partial<RuleFile> = { ...BEFORE, id: "early", offset: "-P60D" };
    expect(unverified(given([SPRING], {}, [early, BEFORE]))).toEqual([]);
  });

  test("does not go for a visit that was missed, called off, or comes later", () => {
    for (const status of ["no_show", "cancelled", "postponed"] as const)
      expect(unverified(given([session("2027-02-10T09:00", { status }), SPRING]))).toEqual([SPRING]);
    expect(unverified(given([SPRING, "2027-04-07T09:00"]))).toEqual([SPRING]);
  });

  test("is held for the escort too, and a call is not: somebody asks", () => {
    const rules: Partial<RuleFile>[] = [
      { ...BEFORE, recipient: "escort" },
      { ...BEFORE, id: "call", channels: ["task"] },
    ];
    expect(plan(given([SPRING], { escort: ANA }, rules)).map(({ rule, reason }) => [rule, reason])).toEqual([
      ["verify-contact", null],
      ["before", "unverified"],
      ["call", null],
    ]);
  });
});

describe("staff are asked to check", () => {
  const summer = session("2027-09-01T09:00");

  test("once for each silence, three staffed days before the first message after it", () => {
    expect(inWords(plan(given([SPRING, "2027-04-12T09:00", summer])))).toEqual([
      "verify-contact task Wed 2027-03-31 12:00",
      "before sms Mon 2027-04-05 12:00 (unverified)",
      "before sms Sun 2027-04-11 12:00",
      "verify-contact task Thu 2027-08-26 12:00",
      "before sms Tue 2027-08-31 12:00 (unverified)",
    ]);
  });

  test("as the protocol says, where it says so", () => {
    const check: Partial<RuleFile> = {
      id: "check-data",
      purpose: "staff-task",
      anchor: "contact.quiet",
      offset: "-P7D",
      at: "09:00",
      recipient: "staff",
      channels: ["task"],
      template: "verify-contact",
      task: { kind: "verify", dueWithin: "PT8H" },
      expiry: { from: "anchor", offset: "P7D" },
    };
    const [task] = plan(given([SPRING], {}, [check, BEFORE]));
    expect(task).toMatchObject({
      rule: "check-data",
      dueAt: local("2027-03-29T09:00"),
      taskKind: "verify",
      recipient: "staff",
      sessionId: null,
    });
  });

  test("and what was held goes once they have; the question goes too, and does not come back by itself", () => {
    const store = storePlan(given([SPRING]), [], ENQUEUED);
    expect(store.map(({ rule, state }) => [rule, state])).toEqual([
      ["before", "held"],
      ["verify-contact", "planned"],
    ]);
    const checked = storePlan(given([SPRING], { verifiedAt: local("2027-03-31T15:00") }), store, local("2027-03-31T15:00"));
    expect(checked.map(({ rule, state }) => [rule, state])).toEqual([
      ["before", "planned"],
      ["verify-contact", "superseded"],
    ]);
  });

  test("under one key for one silence, whatever becomes of the messages after it", () => {
    const opened = storePlan(given([SPRING]), [], ENQUEUED).map((row) =>
      row.rule === "verify-contact" ? { ...row, state: "tasked" as const } : row,
    );
    const moved = given([{ ...session(SPRING), startsAt: local("2027-05-06T09:00"), endsAt: local("2027-05-06T10:00"), arming: 1 }]);
    const next = storePlan(moved, opened, local("2027-04-01T09:00"));
    expect(next.filter(({ rule }) => rule === "verify-contact")).toHaveLength(1);
  });

  test("about nothing while the patient is on hold", () => {
    expect(inWords(plan(given([SPRING], { hold: "hospitalised" })))).toEqual(["before sms Mon 2027-04-05 12:00 (patient-hold)"]);
  });
});
