import { describe, expect, test } from "vitest";
import { type PatientFacts } from "../../src/domain/patient-facts.ts";
import { ANA, BEN, facts, inWords, local, ofRule, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";
import { historyOf, storePlan, toStored } from "../support/planner-store.ts";

const WEEK_BEFORE: Partial<RuleFile> = { id: "week-before", offset: "-P7D", group: "lead-up", channels: ["email", "sms"] };
const THREE_DAYS_BEFORE: Partial<RuleFile> = { id: "three-days-before", offset: "-P3D", group: "lead-up", channels: ["sms", "email"] };
const DAY_BEFORE: Partial<RuleFile> = { id: "day-before", offset: "-P1D", group: "lead-up", channels: ["email", "sms"], deliver: "all" };
const STAGES = protocolOf(WEEK_BEFORE, THREE_DAYS_BEFORE, DAY_BEFORE);

function enqueued(at: string, patient = ANA): PatientFacts {
  return facts(patient, [series(STAGES, [session("2027-01-14T12:00")], { enqueuedAt: local(at) })]);
}

describe("of the stages of a story that are past when the series is enqueued", () => {
  test("only the newest is sent, and staff see the older ones", () => {
    expect(inWords(plan(enqueued("2027-01-12T10:00")))).toEqual([
      "week-before email Thu 2027-01-07 12:00 (past)",
      "three-days-before sms Mon 2027-01-11 12:00",
      "day-before email Wed 2027-01-13 12:00",
      "day-before sms Wed 2027-01-13 12:00",
    ]);
  });

  test("the newest is sent over all of its channels", () => {
    expect(inWords(plan(enqueued("2027-01-13T13:00")))).toEqual([
      "week-before email Thu 2027-01-07 12:00 (past)",
      "three-days-before sms Mon 2027-01-11 12:00 (past)",
      "day-before email Wed 2027-01-13 12:00",
      "day-before sms Wed 2027-01-13 12:00",
    ]);
  });

  test("none is past before its moment: a stage still to come takes no word from an older one", () => {
    expect(plan(enqueued("2027-01-06T10:00")).every(({ reason }) => reason === null)).toBe(true);
  });

  test("each session has a story of its own", () => {
    const sessions = [session("2027-01-14T12:00"), session("2027-01-16T12:00")];
    const two = facts(ANA, [series(STAGES, sessions, { enqueuedAt: local("2027-01-13T13:00") })]);
    const sent = ofRule(plan(two), "three-days-before").map(({ sessionId, reason }) => [sessionId, reason]);
    expect(sent).toEqual([
      ["2027-01-14T12:00", "past"],
      ["2027-01-16T12:00", null],
    ]);
  });

  test("a stage of no more use is past by itself and silences nobody", () => {
    const short = protocolOf(WEEK_BEFORE, { ...THREE_DAYS_BEFORE, expiry: { from: "anchor", offset: "-P2D" } });
    const late = facts(BEN, [series(short, [session("2027-01-14T12:00")], { enqueuedAt: local("2027-01-12T13:00") })]);
    expect(inWords(plan(late))).toEqual(["week-before email Thu 2027-01-07 12:00", "three-days-before email Mon 2027-01-11 12:00 (past)"]);
  });
});

describe("what was decided when a stage was first planned", () => {
  test("stands: a stored stage is not past because a newer one has come due", () => {
    const early = enqueued("2027-01-06T10:00");
    const store = storePlan(early, [], local("2027-01-06T10:00"));
    const later = plan(early, { now: local("2027-01-13T13:00"), history: historyOf(store) });
    expect(later.map(({ reason }) => reason)).toEqual([null, null, null, null]);
  });
});

const SAID = protocolOf(
  { id: "day-before", channels: ["sms", "email"], deliver: "all", quietHours: "sms-and-email" },
  { id: "notice", offset: "-PT8H", channels: ["sms", "email"], saidBy: "day-before", quietHours: "sms-and-email" },
);

function saying(patient = ANA): PatientFacts {
  return facts(patient, [series(SAID, [session("2027-01-14T18:00")])]);
}

describe("a text that another one says", () => {
  test("is merged into it, on the same channel of the same session", () => {
    const [notice] = ofRule(plan(saying()), "notice");
    expect(notice).toMatchObject({ state: "suppressed", reason: "merged", mergedInto: "day-before/2027-01-14T18:00.0/0/p/sms" });
  });

  test("speaks for itself where the other one cannot", () => {
    const late = facts(ANA, [series(SAID, [session("2027-01-14T09:30")], { enqueuedAt: local("2027-01-13T21:00") })]);
    expect(ofRule(plan(late), "day-before").map(({ reason }) => reason)).toEqual(["no-legal-moment", "no-legal-moment"]);
    const other = protocolOf(
      { id: "day-before", channels: ["email"] },
      { id: "notice", offset: "-PT8H", channels: ["sms", "email"], saidBy: "day-before" },
    );
    const [notice] = ofRule(plan(facts(ANA, [series(other, [session("2027-01-14T18:00")])])), "notice");
    expect(notice).toMatchObject({ channel: "sms", state: "planned", mergedInto: null });
  });

  test.each([
    ["sent", "merged"],
    ["sending", "merged"],
    ["unknown", "merged"],
    ["tasked", "merged"],
    ["failed", null],
    ["expired", null],
    ["held", null],
    ["suppressed", null],
  ] as const)("when the other one is %s, is %s", (state, reason) => {
    const speakers = ofRule(plan(saying()), "day-before").map((each) => ({ ...toStored(each), state }));
    const notice = ofRule(plan(saying(), { history: historyOf(speakers) }), "notice").find(({ channel }) => channel === "sms");
    expect(notice?.reason).toBe(reason);
  });

  test("stays on its own when it was planned on its own, although another one could say it now", () => {
    const alone = plan(saying()).filter(({ rule }) => rule === "notice");
    const stored = alone.map((each) => ({ ...toStored(each), state: "planned" as const, reason: null }));
    expect(ofRule(plan(saying(), { history: historyOf(stored) }), "notice")[0]).toMatchObject({ state: "planned", mergedInto: null });
  });

  test("keeps what was decided for it, although the other one has failed since", () => {
    const store = storePlan(saying(), [], local("2027-01-04T08:00")).map((row) =>
      row.rule === "day-before" ? { ...row, state: "failed" as const } : row,
    );
    const next = storePlan(saying(), store, local("2027-01-14T08:00"));
    expect(next.find(({ rule }) => rule === "notice")).toMatchObject({ state: "suppressed", reason: "merged" });
  });
});
