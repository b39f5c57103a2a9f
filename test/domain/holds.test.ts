import { describe, expect, test } from "vitest";
import type { HoldCode, PatientFacts, PersonFacts, Reach, SeriesStatus } from "../../src/domain/patient-facts.ts";
import {
  ANA,
  DEE,
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
import { historyOf, type Store, storePlan, toStored } from "../support/planner-store.ts";

const BEFORE: Partial<RuleFile> = { id: "before", channels: ["sms", "email"], expiry: { from: "anchor", offset: "-PT2H" } };
const EARLIER: Partial<RuleFile> = { ...BEFORE, id: "earlier", offset: "-P3D", group: "lead-up" };
const STAGE: Partial<RuleFile> = { ...BEFORE, group: "lead-up" };
const CALL: Partial<RuleFile> = { ...BEFORE, id: "call", channels: ["task"] };
const ESCORT: Partial<RuleFile> = { ...BEFORE, id: "escort", recipient: "escort" };
const STAFF: Partial<RuleFile> = { ...BEFORE, id: "staff", purpose: "staff-task", recipient: "staff", channels: ["task"] };
const FORM: Partial<RuleFile> = {
  ...STAFF,
  id: "form",
  anchor: "session.end",
  offset: "PT1H",
  expiry: { from: "due", offset: "P7D" },
  task: { kind: "file-form", dueWithin: "PT8H" },
};

type Case = { rules?: Partial<RuleFile>[]; hold?: HoldCode | null; status?: SeriesStatus; patient?: PersonFacts };

function given({ rules = [BEFORE], hold = null, status = "active", patient = ANA }: Case = {}): PatientFacts {
  return facts(patient, [series(protocolOf(...rules), [session("2027-01-14T12:00")], { status })], { hold, escort: ANA });
}

const states = (known: PatientFacts) => Object.fromEntries(plan(known).map(({ rule, state, reason }) => [rule, reason ?? state]));
const lives = (store: Store) =>
  store.filter(({ state }) => state !== "superseded").map(({ key, state, reason }) => `${key.split("/").at(-1)} ${reason ?? state}`);

describe("a patient who is on hold", () => {
  const all = [BEFORE, CALL, ESCORT, STAFF];

  test("gets nothing, and neither does the escort, calls included; work for staff goes on", () => {
    expect(states(given({ rules: all, hold: "hospitalised" }))).toEqual({
      before: "patient-hold",
      call: "patient-hold",
      escort: "patient-hold",
      staff: "planned",
    });
  });

  test("and has died asks nothing of staff any more, but the form for a dose that was given", () => {
    const sessions = [session("2027-01-14T12:00", { status: "dosed", dosedAt: local("2027-01-14T12:15") }), session("2027-01-21T12:00")];
    const known = facts(ANA, [series(protocolOf(STAFF, FORM), sessions)], { hold: "deceased" });
    expect(inWords(plan(known, { now: local("2027-01-14T15:00") }))).toEqual([
      "staff task Wed 2027-01-13 12:00 (past)",
      "form task Thu 2027-01-14 14:45",
      "staff task Wed 2027-01-20 12:00 (patient-hold)",
      "form task Thu 2027-01-21 14:45 (patient-hold)",
    ]);
  });

  test("keeps the times of what is held up to date, and what is past when it is first planned is past", () => {
    const known = given({ hold: "safety" });
    const [row] = storePlan(known, [], local("2027-01-04T08:00"));
    expect(row).toMatchObject({ state: "held", reason: "patient-hold", dueAt: local("2027-01-13T12:00") });
    expect(inWords(plan(known, { now: local("2027-01-14T11:00") }))).toEqual(["before sms Wed 2027-01-13 12:00 (past)"]);
  });
});

test("a paused series holds what it would say, and no other series", () => {
  const other = series(protocolOf(BEFORE, STAFF), [session("2027-01-21T12:00")], { id: idOf.series("other") });
  const known = given({ rules: [BEFORE, STAFF], status: "paused" });
  const planned = plan({ ...known, series: [...known.series, other] });
  expect(planned.map(({ seriesId, rule, reason }) => [seriesId, rule, reason])).toEqual([
    ["series", "before", "series-paused"],
    ["series", "staff", null],
    ["other", "before", null],
    ["other", "staff", null],
  ]);
});

describe("a hold that is lifted", () => {
  const rules = [EARLIER, STAGE];
  const held = (now: string) => storePlan(given({ rules, hold: "hospitalised" }), [], local(now));
  const released = (now: string) => storePlan(given({ rules }), held("2027-01-04T08:00"), local(now));

  test("in time plans what was held, under the same keys", () => {
    const before = held("2027-01-04T08:00");
    const after = released("2027-01-05T08:00");
    expect(after.map(({ id, state, reason }) => [id, state, reason])).toEqual(before.map(({ id }) => [id, "planned", null]));
  });

  test("after some of it came due is no backlog: the newest stage speaks, the older one is past", () => {
    expect(lives(released("2027-01-13T13:00"))).toEqual(["sms past", "sms planned"]);
  });

  test("after it was of any use ends it as the sweep would", () => {
    expect(lives(released("2027-01-14T11:00"))).toEqual(["sms block-not-lifted", "sms block-not-lifted"]);
  });

  test("leaves what the sweep has ended already, unless there is time left", () => {
    const swept = held("2027-01-04T08:00").map((row) => ({ ...row, state: "suppressed" as const, reason: "block-not-lifted" }));
    expect(storePlan(given({ rules }), swept, local("2027-01-14T11:00"))).toEqual(swept);
    const next = storePlan(given({ rules }), swept, local("2027-01-13T09:30"));
    expect(next.slice(2).map(({ key, state, reason }) => [key, state, reason])).toEqual([
      ["earlier/2027-01-14T12:00.0/0/p/sms~2", "planned", null],
      ["before/2027-01-14T12:00.0/0/p/sms~2", "planned", null],
    ]);
  });
});

test("what the sweep has ended under a hold passes nothing on while the hold lasts, and to the next channel once it is lifted", () => {
  const held = given({ hold: "hospitalised" });
  const swept = storePlan(held, [], local("2027-01-04T08:00")).map((row) => ({
    ...row,
    state: "suppressed" as const,
    reason: "block-not-lifted",
    sendBy: local("2027-01-13T20:00"),
  }));
  expect(storePlan(held, swept, local("2027-01-13T21:00"))).toEqual(swept);
  const evening = facts(ANA, [series(protocolOf(BEFORE), [session("2027-01-14T10:00")])]);
  const ended = storePlan({ ...evening, hold: "hospitalised" }, [], local("2027-01-04T08:00")).map((row) => ({
    ...row,
    state: "suppressed" as const,
    reason: "block-not-lifted",
  }));
  expect(lives(storePlan(evening, ended, local("2027-01-13T21:00")))).toEqual(["sms block-not-lifted", "email planned"]);
});

test("what is held stays held past its last moment: ending it is the sweep's", () => {
  const known = given({ hold: "complaint" });
  const store = storePlan(known, [], local("2027-01-04T08:00"));
  expect(storePlan(known, store, local("2027-02-01T08:00"))).toEqual(store);
});

describe("a channel that lost its consent", () => {
  const without = (sms: Reach) => given({ patient: { ...ANA, sms } });
  const store = storePlan(given(), [], local("2027-01-04T08:00"));
  const lost = (sms: Reach) => storePlan(without(sms), store, local("2027-01-05T08:00"));

  test.each(["no-consent", "opted-out"] as const)("by %s holds its text, and the mail stands in for it", (reach) => {
    expect(lives(lost(reach))).toEqual([`sms ${reach}`, "email planned"]);
  });

  test("to a dead address is suppressed, and the mail stands in for it", () => {
    expect(lives(lost("dead-address"))).toEqual(["sms dead-address", "email planned"]);
  });

  test("and gets it back has its text back, and the mail goes", () => {
    expect(lives(storePlan(given(), lost("opted-out"), local("2027-01-06T08:00")))).toEqual(["sms planned"]);
  });

  test.each(["sent", "unknown"] as const)("and gets it back after the mail was %s is told nothing twice", (state) => {
    const mailed = lost("opted-out").map((row) => (row.channel === "email" ? { ...row, state } : row));
    expect(lives(storePlan(given(), mailed, local("2027-01-13T13:00")))).toEqual(["sms already-told", `email ${state}`]);
  });

  test("ends as told once its mail is sent, though it has no consent yet", () => {
    const mailed = lost("opted-out").map((row) => (row.channel === "email" ? { ...row, state: "sent" as const } : row));
    expect(lives(storePlan(without("opted-out"), mailed, local("2027-01-13T13:00")))).toEqual(["sms already-told", "email sent"]);
  });

  test("under a hold of the patient holds both, and lifting that hold sends the mail alone", () => {
    const both = storePlan({ ...without("opted-out"), hold: "privacy" }, lost("opted-out"), local("2027-01-06T08:00"));
    expect(lives(both)).toEqual(["sms opted-out", "email patient-hold"]);
    expect(lives(storePlan(without("opted-out"), both, local("2027-01-07T08:00")))).toEqual(["sms opted-out", "email planned"]);
  });
});

test("what is held because its answer was lost is nobody's to change but staff's", () => {
  const [text] = plan(given());
  const row = { ...toStored(text ?? expect.fail("no text")), state: "held" as const, reason: "unknown" };
  for (const known of [given(), given({ hold: "other" }), given({ patient: DEE })]) {
    const planned = plan(known, { history: historyOf([row]), now: local("2027-01-13T13:00") });
    expect(ofRule(planned, "before").map(({ key, channel }) => [key, channel])).toEqual([[row.key, "sms"]]);
    expect(storePlan(known, [row], local("2027-01-13T13:00"))).toEqual([row]);
  }
});
