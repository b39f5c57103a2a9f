import { describe, expect, test } from "vitest";
import type { ClinicFacts } from "../../src/domain/clinic.ts";
import type { PatientFacts, PersonFacts } from "../../src/domain/patient-facts.ts";
import { ANA, CLINIC, facts, idOf, local, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";
import { historyOf, type Store, storePlan } from "../support/planner-store.ts";

const TEXT: Partial<RuleFile> = { channels: ["sms"], at: "12:00", expiry: { from: "anchor", offset: "-PT2H" } };
const WEEK = "2027-01-15T18:00";

/** A rule whose text is due at noon so many days before Friday evening. */
function text(id: string, days: number, changes: Partial<RuleFile> = {}): Partial<RuleFile> {
  return { ...TEXT, id, offset: `-P${days}D`, ...changes };
}

function given(rules: Partial<RuleFile>[], { patient = ANA, clinic = {} }: { patient?: PersonFacts; clinic?: Partial<ClinicFacts> } = {}) {
  return facts(patient, [series(protocolOf(...rules), [session(WEEK)], { clinic: { ...CLINIC, ...clinic } })]);
}

const dropped = (known: PatientFacts) =>
  plan(known)
    .filter(({ reason }) => reason === "over-budget")
    .map(({ rule }) => rule);

const TWO = { clinic: { textsPerWeek: 2 } };

describe("a week that is full", () => {
  test("keeps what matters most, whenever it is due: preparation, reminders, notices, check-ins", () => {
    const rules = [
      text("check-in", 4, { purpose: "check-in" }),
      text("notice", 3, { purpose: "notice" }),
      text("reminder", 2, { purpose: "reminder" }),
      text("preparation", 1, { purpose: "preparation" }),
    ];
    expect(dropped(given(rules, TWO))).toEqual(["check-in", "notice"]);
    expect(dropped(given(rules, { clinic: { textsPerWeek: 3 } }))).toEqual(["check-in"]);
    expect(dropped(given(rules, { clinic: { textsPerWeek: 4 } }))).toEqual([]);
  });

  test("keeps the first of the same kind", () => {
    expect(dropped(given([text("c", 1), text("b", 2), text("a", 3)], TWO))).toEqual(["c"]);
  });

  test("keeps, of the same kind, whether somebody came home rather than an earlier chaser; a reminder is worth more than either", () => {
    const rules = [
      text("home-safe", 1, { purpose: "check-in", importance: "high" }),
      text("chaser", 3, { purpose: "check-in" }),
      text("reminder", 2, { purpose: "reminder" }),
    ];
    expect(dropped(given(rules, TWO))).toEqual(["chaser"]);
    expect(dropped(given(rules, { clinic: { textsPerWeek: 1 } }))).toEqual(["chaser", "home-safe"]);
  });

  test("never drops what is critical, and that takes the room of others", () => {
    const rules = [1, 2, 3].map((days) => text(`r${days}`, days, { importance: "critical" }));
    expect(dropped(given([...rules, text("other", 4)], TWO))).toEqual(["other"]);
  });

  test("begins on Monday, and has room of its own", () => {
    const rules = [text("sunday", 5), text("monday", 4), text("tuesday", 3), text("wednesday", 2)];
    expect(dropped(given(rules, TWO))).toEqual(["wednesday"]);
  });

  test("counts texts to the patient alone: mails, calls and the escort's are not too many", () => {
    const rules = [text("a", 1), text("b", 2), text("mail", 3, { channels: ["email"] }), text("escort", 4, { recipient: "escort" })];
    expect(dropped({ ...given(rules, TWO), escort: ANA })).toEqual([]);
  });

  test("is one week over all series, and the strictest clinic decides", () => {
    const one = given([text("a", 2), text("b", 3)]);
    const other = series(protocolOf(text("c", 1)), [session(WEEK)], { id: idOf.series("other"), clinic: { ...CLINIC, textsPerWeek: 2 } });
    expect(dropped({ ...one, series: [...one.series, other] })).toEqual(["c"]);
  });
});

describe("a text for which there is no room", () => {
  const rules = (changes: Partial<RuleFile>) => [text("a", 3, changes), text("b", 2, changes), text("c", 1, changes)];
  const channels = (changes: Partial<RuleFile>, patient = ANA) =>
    plan(given(rules(changes), { ...TWO, patient }))
      .filter(({ rule, state }) => rule === "c" && state === "planned")
      .map(({ channel }) => channel);

  test("goes by mail where its rule has one", () => {
    expect(channels({ channels: ["sms", "email"] })).toEqual(["email"]);
  });

  test("is no reason to call, unless it is of high importance", () => {
    const nobody: PersonFacts = { ...ANA, email: "no-address" };
    expect(channels({ channels: ["sms", "email", "task"] }, nobody)).toEqual([]);
    expect(channels({ channels: ["sms", "email", "task"], importance: "high" }, nobody)).toEqual(["task"]);
  });

  test("stays dropped when the week has emptied since", () => {
    const known = given(rules({}), TWO);
    const store = storePlan(known, [], local("2027-01-04T08:00"));
    const failed: Store = store.map((row) => (row.rule === "a" ? { ...row, state: "superseded" } : row));
    const planned = plan(known, { history: historyOf(failed), now: local("2027-01-05T08:00") });
    expect(planned.map(({ rule, key }) => [rule, key.includes("~")])).toContainEqual(["c", false]);
  });
});

test("what is stored has its room: a new text is judged, an old one is not", () => {
  const before = given([text("a", 3), text("b", 2)], TWO);
  const store = storePlan(before, [], local("2027-01-04T08:00"));
  const after = given([text("a", 3), text("b", 2), text("new", 4, { purpose: "preparation" })], TWO);
  const next = storePlan(after, store, local("2027-01-05T08:00"));
  expect(next.map(({ rule, state, reason }) => [rule, reason ?? state])).toEqual([
    ["a", "planned"],
    ["b", "planned"],
    ["new", "over-budget"],
  ]);
});

test("what comes out of a hold is judged like what is new", () => {
  const rules = [text("a", 3), text("b", 2), text("c", 1)];
  const held = storePlan({ ...given(rules, TWO), hold: "other" }, [], local("2027-01-04T08:00"));
  expect(held.map(({ state }) => state)).toEqual(["held", "held", "held"]);
  const released = storePlan(given(rules, TWO), held, local("2027-01-05T08:00"));
  expect(released.map(({ rule, state, reason }) => [rule, reason ?? state])).toEqual([
    ["a", "planned"],
    ["b", "planned"],
    ["c", "over-budget"],
  ]);
});

test("what would have been merged into a text that was dropped speaks for itself, if there is room", () => {
  const rules = [
    text("speaker", 1, { purpose: "check-in" }),
    text("notice", 1, { purpose: "preparation", at: "13:00", saidBy: "speaker" }),
    text("a", 2),
  ];
  const planned = plan(given(rules, TWO));
  expect(planned.map(({ rule, state, reason }) => [rule, reason ?? state])).toEqual([
    ["a", "planned"],
    ["speaker", "planned"],
    ["notice", "merged"],
  ]);
  expect(plan(given([...rules, text("b", 3)], TWO)).map(({ rule, state, reason }) => [rule, reason ?? state])).toEqual([
    ["b", "planned"],
    ["a", "over-budget"],
    ["speaker", "over-budget"],
    ["notice", "planned"],
  ]);
});
