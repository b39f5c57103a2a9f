import { describe, expect, test } from "vitest";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import type { PatientFacts, SeriesFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { findOccasions } from "../../src/domain/occasions.ts";
import { findSharedWeeks } from "../../src/domain/shared-weeks.ts";
import {
  ANA,
  CHEN,
  CLINIC,
  daysClosed,
  facts,
  local,
  protocolOf,
  type RuleFile,
  series,
  session,
  wall,
  zone,
} from "../support/planner-facts.ts";

type Case = {
  patient?: PatientFacts["patient"];
  sessions?: SessionFacts[];
  series?: Partial<SeriesFacts>;
  escort?: PatientFacts["escort"];
};

function occasions(
  rule: Partial<RuleFile>,
  { patient = ANA, sessions = [session("2027-01-11T09:00")], series: changes = {}, escort = null }: Case = {},
) {
  const course = series(protocolOf(rule), sessions, changes);
  const known = facts(patient, [course], { escort });
  return findOccasions(known, course, findSharedWeeks(known));
}

/** When a rule means its moments, on the wall of `where`. */
function moments(rule: Partial<RuleFile>, given: Case = {}, where = (given.patient ?? ANA).zone): string[] {
  return occasions(rule, given).map(({ nominal }) => wall(nominal, where));
}

describe("a moment", () => {
  test.each([
    ["2027-03-14T09:00", "-P1D", "Sat 2027-03-13 09:00"],
    ["2027-03-14T09:00", "-PT24H", "Sat 2027-03-13 08:00"],
    ["2027-11-07T09:00", "-P1D", "Sat 2027-11-06 09:00"],
    ["2027-11-07T09:00", "-PT24H", "Sat 2027-11-06 10:00"],
    ["2027-03-15T02:30", "-P1D", "Sun 2027-03-14 03:30"],
  ] as const)("before %s by %s is %s: days are steps on the wall, hours elapse", (start, offset, expected) => {
    expect(moments({ offset }, { sessions: [session(start)] })).toEqual([expected]);
  });

  test("with a time of day stands on the recipient's wall, while its days are counted where the session happens", () => {
    const given = { patient: CHEN, sessions: [session("2027-01-11T00:30")] };
    expect(moments({ offset: "-P1D", at: "16:00" }, given)).toEqual(["Sat 2027-01-09 16:00"]);
    const phoenix = { patient: { ...ANA, zone: zone("America/Phoenix") }, sessions: [session("2027-03-15T09:00")] };
    expect(moments({ offset: "-P1D", at: "16:00" }, phoenix)).toEqual(["Sun 2027-03-14 16:00"]);
    const kolkata = { patient: { ...ANA, zone: zone("Asia/Kolkata") }, sessions: [session("2027-01-11T09:00")] };
    expect(moments({ offset: "-P1D", at: "16:00" }, kolkata)).toEqual(["Sun 2027-01-10 16:00"]);
  });

  test("on the morning of the session may stand before it", () => {
    const [only] = occasions({ offset: "PT0M", at: "07:00" });
    expect([wall(only?.nominal ?? expect.fail()), only?.direction]).toEqual(["Mon 2027-01-11 07:00", "earlier"]);
  });

  test("after a session never stands before what it speaks of, whatever hour its rule names", () => {
    const evening: Partial<RuleFile> = {
      anchor: "session.discharge",
      offset: "PT1H",
      at: "18:00",
      needs: "discharge",
      expiry: { from: "due", offset: "PT9H" },
    };
    const late = session("2027-01-11T09:00", { status: "discharged", dischargedAt: local("2027-01-11T18:20") });
    expect(moments(evening, { sessions: [late] })).toEqual(["Mon 2027-01-11 18:20"]);
    expect(moments({ anchor: "series.enqueued", offset: "PT0M", at: "07:00" })).toEqual(["Mon 2027-01-04 08:00"]);
  });

  test("in staffed days steps over weekends and closures: Monday's question is asked on Thursday", () => {
    const question: Partial<RuleFile> = { offset: "-P2D", days: "staffed", at: "10:00" };
    expect(moments(question)).toEqual(["Thu 2027-01-07 10:00"]);
    expect(moments(question, { series: { clinic: { ...CLINIC, closures: daysClosed("2027-01-08") } } })).toEqual(["Wed 2027-01-06 10:00"]);
  });
});

describe("not after half past seven in the evening", () => {
  const check: Partial<RuleFile> = {
    anchor: "session.discharge",
    offset: "PT2H",
    notAfter: "19:30",
    needs: "discharge",
    expiry: { from: "due", offset: "PT20H" },
  };
  const discharged = (at: string) => [session("2027-01-11T09:00", { status: "discharged", dischargedAt: local(at) })];

  test.each([
    ["2027-01-11T17:00", "Mon 2027-01-11 19:00"],
    ["2027-01-11T17:31", "Mon 2027-01-11 19:30"],
    ["2027-01-11T19:29", "Mon 2027-01-11 19:30"],
    ["2027-01-11T19:31", "Mon 2027-01-11 21:31"],
  ])("two hours after a discharge at %s is %s", (at, expected) => {
    expect(moments(check, { sessions: discharged(at) })).toEqual([expected]);
  });
});

describe("facts and plans", () => {
  const dose: Partial<RuleFile> = { anchor: "session.dose", offset: "PT1H", needs: "dosing", expiry: { from: "due", offset: "P1D" } };

  test("a moment is counted from the plan until the fact is known, and awaits it", () => {
    const [planned] = occasions(dose);
    expect([wall(planned?.nominal ?? expect.fail()), planned?.awaits]).toEqual(["Mon 2027-01-11 10:00", "dosing"]);
    const [known] = occasions(dose, { sessions: [session("2027-01-11T09:00", { status: "dosed", dosedAt: local("2027-01-11T09:40") })] });
    expect([wall(known?.nominal ?? expect.fail()), known?.awaits]).toEqual(["Mon 2027-01-11 10:40", null]);
  });

  test.each([
    ["scheduled", "arrival", "arrival"],
    ["arrived", "arrival", null],
    ["arrived", "dosing", "dosing"],
    ["dosed", "arrival", null],
    ["dosed", "discharge", "discharge"],
    ["discharged", "dosing", null],
  ] as const)("a session that is %s leaves a rule that needs %s waiting for %s", (status, needs, awaits) => {
    expect(occasions({ ...dose, needs }, { sessions: [session("2027-01-11T09:00", { status })] })[0]?.awaits).toBe(awaits);
  });

  test.each(["completed", "not_dosed", "no_show", "cancelled", "postponed"] as const)(
    "of a session that is %s nothing is said",
    (status) => {
      expect(occasions({}, { sessions: [session("2027-01-11T09:00", { status })] })).toEqual([]);
    },
  );
});

describe("series anchors", () => {
  const kinds = { kinds: ["dosing" as const] };
  const visits = [
    session("2027-01-07T09:00", { kind: "preparation" }),
    session("2027-01-11T09:00"),
    session("2027-01-14T09:00"),
    session("2027-01-15T09:00", { kind: "integration" }),
  ];

  test("the start and the end are those of the sessions that the rule applies to", () => {
    expect(moments({ anchor: "series.start", offset: "-P1D", sessions: kinds }, { sessions: visits })).toEqual(["Sun 2027-01-10 09:00"]);
    expect(moments({ anchor: "series.end", offset: "P1D", sessions: kinds }, { sessions: visits })).toEqual(["Fri 2027-01-15 10:45"]);
    expect(moments({ anchor: "series.start", offset: "-P1D", sessions: { kinds: ["booster"] } }, { sessions: visits })).toEqual([]);
  });

  test("the start counts sessions of the past: a course has one baseline", () => {
    const mid = [session("2026-12-28T09:00", { status: "completed" }), session("2027-01-11T09:00")];
    expect(moments({ anchor: "series.start", offset: "P6D" }, { sessions: mid })).toEqual(["Sun 2027-01-03 09:00"]);
  });

  test("what repeats keeps its hour on the recipient's wall when only the session's clocks change", () => {
    const given = {
      patient: { ...ANA, zone: zone("America/Phoenix") },
      sessions: [session("2027-03-08T09:00"), session("2027-03-29T09:00")],
    };
    const weekly: Partial<RuleFile> = { anchor: "series.start", offset: "P1D", at: "10:00", repeat: { every: "P7D", until: "series.end" } };
    expect(moments(weekly, given)).toEqual(["Tue 2027-03-09 10:00", "Tue 2027-03-16 10:00", "Tue 2027-03-23 10:00"]);
    expect(occasions(weekly, given).map(({ occurrence }) => occurrence)).toEqual([0, 1, 2]);
    expect(moments({ ...weekly, repeat: { every: "P7D", until: "series.end", count: 2 } }, given)).toHaveLength(2);
  });
});

test("a message is of use until a moment counted from its anchor, or from when it is due", () => {
  const [byAnchor] = occasions({ offset: "-P1D", expiry: { from: "anchor", offset: "-PT6H" } });
  const [byDue] = occasions({ offset: "-P1D", expiry: { from: "due", offset: "PT6H" } });
  expect([byAnchor, byDue].map((each) => wall(each?.usefulUntil ?? expect.fail()))).toEqual([
    "Mon 2027-01-11 03:00",
    "Sun 2027-01-10 15:00",
  ]);
  expect(byAnchor?.usefulUntil).toBe(instant(local("2027-01-11T09:00") - 6 * HOUR));
});
