import { describe, expect, test } from "vitest";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import {
  ANA,
  BEN,
  CLINIC,
  facts,
  idOf,
  inWords,
  local,
  ofRule,
  plan,
  protocolOf,
  type RuleFile,
  series,
  session,
} from "../support/planner-facts.ts";
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
    expect(notice).toMatchObject({ state: "suppressed", reason: "merged", mergedInto: { key: "day-before/2027-01-14T18:00.0/0/p/sms" } });
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
    // Nothing holds it any more: this same plan sends it.
    ["held", "merged"],
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

test("a fallback of an older stage is past when a newer one is due already", () => {
  const early = enqueued("2027-01-06T10:00");
  const failed = storePlan(early, [], local("2027-01-06T10:00")).map((row) =>
    row.rule === "three-days-before" ? { ...row, state: "failed" as const } : row,
  );
  const fallback = (now: string) =>
    storePlan(early, failed, local(now)).find(({ key }) => key.startsWith("three-days-before") && key.endsWith("email"));
  expect(fallback("2027-01-12T10:00")?.state).toBe("planned");
  expect(fallback("2027-01-13T13:00")).toMatchObject({ state: "suppressed", reason: "past" });
});

const OFF: Partial<RuleFile> = {
  id: "off",
  purpose: "notice",
  anchor: "session.off",
  offset: "PT0M",
  channels: ["sms"],
  together: true,
  expiry: { from: "anchor", offset: "PT18H" },
  template: "session-cancelled",
};
const CLOSED = local("2027-01-11T10:00");

function off(start: string, changes: Partial<SessionFacts> = {}): SessionFacts {
  return session(start, { status: "postponed", changedAt: CLOSED, changedBecause: "clinic", toldStart: local(start), ...changes });
}

function closing(sessions: readonly SessionFacts[], rule: Partial<RuleFile> = {}): PatientFacts {
  return facts(ANA, [series(protocolOf({ ...OFF, ...rule }), sessions)]);
}

describe("changes that are told together", () => {
  const merged = (known: PatientFacts, now = CLOSED) =>
    plan(known, { now }).map(({ seriesId, sessionId, reason, mergedInto }) => [
      seriesId,
      sessionId?.slice(5, 10),
      reason,
      mergedInto?.key.slice(9, 14),
    ]);

  test("are one message, that of the first session, which lists them all", () => {
    expect(merged(closing([off("2027-01-12T09:00"), off("2027-01-14T09:00"), off("2027-01-18T09:00")]))).toEqual([
      ["series", "01-12", null, undefined],
      ["series", "01-14", "merged", "01-12"],
      ["series", "01-18", "merged", "01-12"],
    ]);
  });

  test("are one message over all series of the patient", () => {
    const other = series(protocolOf(OFF), [off("2027-01-13T09:00")], { id: idOf.series("other") });
    const known = closing([off("2027-01-14T09:00")]);
    expect(merged({ ...known, series: [...known.series, other] })).toEqual([
      ["other", "01-13", null, undefined],
      ["series", "01-14", "merged", "01-13"],
    ]);
  });

  test("are as many as they are where the rule does not list them, the hour is another, or somebody else speaks", () => {
    const two = [off("2027-01-14T09:00"), off("2027-01-15T09:00")] as const;
    const hourLater = { changedAt: local("2027-01-11T11:00") };
    const elsewhere = series(protocolOf(OFF), [two[1]], { id: idOf.series("other"), clinic: { ...CLINIC, id: idOf.clinic("other") } });
    const reasons = (known: PatientFacts) => merged(known, local("2027-01-11T11:00")).map(([, , reason]) => reason);
    expect(reasons(closing(two, { together: false }))).toEqual([null, null]);
    expect(reasons(closing([two[0], { ...two[1], ...hourLater }]))).toEqual([null, null]);
    const known = closing([two[0]]);
    expect(reasons({ ...known, series: [...known.series, elsewhere] })).toEqual([null, null]);
  });

  test("take in nothing when one was planned before: a worker may have written it by now", () => {
    const one = closing([off("2027-01-14T09:00")]);
    const store = storePlan(one, [], CLOSED);
    const both = closing([off("2027-01-14T09:00"), off("2027-01-15T09:00")]);
    expect(storePlan(both, store, CLOSED).map(({ state, reason }) => reason ?? state)).toEqual(["planned", "planned"]);
  });

  test("speak for themselves when the one that was to say it is no longer wanted", () => {
    const both = [off("2027-01-14T09:00"), off("2027-01-15T09:00")] as const;
    const store = storePlan(closing(both), [], CLOSED);
    const reopened = closing([session("2027-01-14T09:00"), both[1]]);
    expect(
      storePlan(reopened, store, local("2027-01-11T10:05")).map(({ key, state, reason }) => [
        key.slice(4, 14),
        key.includes("~"),
        reason ?? state,
      ]),
    ).toEqual([
      ["2027-01-14", false, "superseded"],
      ["2027-01-15", false, "merged"],
      ["2027-01-15", true, "planned"],
    ]);
  });
});

describe("a reminder of a new time that is due as the session moves", () => {
  const LEAD: Partial<RuleFile> = { id: "lead", at: "16:00", channels: ["email", "sms"], deliver: "all" };
  const FOOD: Partial<RuleFile> = {
    id: "food",
    purpose: "preparation",
    offset: "-PT4H",
    expiry: { from: "anchor", offset: "-PT2H" },
    template: "welcome",
    saidBy: "lead",
  };
  const SOON: Partial<RuleFile> = {
    id: "soon",
    purpose: "urgent-change",
    anchor: "session.moved",
    offset: "PT0M",
    channels: ["sms", "email", "task"],
    deliver: "all",
    when: ["change-soon"],
    importance: "critical",
    expiry: { from: "anchor", offset: "PT18H" },
    together: true,
  };
  const PLAIN: Partial<RuleFile> = { ...SOON, id: "plain", purpose: "notice", when: ["change-later"] };
  const movedAt = (changedAt: string, count = 1) => {
    const moved: Partial<SessionFacts> = {
      arming: 1,
      changedAt: local(changedAt),
      changedBecause: "clinic",
      toldStart: local("2027-01-14T10:00"),
    };
    const sessions = [session("2027-01-14T14:00", moved), session("2027-01-14T17:00", moved)].slice(0, count);
    return facts(ANA, [series(protocolOf(LEAD, FOOD, SOON, PLAIN), sessions)]);
  };
  const at = (changedAt: string, count?: number) => plan(movedAt(changedAt, count), { now: local(changedAt) });
  const saidBy = (planned: ReturnType<typeof at>) =>
    planned.flatMap(({ rule, channel, reason, mergedInto }) =>
      reason ? [`${rule} ${channel} ${reason} ${mergedInto?.key.split("/")[0]}`] : [],
    );

  test("is said by the urgent notice of the same channel, and with it what it would have said itself", () => {
    expect(saidBy(at("2027-01-13T18:00")).sort()).toEqual(["food sms merged soon", "lead email merged soon", "lead sms merged soon"]);
  });

  test("speaks for itself beside a notice in good time, and while its hour is still to come", () => {
    expect(saidBy(at("2027-01-13T15:00"))).toEqual(["food sms merged lead"]);
  });

  test("is said by the notice too when its own hour is less than an hour away, and the notice is urgent then", () => {
    const planned = at("2027-01-13T15:01");
    expect(planned.filter(({ state }) => state === "planned").map(({ rule, channel }) => `${rule} ${channel}`)).toEqual([
      "soon email",
      "soon sms",
    ]);
    expect(saidBy(planned).sort()).toEqual(["food sms merged soon", "lead email merged soon", "lead sms merged soon"]);
  });

  test("speaks for itself where the notice is of two visits, and has no room for the clock times of each", () => {
    const merged = saidBy(at("2027-01-13T18:00", 2));
    expect(merged.filter((line) => line.startsWith("lead"))).toEqual([]);
    expect(merged.filter((line) => line.startsWith("soon"))).toEqual(["soon email merged soon", "soon sms merged soon"]);
  });

  test("stays with the notice after that was sent, and comes after all when it ended without a word", () => {
    const known = movedAt("2027-01-13T18:00");
    const stored = storePlan(known, [], local("2027-01-13T18:00"));
    const become = (state: "sent" | "superseded") =>
      stored.map((row) => (row.rule === "soon" && row.state === "planned" ? { ...row, state } : row));
    const sent = become("sent");
    expect(storePlan(known, sent, local("2027-01-13T18:10"))).toEqual(sent);
    const unsaid = storePlan(
      { ...known, series: known.series.map((each) => ({ ...each, sessions: each.sessions.map((one) => ({ ...one, toldStart: null })) })) },
      stored,
      local("2027-01-13T18:10"),
    );
    expect(unsaid.filter(({ rule, state }) => rule === "lead" && state === "planned")).toHaveLength(2);
    expect(unsaid.filter(({ rule, state }) => rule === "soon" && state === "planned")).toEqual([]);
  });
});

describe("of two visits of one day that move at once, one that is urgent and one that could wait", () => {
  const URGENT: Partial<RuleFile> = {
    id: "urgent",
    purpose: "urgent-change",
    anchor: "session.moved",
    offset: "PT0M",
    channels: ["sms", "email", "task"],
    deliver: "all",
    when: ["change-soon"],
    importance: "critical",
    expiry: { from: "anchor", offset: "PT18H" },
    together: true,
    template: "session-moved-soon",
  };
  const CALM: Partial<RuleFile> = {
    ...URGENT,
    id: "calm",
    purpose: "notice",
    channels: ["email", "sms", "task"],
    deliver: "first",
    when: ["change-later"],
    template: "session-moved",
  };
  const LEAD: Partial<RuleFile> = { id: "lead", offset: "-P3D", channels: ["email", "sms"], deliver: "all" };
  const NOW = "2027-01-12T16:00";
  const moved = (told: string, start: string, changes: Partial<SessionFacts> = {}) =>
    session(start, { arming: 1, changedAt: local(NOW), changedBecause: "clinic", toldStart: local(told), ...changes });
  const EARLY = moved("2027-01-13T09:00", "2027-01-14T09:00");
  const LATE = moved("2027-01-13T15:00", "2027-01-14T15:00");
  const both = (patient = ANA, sessions = [EARLY, LATE]) => facts(patient, [series(protocolOf(URGENT, CALM, LEAD), sessions)]);
  const told = (planned: ReturnType<typeof plan>) =>
    planned
      .filter(({ rule, reason }) => rule !== "lead" && reason !== "no-consent")
      .map(({ rule, channel, sessionId, reason }) => `${rule} ${channel} ${sessionId?.slice(8)} ${reason}`);

  test("the mail of the urgent one says both, and its text the urgent one alone", () => {
    expect(told(plan(both(), { now: local(NOW) }))).toEqual([
      "calm email 14T15:00 merged",
      "urgent email 14T09:00 null",
      "urgent sms 14T09:00 null",
    ]);
  });

  test("whoever takes mails alone, or texts alone, gets one message", () => {
    expect(told(plan(both(BEN), { now: local(NOW) }))).toEqual(["calm email 14T15:00 merged", "urgent email 14T09:00 null"]);
    const noMail = { ...ANA, email: "no-address" } as const;
    expect(told(plan(both(noMail), { now: local(NOW) })).filter((line) => line.includes("sms"))).toEqual([
      "calm sms 14T15:00 merged",
      "urgent sms 14T09:00 null",
    ]);
  });

  test("a mail that says both has no room for the clock times of one, so what reminds of it speaks for itself", () => {
    const leads = ofRule(plan(both(), { now: local(NOW) }), "lead").filter(({ sessionId }) => sessionId === EARLY.id);
    expect(leads.map(({ channel, reason }) => `${channel} ${reason}`)).toEqual(["email null", "sms merged"]);
  });

  test("two at different times are told as they come", () => {
    const earlier = { ...LATE, changedAt: local("2027-01-12T10:00") };
    const first = storePlan(both(ANA, [earlier]), [], local("2027-01-12T10:00")).map((row) => ({ ...row, state: "sent" as const }));
    const then = storePlan(both(ANA, [EARLY, earlier]), first, local(NOW));
    expect(then.filter(({ rule, state }) => rule === "calm" && state !== "sent")).toEqual([]);
    expect(then.filter(({ rule, state }) => rule === "urgent" && state === "planned")).toHaveLength(2);
  });

  test.each(["failed", "expired", "superseded"] as const)(
    "the one that could wait speaks for itself when the urgent mail is %s",
    (state) => {
      const stored = storePlan(both(), [], local(NOW)).map((row) =>
        row.rule === "urgent" && row.channel === "email" ? { ...row, state } : row,
      );
      const known = state === "superseded" ? both(ANA, [{ ...EARLY, toldStart: null }, LATE]) : both();
      const calm = storePlan(known, stored, local("2027-01-12T16:05")).filter(({ rule }) => rule === "calm");
      expect(calm.map(({ key, channel, reason }) => [key.includes("~"), channel, reason])).toEqual([
        [false, "email", "merged"],
        [true, "email", null],
      ]);
    },
  );

  test("and not when it was sent", () => {
    const sent = storePlan(both(), [], local(NOW)).map((row) => (row.state === "planned" ? { ...row, state: "sent" as const } : row));
    expect(storePlan(both(), sent, local("2027-01-12T16:05"))).toEqual(sent);
  });
});

describe("what is said once of the first visit", () => {
  const FIRST: Partial<RuleFile> = {
    id: "first",
    purpose: "preparation",
    offset: "-P7D",
    channels: ["email", "task"],
    sessions: { which: "first" },
  };
  const WEEK: Partial<RuleFile> = { id: "week", purpose: "preparation", anchor: "week.start", offset: "-P2D", channels: ["email"] };
  const course = (...sessions: SessionFacts[]) => facts(BEN, [series(protocolOf(FIRST, WEEK), sessions)]);
  const [MONDAY, WEDNESDAY, FRIDAY] = [session("2027-01-11T12:00"), session("2027-01-13T12:00"), session("2027-01-15T12:00")];
  const NEXT_WEEK = [session("2027-01-18T12:00"), session("2027-01-20T12:00")];
  const told = storePlan(course(MONDAY, WEDNESDAY, FRIDAY), [], local("2027-01-04T08:00")).map((row) => ({
    ...row,
    state: "sent" as const,
  }));
  const after = (known: PatientFacts, now: string) =>
    storePlan(known, told, local(now)).flatMap(({ rule, channel, sessionId, state, reason }) =>
      state === "sent" ? [] : [`${rule} ${channel} ${sessionId} ${reason ?? state}`],
    );
  const off: SessionFacts = { ...MONDAY, status: "cancelled" };

  test("is not said again, on any channel, when another visit becomes the first after its hour", () => {
    expect(told.map(({ rule }) => rule)).toEqual(["first", "week"]);
    expect(after(course(off, WEDNESDAY, FRIDAY), "2027-01-11T18:00")).toEqual([
      "first email 2027-01-13T12:00 already-told",
      "week email 2027-01-13T12:00 already-told",
    ]);
    expect(after(course(off, WEDNESDAY, FRIDAY), "2027-01-08T18:00")).toEqual([
      "first email 2027-01-13T12:00 already-told",
      "week email 2027-01-13T12:00 planned",
    ]);
  });

  test("comes again at its hour when that is still to come", () => {
    expect(after(course(off, ...NEXT_WEEK), "2027-01-10T18:00")).toEqual([
      "first email 2027-01-18T12:00 planned",
      "week email 2027-01-18T12:00 planned",
    ]);
  });

  test("and a plan of the week seven days on is a plan of its own, however late it comes", () => {
    expect(after(course(off, ...NEXT_WEEK), "2027-01-16T18:00")).toEqual([
      "first email 2027-01-18T12:00 already-told",
      "week email 2027-01-18T12:00 planned",
    ]);
  });
});
