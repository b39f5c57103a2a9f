import { describe, expect, test } from "vitest";
import type { PatientFacts, PersonFacts } from "../../src/domain/patient-facts.ts";
import { baseOf, findNewest, nextTake, takeOf } from "../../src/domain/retakes.ts";
import { type StoredTouchpoint, TOUCHPOINT_STATES } from "../../src/domain/touchpoint.ts";
import { ANA, facts, local, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";
import { type Store, storePlan, toStored } from "../support/planner-store.ts";

describe("a key", () => {
  test("names the take after a tilde, from the second on", () => {
    expect([baseOf("a/b"), takeOf("a/b"), nextTake("a/b")]).toEqual(["a/b", 1, "a/b~2"]);
    expect([baseOf("a/b~9"), takeOf("a/b~9"), nextTake("a/b~9")]).toEqual(["a/b", 9, "a/b~10"]);
  });

  test("of the newest take stands for all of them, whatever their order", () => {
    const rows = ["a~2", "a~10", "a", "a~9"].map((key) => ({ ...toStored(text()), key }));
    expect(findNewest(new Map(rows.map((row) => [row.key, row]))).get("a")?.key).toBe("a~10");
  });
});

const RULE: Partial<RuleFile> = { channels: ["sms"], expiry: { from: "anchor", offset: "-PT2H" } };
const ESCORTED: Partial<RuleFile> = { ...RULE, id: "driver", when: ["escort-missing"] };
const NOW = local("2027-01-05T08:00");

function given(patient: PersonFacts = ANA, { rule = RULE, escort = null }: { rule?: Partial<RuleFile>; escort?: PersonFacts | null } = {}) {
  return facts(patient, [series(protocolOf(rule), [session("2027-01-14T12:00")])], { escort });
}

function text() {
  return plan(given())[0] ?? expect.fail("no text");
}

const shown = (store: Store) => store.map(({ key, state, reason }) => `${key.split("/").at(-1)} ${reason ?? state}`);

function ended(state: StoredTouchpoint["state"], reason: string | null = null): Store {
  return [{ ...toStored(text()), state, reason }];
}

describe("a touchpoint that ended without a word", () => {
  test.each([
    ["suppressed", "no-consent"],
    ["suppressed", "opted-out"],
    ["suppressed", "no-address"],
    ["suppressed", "dead-address"],
    ["suppressed", "block-not-lifted"],
    ["suppressed", "surveys-not-enabled"],
    ["suppressed", "not-in-language"],
    ["superseded", null],
    ["cancelled", null],
  ] as const)("as %s (%s) is planned once more when it can be said, and once only", (state, reason) => {
    const store = storePlan(given(), ended(state, reason), NOW);
    expect(shown(store)).toEqual([`sms ${reason ?? state}`, "sms~2 planned"]);
    expect(storePlan(given(), store, local("2027-01-20T08:00"))).toEqual(store);
  });

  test.each(["past", "no-legal-moment", "over-budget", "no-outcome", "newer-stage", "merged"])(
    "as suppressed (%s) has been decided for good",
    (reason) => {
      expect(shown(storePlan(given(), ended("suppressed", reason), NOW))).toEqual([`sms ${reason}`]);
    },
  );

  test("is not planned again when its time is over, or while it cannot be said", () => {
    const late = (now: string) => shown(storePlan(given(), ended("superseded"), local(now)));
    expect([late("2027-01-14T09:59"), late("2027-01-14T10:00")]).toEqual([["sms superseded", "sms~2 planned"], ["sms superseded"]]);
    const blocked: PatientFacts[] = [given({ ...ANA, sms: "opted-out" }), { ...given(), hold: "other" }];
    for (const known of blocked) expect(shown(storePlan(known, ended("superseded"), NOW))).toEqual(["sms superseded"]);
  });

  test("may end so again, and is planned a third time", () => {
    const off = given({ ...ANA, sms: "dead-address" });
    const second = storePlan(off, storePlan(given(), ended("suppressed", "dead-address"), NOW), NOW);
    expect(shown(second)).toEqual(["sms dead-address", "sms~2 dead-address"]);
    expect(shown(storePlan(given(), second, NOW))).toEqual(["sms dead-address", "sms~2 dead-address", "sms~3 planned"]);
  });
});

test.each(TOUCHPOINT_STATES.filter((state) => !["superseded", "cancelled", "suppressed", "planned", "held"].includes(state)))(
  "what is %s is never taken again",
  (state) => {
    const store = ended(state);
    for (const now of ["2027-01-05T08:00", "2027-01-13T13:00"])
      expect(shown(storePlan(given(), store, local(now)))).toEqual([`sms ${state}`]);
  },
);

test("a question for those without an escort comes back when the escort goes", () => {
  const alone = given(ANA, { rule: ESCORTED });
  const asked = storePlan(alone, [], NOW);
  const answered = storePlan(given(ANA, { rule: ESCORTED, escort: ANA }), asked, NOW);
  expect(shown(answered)).toEqual(["sms superseded"]);
  expect(shown(storePlan(alone, answered, NOW))).toEqual(["sms superseded", "sms~2 planned"]);
});

describe("a first plan without consent", () => {
  const both: Partial<RuleFile> = { ...RULE, channels: ["sms", "email"] };
  const none = given({ ...ANA, sms: "no-consent", email: "no-consent" }, { rule: both });
  const store = storePlan(none, [], NOW);

  test("keeps one row that says so, and comes to life with the first consent", () => {
    expect(shown(store)).toEqual(["sms no-consent"]);
    const mail = given({ ...ANA, sms: "no-consent" }, { rule: both });
    expect(shown(storePlan(mail, store, NOW))).toEqual(["sms no-consent", "email planned"]);
    expect(shown(storePlan(given(ANA, { rule: both }), store, NOW))).toEqual(["sms no-consent", "sms~2 planned"]);
  });

  test("that was followed by a mail which told it says nothing by text when that consent comes", () => {
    const mail = storePlan(given({ ...ANA, sms: "no-consent" }, { rule: both }), store, NOW);
    const told = mail.map((row) => (row.channel === "email" ? { ...row, state: "sent" as const } : row));
    expect(storePlan(given(ANA, { rule: both }), told, local("2027-01-13T13:00"))).toEqual(told);
  });
});

test("a channel that was never used says nothing when it comes to life after another one has told it", () => {
  const both: Partial<RuleFile> = { ...RULE, channels: ["sms", "email"] };
  const mailed = storePlan(given({ ...ANA, sms: "no-consent" }, { rule: both }), [], NOW);
  expect(shown(mailed)).toEqual(["email planned"]);
  expect(shown(storePlan(given(ANA, { rule: both }), mailed, NOW))).toEqual(["email superseded", "sms planned"]);
  for (const state of ["sent", "sending", "unknown"] as const) {
    const told = mailed.map((row) => ({ ...row, state }));
    expect(storePlan(given(ANA, { rule: both }), told, local("2027-01-13T13:00"))).toEqual(told);
  }
});

describe("a message that another one should have said", () => {
  const rules = [
    { id: "speaker", channels: ["sms" as const] },
    { id: "notice", offset: "-PT8H", channels: ["sms" as const], saidBy: "speaker", expiry: { from: "anchor" as const, offset: "-PT2H" } },
  ];
  const known = facts(ANA, [series(protocolOf(...rules), [session("2027-01-14T18:00")])]);
  const store = storePlan(known, [], NOW);
  const speaker = (state: StoredTouchpoint["state"], reason: string | null = null) =>
    store.map((row) => (row.rule === "speaker" ? { ...row, state, reason } : row));
  const later = local("2027-01-14T09:00");
  const notices = (from: Store) => shown(storePlan(known, from, later).filter(({ rule }) => rule === "notice"));

  test("stays merged while the other one is to speak, or has", () => {
    for (const state of ["planned", "sent", "sending", "unknown", "failed"] as const)
      expect(notices(speaker(state))).toEqual(["sms merged"]);
  });

  test("speaks for itself when the other one ended without a word and has no time left", () => {
    const early = {
      ...protocolOf(...rules),
      rules: protocolOf({ ...rules[0], expiry: { from: "anchor", offset: "-PT12H" } }, rules[1] ?? {}).rules,
    };
    const short = facts(ANA, [series(early, [session("2027-01-14T18:00")])]);
    const ends = storePlan(short, [], NOW).map((row) =>
      row.rule === "speaker" ? { ...row, state: "suppressed" as const, reason: "block-not-lifted" } : row,
    );
    expect(shown(storePlan(short, ends, later).filter(({ rule }) => rule === "notice"))).toEqual(["sms merged", "sms~2 planned"]);
  });

  test("is merged anew into the one that is taken again", () => {
    const next = storePlan(known, speaker("suppressed", "opted-out"), NOW);
    expect(shown(next)).toEqual(["sms opted-out", "sms merged", "sms~2 planned"]);
  });
});
