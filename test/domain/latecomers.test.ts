import { describe, expect, test } from "vitest";
import type { Instant } from "../../src/domain/calendar.ts";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { ANA, BEN, facts, local, protocolOf, type RuleFile, series, session, shipped } from "../support/planner-facts.ts";
import { type Store, storePlan } from "../support/planner-store.ts";

const MONDAY = "2027-01-18T15:00";
const WEDNESDAY = "2027-01-20T15:00";
const SATURDAY_NOON = local("2027-01-16T12:00");

/** Ana's Monday and Wednesday; `changes` to one of them. */
function week(changes: { [start: string]: Partial<SessionFacts> } = {}, more: Partial<PatientFacts> = {}): PatientFacts {
  const sessions = [MONDAY, WEDNESDAY].map((start) => session(start, changes[start]));
  return facts(ANA, [series(shipped("iv-ketamine"), sessions)], { escort: ANA, ...more });
}

const postponed = (at: Instant): Partial<SessionFacts> => ({ status: "postponed", changedAt: at, changedBecause: "patient" });

function shown(store: Store, start: string, rule: string): string[] {
  return store
    .filter((row) => row.sessionId === start && row.rule === rule)
    .map(({ channel, state, reason }) => `${channel} ${reason ?? state}`);
}

const PLANNED = storePlan(week(), [], local("2027-01-04T08:00"));

describe("a visit whose neighbour is postponed stands apart now", () => {
  test("and is not reminded of after the hour of the reminder, which is kept as past", () => {
    const store = storePlan(week({ [WEDNESDAY]: postponed(SATURDAY_NOON) }), PLANNED, SATURDAY_NOON);
    expect(shown(store, MONDAY, "days-before")).toEqual(["sms past"]);
    expect(shown(store, MONDAY, "day-before")).toEqual(["email planned", "sms planned"]);
  });

  test("and is reminded of when the hour is to come", () => {
    const thursday = local("2027-01-14T12:00");
    const store = storePlan(week({ [WEDNESDAY]: postponed(thursday) }), PLANNED, thursday);
    expect(shown(store, MONDAY, "days-before")).toEqual(["sms planned"]);
  });

  test("and what is past stays past", () => {
    const known = week({ [WEDNESDAY]: postponed(SATURDAY_NOON) });
    const store = storePlan(known, PLANNED, SATURDAY_NOON);
    expect(storePlan(known, store, local("2027-01-17T09:00"))).toEqual(store);
  });

  test("and what matters is said after its hour, but not twice in the same words", () => {
    const course = protocolOf(
      { id: "close", when: ["sessions-close"], importance: "critical", expiry: { from: "anchor", offset: "-PT1H" } },
      { id: "apart", when: ["sessions-apart"], importance: "critical", expiry: { from: "anchor", offset: "-PT1H" } },
    );
    const known = (changes: Partial<SessionFacts> = {}) => facts(ANA, [series(course, [session(MONDAY), session(WEDNESDAY, changes)])]);
    const sunday = local("2027-01-17T16:00");
    const told = storePlan(known(), [], local("2027-01-04T08:00")).map((row) =>
      row.sessionId === MONDAY && row.rule === "close" ? { ...row, state: "sent" as const } : row,
    );
    expect(shown(storePlan(known(postponed(sunday)), told, sunday), MONDAY, "apart")).toEqual(["sms already-told"]);
    const untold = told.filter(({ sessionId, rule }) => sessionId !== MONDAY || rule !== "close");
    const placeholder = untold.concat(
      told.filter(({ rule, sessionId }) => rule === "close" && sessionId === MONDAY).map((row) => ({ ...row, state: "expired" as const })),
    );
    expect(shown(storePlan(known(postponed(sunday)), placeholder, sunday), MONDAY, "apart")).toEqual(["sms planned"]);
  });
});

describe("what is late for a reason of its own is still said at once", () => {
  const late: Partial<RuleFile> = { id: "late", offset: "-P3D", expiry: { from: "anchor", offset: "-PT12H" } };
  const alone = (changes: Partial<SessionFacts> = {}, more: Partial<PatientFacts> = {}, rule: Partial<RuleFile> = late) =>
    facts(ANA, [series(protocolOf(rule), [session(MONDAY, changes)])], more);

  test("at enrolment", () => {
    expect(shown(storePlan(alone(), [], SATURDAY_NOON), MONDAY, "late")).toEqual(["sms planned"]);
  });

  test("when the session itself is moved", () => {
    const early = storePlan(alone(), [], local("2027-01-04T08:00"));
    const moved = { startsAt: local("2027-01-18T17:00"), endsAt: local("2027-01-18T18:00"), arming: 1, changedAt: SATURDAY_NOON };
    expect(shown(storePlan(alone(moved), early, SATURDAY_NOON), MONDAY, "late")).toEqual(["sms superseded", "sms planned"]);
  });

  test("when the session is new", () => {
    const one = facts(ANA, [series(protocolOf(late), [session("2027-01-12T09:00")])]);
    const two = facts(ANA, [series(protocolOf(late), [session("2027-01-12T09:00"), session(MONDAY)])]);
    expect(shown(storePlan(two, storePlan(one, [], local("2027-01-04T08:00")), SATURDAY_NOON), MONDAY, "late")).toEqual(["sms planned"]);
  });

  test("to an escort who takes the place of another, who hears nothing more", () => {
    const toEscort: Partial<RuleFile> = { ...late, recipient: "escort", when: ["escort-named"] };
    const first = storePlan(alone({}, { escort: ANA }, toEscort), [], local("2027-01-04T08:00"));
    const told = first.map((row) => ({ ...row, state: "sent" as const }));
    const second = alone({}, { escort: ANA, escortNumber: 2 }, toEscort);
    expect(shown(storePlan(second, told, SATURDAY_NOON), MONDAY, "late")).toEqual(["sms sent", "sms planned"]);
    expect(shown(storePlan(second, first, SATURDAY_NOON), MONDAY, "late")).toEqual(["sms superseded", "sms planned"]);
    const flying = first.map((row) => ({ ...row, state: "sending" as const }));
    expect(storePlan(second, flying, SATURDAY_NOON).map(({ key }) => key)).toEqual([
      `late/${MONDAY}.0/0/e/sms`,
      `late/${MONDAY}.0/0/e2/sms`,
    ]);
  });

  test("on the next channel, when the first one fails", () => {
    const both = { ...late, channels: ["sms", "email"] } satisfies Partial<RuleFile>;
    const failed = storePlan(alone({}, {}, both), [], local("2027-01-04T08:00")).map((row) => ({ ...row, state: "failed" as const }));
    expect(shown(storePlan(alone({}, {}, both), failed, SATURDAY_NOON), MONDAY, "late")).toEqual(["sms failed", "email planned"]);
  });

  test("as work for staff", () => {
    const find: Partial<RuleFile> = { ...late, recipient: "staff", purpose: "staff-task", channels: ["task"], when: ["escort-missing"] };
    const before = storePlan(alone({}, { escort: BEN }, find), [], local("2027-01-04T08:00"));
    expect(shown(storePlan(alone({}, {}, find), before, SATURDAY_NOON), MONDAY, "late")).toEqual(["task planned"]);
  });
});
