import { describe, expect, test } from "vitest";
import type { PatientFacts, PersonFacts, Reach } from "../../src/domain/patient-facts.ts";
import {
  ANA,
  BEN,
  CHEN,
  DEE,
  facts,
  hours,
  inWords,
  local,
  plan,
  protocolOf,
  type RuleFile,
  series,
  session,
  wall,
  zone,
} from "../support/planner-facts.ts";

/** The eating notice of the protocols: six hours without food, told two hours ahead, by text, else mail, else a call. */
const NOTICE: Partial<RuleFile> = {
  id: "notice",
  purpose: "preparation",
  offset: "-PT8H",
  channels: ["sms", "email", "task"],
  quietHours: "sms-and-email",
  importance: "critical",
  expiry: { from: "anchor", offset: "-PT6H" },
};

type Case = { start?: string; enqueued?: string; quietUntil?: string; rule?: Partial<RuleFile>; escort?: PersonFacts };

function notice(
  patient: PersonFacts,
  { start = "2027-01-11T08:00", enqueued = "2027-01-04T08:00", quietUntil = enqueued, rule = {}, escort }: Case = {},
) {
  const course = series(protocolOf({ ...NOTICE, ...rule }), [session(start)], {
    enqueuedAt: local(enqueued),
    quietUntil: local(quietUntil),
  });
  const known: PatientFacts = facts(patient, [course], escort ? { escort } : {});
  return plan(known);
}

function legalOf(touchpoints: ReturnType<typeof plan>, index = 0, where = ANA.zone): string[] {
  return (touchpoints[index]?.legal ?? []).map(({ from, to }) => `${wall(from, where)} - ${wall(to, where).slice(15)}`);
}

describe("an 08:00 session with six hours of fasting", () => {
  test("has its notice the evening before, with an hour and a half for a retry before quiet hours", () => {
    const planned = notice(ANA);
    expect(inWords(planned)).toEqual(["notice sms Sun 2027-01-10 18:30"]);
    expect(legalOf(planned)).toEqual(["Sun 2027-01-10 18:30 - 20:00"]);
    expect(wall(planned[0]?.expiresAt ?? expect.fail())).toBe("Mon 2027-01-11 02:00");
  });

  test.each([
    ["2027-03-14T08:00", "Sat 2027-03-13 18:30"],
    ["2027-11-07T08:00", "Sat 2027-11-06 18:30"],
  ])("on the day the clocks change, %s, has it on %s", (start, due) => {
    expect(inWords(notice(ANA, { start, enqueued: `${start.slice(0, 8)}01T08:00` }))).toEqual([`notice sms ${due}`]);
  });

  test("has it the evening before where the patient is: Chen lives a zone west and goes to bed at nine", () => {
    expect(inWords(notice(CHEN))).toEqual(["notice sms Sun 2027-01-10 19:30"]);
    expect(inWords(notice({ ...ANA, zone: zone("Asia/Kolkata") }))).toEqual(["notice sms Mon 2027-01-11 12:30"]);
    expect(inWords(notice({ ...ANA, zone: zone("Australia/Lord_Howe") }))).toEqual(["notice sms Mon 2027-01-11 18:00"]);
  });

  test("enqueued at 19:20 has it at once, as long as texts may leave", () => {
    const planned = notice(ANA, { enqueued: "2027-01-10T19:20" });
    expect([inWords(planned), legalOf(planned)]).toEqual([["notice sms Sun 2027-01-10 18:30"], ["Sun 2027-01-10 19:20 - 20:00"]]);
  });

  test("enqueued at 20:30 is a call at once, although nobody is staffed: silence is worse", () => {
    const planned = notice(ANA, { enqueued: "2027-01-10T20:30" });
    expect(inWords(planned)).toEqual([
      "notice task Fri 2027-01-08 15:30",
      "notice email Mon 2027-01-11 00:00 (no-legal-moment)",
      "notice sms Mon 2027-01-11 00:00 (no-legal-moment)",
    ]);
    expect(legalOf(planned)).toEqual(["Sun 2027-01-10 20:30 - 02:00"]);
    expect(planned[0]?.fallbackOf).toBe(planned[1]?.key);
  });

  test("wanted only since 20:30, of a series enqueued long before, is handed to the front desk too", () => {
    const course = series(protocolOf(NOTICE), [session("2027-01-11T08:00")]);
    const planned = plan(facts(ANA, [course]), { now: local("2027-01-10T20:30") });
    expect(inWords(planned)).toEqual([
      "notice task Fri 2027-01-08 15:30",
      "notice email Sun 2027-01-10 18:30 (no-legal-moment)",
      "notice sms Sun 2027-01-10 18:30 (no-legal-moment)",
    ]);
  });

  test("enqueued after food has ended is past, once, and nobody is told a wrong time", () => {
    expect(inWords(notice(ANA, { enqueued: "2027-01-11T02:00" }))).toEqual(["notice sms Mon 2027-01-11 00:00 (past)"]);
  });
});

describe("who is reached how", () => {
  test("Ana by text, Ben by mail, Dee by a call in staffed hours", () => {
    expect(inWords(notice(BEN))).toEqual(["notice email Sun 2027-01-10 18:30"]);
    const call = notice(DEE);
    expect(inWords(call)).toEqual(["notice task Fri 2027-01-08 15:30"]);
    expect(legalOf(call)).toEqual(["Fri 2027-01-08 15:30 - 17:00"]);
    expect(call[0]).toMatchObject({ taskKind: "call", taskDueBy: local("2027-01-08T17:00"), fallbackOf: null });
  });

  test.each([
    [["sms", "email"], "first", ["sms"]],
    [["sms", "email"], "all", ["email", "sms"]],
    [["email", "sms", "task"], "all", ["email", "sms"]],
    [["email", "sms", "task"], "first", ["email"]],
  ] as const)("over %j, %s: %j", (channels, deliver, expected) => {
    const planned = notice(ANA, { rule: { channels: [...channels], deliver } });
    expect(planned.map(({ channel }) => channel).sort()).toEqual([...expected]);
  });

  test.each(["no-address", "no-consent", "opted-out", "dead-address"] as const)(
    "who has %s everywhere is shown once, with that reason, where no call is meant",
    (reach: Reach) => {
      const planned = notice({ ...ANA, email: reach, sms: reach }, { rule: { channels: ["sms", "email"], importance: "low" } });
      expect(inWords(planned)).toEqual([`notice sms Sun 2027-01-10 18:30 (${reach})`]);
    },
  );

  test("an escort is written to only with an own consent, else called", () => {
    const rule = { recipient: "escort" as const, channels: ["sms", "email", "task"] as const satisfies RuleFile["channels"] };
    const channels = (escort: PersonFacts) =>
      notice(ANA, { rule: { ...rule, channels: [...rule.channels] }, escort }).map(({ channel }) => channel);
    expect(channels({ ...ANA, sms: "no-consent", email: "no-consent" })).toEqual(["task"]);
    expect(channels({ ...ANA, sms: "no-consent" })).toEqual(["email"]);
    expect(notice(ANA, { rule: { ...rule, channels: [...rule.channels] } })).toEqual([]);
  });
});

describe("time to undo", () => {
  test("holds every channel back without moving when it is due", () => {
    const late = { enqueued: "2027-01-10T19:20", quietUntil: "2027-01-10T19:30" };
    const planned = notice(ANA, late);
    expect(planned[0]).toMatchObject({
      dueAt: local("2027-01-10T18:30"),
      notBefore: local("2027-01-10T19:30"),
      sendBy: local("2027-01-10T20:00"),
    });
    const work: Partial<RuleFile> = { purpose: "staff-task", recipient: "staff", channels: ["task"] };
    expect(notice(ANA, { ...late, rule: work })[0]?.notBefore).toBe(local("2027-01-10T19:30"));
  });
});

describe("a nudge for the day itself", () => {
  const NUDGE: Partial<RuleFile> = {
    id: "nudge",
    offset: "-PT2H",
    channels: ["sms"],
    sameDay: true,
    quietHours: "sms",
    expiry: { from: "anchor", offset: "-PT30M" },
  };

  test.each([
    ["2027-01-11T12:00", "nudge sms Mon 2027-01-11 10:00"],
    ["2027-01-11T10:59", "nudge sms Mon 2027-01-11 08:59 (no-legal-moment)"],
    ["2027-01-11T11:00", "nudge sms Mon 2027-01-11 09:00"],
  ])("of a session at %s is %s: it is never sent on another day", (start, expected) => {
    expect(inWords(notice(ANA, { start, rule: NUDGE }))).toEqual([expected]);
  });

  test("moved within its day is sent", () => {
    const siesta = { ...ANA, quietHours: hours("13:00", "15:00") };
    expect(inWords(notice(siesta, { start: "2027-01-11T16:00", rule: NUDGE }))).toEqual(["nudge sms Mon 2027-01-11 11:30"]);
  });
});

describe("surveys", () => {
  test("wait until surveys are enabled, and say so", () => {
    const survey: Partial<RuleFile> = { purpose: "survey", survey: "phq-9", channels: ["email", "sms"] };
    expect(inWords(notice(ANA, { rule: survey }))).toEqual(["notice email Sun 2027-01-10 18:30 (surveys-not-enabled)"]);
  });
});

test("a plan is the same whatever order its words were read in: by time, then by key", () => {
  const keys = plan(facts(ANA, [series(protocolOf({ id: "b" }, { id: "a" }), [session("2027-01-11T12:00")])])).map(({ key }) => key);
  expect(keys).toEqual(["a/2027-01-11T12:00.0/0/p/sms", "b/2027-01-11T12:00.0/0/p/sms"]);
});
