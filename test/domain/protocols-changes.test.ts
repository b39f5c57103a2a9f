/** What the protocols that ship say when a plan meets reality. */
import { describe, expect, test } from "vitest";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import type { PatientFacts, PersonFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import { type PlannedTouchpoint, toHistories } from "../../src/domain/touchpoint.ts";
import { toStored } from "../support/planner-store.ts";
import { ANA, BEN, DEE, facts, local, ofRule, plan, series, session, shipped } from "../support/planner-facts.ts";

const PROTOCOLS = ["iv-ketamine", "im-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"];
const MONDAY = local("2027-01-11T09:00");
const LATER: Partial<SessionFacts> = { changedAt: local("2027-01-05T10:00"), changedBecause: "clinic" };
const SOON: Partial<SessionFacts> = { changedAt: local("2027-01-10T18:00"), changedBecause: "clinic" };
const ANA_ESCORT: PersonFacts = { ...ANA, email: "no-consent" };

type Case = { patient?: PersonFacts; changes?: Partial<PatientFacts>; to?: string; now?: Instant };

/** What is stored once whoever helps was told of these sessions the day before. */
function toldTheDayBefore(protocol: string, sessions: readonly SessionFacts[], escort: PersonFacts): ReturnType<typeof toHistories> {
  const before = sessions.map((each): SessionFacts => ({ ...each, status: "scheduled", changedAt: null, toldStart: null }));
  const planned = plan(facts(ANA, [series(shipped(protocol), before)], { escort }));
  return toHistories(ofRule(planned, "escort-day-before").map((row) => ({ ...toStored(row), state: "sent" })));
}

/** What is said about one session that had been announced for Monday at nine, as of the moment after it changed. */
function saidOf(
  protocol: string,
  change: Partial<SessionFacts>,
  { patient = ANA, changes = {}, to = "2027-01-11T09:00" }: Case = {},
): PlannedTouchpoint[] {
  const setting = protocol === "lozenge-home" ? "home" : "clinic";
  const changed = session(to, { setting, toldStart: MONDAY, ...change });
  const now = instant((change.changedAt ?? change.outcomeAt ?? MONDAY) + 1);
  const planned = plan(facts(patient, [series(shipped(protocol), [changed])], changes), { now });
  return planned.filter(({ rule }) => /^(session|rebook|escort-(moved|off|ready)|missed|series-(stopped|void))/.test(rule));
}

const told = (planned: readonly PlannedTouchpoint[], recipient = "patient") =>
  planned
    .filter((each) => each.recipient === recipient && each.state === "planned")
    .map(({ rule, channel }) => `${rule} ${channel}`)
    .sort();

describe.each(PROTOCOLS)("%s", (protocol) => {
  test.each([
    ["moved", LATER, "2027-01-12T14:00", ["session-moved email"]],
    ["moved at short notice", SOON, "2027-01-11T14:00", ["session-moved-soon email", "session-moved-soon sms"]],
    ["cancelled", { ...LATER, status: "cancelled" }, undefined, ["session-cancelled email"]],
    [
      "cancelled at short notice",
      { ...SOON, status: "cancelled" },
      undefined,
      ["session-cancelled-soon email", "session-cancelled-soon sms"],
    ],
    ["postponed", { ...LATER, status: "postponed" }, undefined, ["session-postponed email"]],
    [
      "postponed at short notice",
      { ...SOON, status: "postponed" },
      undefined,
      ["session-postponed-soon email", "session-postponed-soon sms"],
    ],
  ] satisfies [string, Partial<SessionFacts>, string | undefined, string[]][])(
    "tells a session %s once a channel",
    (_, change, to, expected) => {
      expect(told(saidOf(protocol, change, to === undefined ? {} : { to }))).toEqual(expected);
    },
  );

  test("calls who can be reached in no other way", () => {
    expect(told(saidOf(protocol, { ...LATER, status: "cancelled" }, { patient: DEE }))).toEqual(["session-cancelled task"]);
    expect(told(saidOf(protocol, { ...SOON, status: "cancelled" }, { patient: DEE }))).toEqual(["session-cancelled-soon task"]);
  });

  test("says nothing of what nobody had been told", () => {
    expect(told(saidOf(protocol, { ...LATER, status: "cancelled", toldStart: null }))).toEqual([]);
    expect(told(saidOf(protocol, { ...LATER, toldStart: null }, { to: "2027-01-12T14:00" }))).toEqual([]);
  });

  test.each([
    ["postponed", "clinic", ["rebook-postponed task"]],
    ["postponed", "patient", ["rebook-postponed task"]],
    ["postponed", null, ["rebook-postponed task"]],
    ["cancelled", "clinic", ["rebook-cancelled task"]],
    ["cancelled", "patient", []],
    ["cancelled", null, []],
  ] as const)("opens the call that a text promises: %s because of %s", (status, changedBecause, expected) => {
    expect(told(saidOf(protocol, { ...LATER, status, changedBecause }), "staff")).toEqual(expected);
  });

  test.each(["postponed", "cancelled"] as const)("opens it also where nobody had been told, if the clinic %s it", (status) => {
    const untold = { ...LATER, status, toldStart: null };
    expect(told(saidOf(protocol, untold), "staff")).toEqual([`rebook-${status} task`]);
    expect(told(saidOf(protocol, { ...untold, changedBecause: "patient" }), "staff")).toEqual([]);
  });

  test("tells whoever was to help", () => {
    const escort = { changes: { escort: ANA_ESCORT } };
    expect(told(saidOf(protocol, { ...LATER, status: "cancelled" }, escort), "escort")).toEqual(["escort-off sms"]);
    expect(told(saidOf(protocol, SOON, { ...escort, to: "2027-01-11T14:00" }), "escort")).toEqual(["escort-moved-soon sms"]);
    expect(told(saidOf(protocol, { ...SOON, status: "cancelled" }), "escort")).toEqual([]);
  });

  test("tells whoever helps since a visit changed nothing of that change", () => {
    const escort = { changes: { escort: ANA_ESCORT, escortNumber: 2, escortSince: local("2027-01-10T18:30") } };
    expect(told(saidOf(protocol, { ...LATER, status: "cancelled" }, escort), "escort")).toEqual([]);
    expect(told(saidOf(protocol, SOON, { ...escort, to: "2027-01-11T14:00" }), "escort")).toEqual([]);
  });

  test("has a watched patient who did not come called within two staffed hours, and anybody else about another time", () => {
    const missed: Partial<SessionFacts> = { status: "no_show", outcomeAt: instant(MONDAY + HOUR) };
    expect(told(saidOf(protocol, missed), "staff")).toEqual(["missed-visit task"]);
    const watched = saidOf(protocol, missed, { changes: { watched: true } });
    expect(told(watched, "staff")).toEqual(["missed-visit-watched task"]);
    expect(ofRule(watched, "missed-visit").map(({ state, reason }) => [state, reason])).toEqual([["suppressed", "merged"]]);
    expect(ofRule(watched, "missed-visit-watched")[0]).toMatchObject({
      importance: "critical",
      taskKind: "call",
      taskDueBy: instant(MONDAY + 3 * HOUR),
    });
    expect(told(watched)).toEqual([]);
  });

  test.each(["stopped", "void"] as const)("says once that a series is %s, if it had been heard of", (status) => {
    const ended = (announced: boolean, patient = BEN) =>
      plan(
        facts(patient, [
          series(shipped(protocol), [session("2027-01-11T09:00", { status: "cancelled" })], {
            status,
            endedAt: local("2027-01-06T10:00"),
            announced,
          }),
        ]),
        {
          now: local("2027-01-06T10:00"),
        },
      ).filter(({ state }) => state === "planned");
    expect(told(ended(true))).toEqual([`series-${status} email`]);
    expect(told(ended(true, DEE))).toEqual([`series-${status} task`]);
    expect(ended(false)).toEqual([]);
  });

  test.each(["stopped", "void"] as const)("says at once on every channel that a series is %s on the eve of a visit", (status) => {
    const endedAt = local("2027-01-10T18:00");
    const setting = protocol === "lozenge-home" ? "home" : "clinic";
    const off: Partial<SessionFacts> = { status: "cancelled", changedAt: endedAt, changedBecause: "clinic", setting };
    const sessions = [
      session("2027-01-11T09:00", { ...off, toldStart: MONDAY }),
      session("2027-01-13T09:00", { ...off, toldStart: local("2027-01-13T09:00") }),
    ];
    const history = toldTheDayBefore(protocol, sessions.slice(0, 1), ANA_ESCORT);
    const ended = (all: SessionFacts[], patient = ANA) =>
      plan(facts(patient, [series(shipped(protocol), all, { status, endedAt, announced: true })], { escort: ANA_ESCORT }), {
        now: endedAt,
        history,
      });
    expect(told(ended(sessions))).toEqual([`series-${status}-soon email`, `series-${status}-soon sms`]);
    expect(told(ended(sessions, DEE))).toEqual([`series-${status}-soon task`]);
    expect(told(ended(sessions), "staff")).toEqual([]);
    const driver = ended(sessions).filter(({ recipient, state }) => recipient === "escort" && state === "planned");
    expect(driver.map(({ rule, sessionId }) => `${rule} ${sessionId}`)).toEqual(["escort-off-soon 2027-01-11T09:00"]);
    expect(told(ended(sessions.slice(1)))).toEqual([`series-${status} email`]);
    expect(told(ended(sessions.slice(1)), "escort")).toEqual([]);
  });

  test.each(["stopped", "void"] as const)(
    "tells the driver who was told the day before when a series is %s more than 18 h ahead",
    (status) => {
      const endedAt = instant(MONDAY - 19 * HOUR);
      const setting = protocol === "lozenge-home" ? "home" : "clinic";
      const sessions = ["2027-01-11T09:00", "2027-01-13T09:00"].map((start) =>
        session(start, { status: "cancelled", changedAt: endedAt, changedBecause: "patient", setting, toldStart: local(start) }),
      );
      const ended = { status, endedAt, announced: true };
      const planned = (history: ReturnType<typeof toHistories>) =>
        plan(facts(ANA, [series(shipped(protocol), sessions, ended)], { escort: ANA_ESCORT }), { now: endedAt, history })
          .filter(({ recipient, state }) => recipient === "escort" && state === "planned")
          .map(({ rule, channel, sessionId }) => `${rule} ${channel} ${sessionId}`);
      expect(planned(toldTheDayBefore(protocol, sessions.slice(0, 1), ANA_ESCORT))).toEqual(["escort-off sms 2027-01-11T09:00"]);
      expect(planned(new Map())).toEqual([]);
    },
  );

  test("suggests a further visit to staff, and nothing to the patient", () => {
    const done = session("2027-01-11T09:00", { status: "discharged", dosedAt: MONDAY, dischargedAt: instant(MONDAY + HOUR) });
    const next = session("2027-01-25T09:00");
    const suggested = (sessions: SessionFacts[]) => ofRule(plan(facts(ANA, [series(shipped(protocol), sessions)])), "booster-suggestion");
    expect(suggested([done]).map(({ recipient, taskKind }) => [recipient, taskKind])).toEqual([["staff", "review"]]);
    expect(suggested([done, next])).toEqual([]);
  });
});

test("whoever drives is told when to come where somebody is picked up, by text or by a call and never by mail", () => {
  const ready: Partial<SessionFacts> = {
    status: "dosed",
    changedAt: null,
    pickup: { at: instant(MONDAY + 3 * HOUR), saidAt: instant(MONDAY + 2 * HOUR), round: 0 },
  };
  const to = (escort: PersonFacts, protocol = "iv-ketamine") =>
    told(saidOf(protocol, { ...ready, outcomeAt: instant(MONDAY + 2 * HOUR) }, { changes: { escort } }), "escort");
  expect(to(ANA)).toEqual(["escort-ready sms"]);
  expect(to(BEN)).toEqual(["escort-ready task"]);
  expect(to(ANA, "lozenge-home")).toEqual([]);
});

test("the monitoring form is asked for until it is filed", () => {
  const forms = (formFiled: boolean) =>
    plan(
      facts(ANA, [series(shipped("esketamine-trd"), [session("2027-01-11T09:00", { status: "dosed", dosedAt: MONDAY, formFiled })])]),
    ).filter(({ rule }) => rule.startsWith("file-form"));
  expect(forms(false)).toHaveLength(3);
  expect(forms(true)).toEqual([]);
});
