import { describe, expect, test } from "vitest";
import type { PersonFacts } from "../../src/domain/patient-facts.ts";
import { ANA, facts, local, plan, protocolOf, type RuleFile, series, session } from "../support/planner-facts.ts";
import { historyOf, NOTHING, reconcile, toStored } from "../support/planner-store.ts";

describe("a channel passes its message on", () => {
  const RULE: Partial<RuleFile> = {
    id: "check",
    purpose: "check-in",
    anchor: "session.end",
    offset: "PT1H",
    channels: ["sms", "email", "task"],
    expiry: { from: "due", offset: "P2D" },
  };
  const before = facts(ANA, [series(protocolOf(RULE), [session("2027-01-11T09:00")])]);
  const [text] = plan(before);

  function after(
    state: "planned" | "sent" | "failed" | "unknown" | "expired" | "tasked" | "suppressed",
    sms: PersonFacts["sms"],
    reason: string | null = null,
  ) {
    const row = { ...toStored(text ?? expect.fail("no text")), state, reason };
    const now = local("2027-01-11T11:50");
    return plan({ ...before, patient: { ...ANA, sms } }, { history: historyOf([row]), now }).map((each) => [
      each.channel,
      each.state,
      each.fallbackOf,
    ]);
  }

  test.each([
    ["planned", "opted-out"],
    ["planned", "dead-address"],
    ["failed", "dead-address"],
    ["failed", "reachable"],
    ["failed", "opted-out"],
  ] as const)("when it is %s and the address %s, to mail that names what it answers", (state, sms) => {
    expect(after(state, sms).find(([channel]) => channel === "email")).toEqual(["email", "planned", text?.key]);
  });

  test.each([
    ["sent", "opted-out"],
    ["sent", "dead-address"],
    ["unknown", "opted-out"],
    ["tasked", "opted-out"],
    ["expired", "opted-out"],
  ] as const)("never when it is %s, although the address is %s since: nothing is said twice", (state, sms) => {
    expect(after(state, sms).map(([channel]) => channel)).toEqual(["sms"]);
  });

  test.each(["merged", "past", "no-outcome", "surveys-not-enabled"])("never because it is suppressed as %s", (reason) => {
    expect(after("suppressed", "reachable", reason)).toHaveLength(1);
  });

  test.each(["no-legal-moment", "over-budget"])("because it is suppressed as %s", (reason) => {
    expect(after("suppressed", "reachable", reason).map(([channel]) => channel)).toEqual(["email", "sms"]);
  });

  test.each(["no-consent", "opted-out", "dead-address", "no-address"] as const)("while it lacks %s, and no longer", (reason) => {
    expect(after("suppressed", reason, reason).map(([channel]) => channel)).toEqual(["email", "sms"]);
    expect(after("suppressed", "reachable", reason)).toEqual([["sms", "planned", null]]);
  });

  test.each(["sending", "unknown"] as const)(
    "and a mail that is %s in its place is still wanted, whatever else becomes of the number",
    (state) => {
      const known = { ...before, patient: { ...ANA, sms: "dead-address" as const } };
      const mail = plan(known)[0] ?? expect.fail("no mail");
      const rows = [
        { ...toStored(text ?? expect.fail("no text")), state: "suppressed" as const, reason: "dead-address" as const },
        { ...toStored(mail), state },
      ];
      expect(reconcile(known, rows, local("2027-01-11T11:50"))).toEqual(NOTHING);
    },
  );

  test("when it was sent and is reported as not delivered", () => {
    const row = { ...toStored(text ?? expect.fail("no text")), state: "sent" as const, isUndelivered: true };
    const planned = plan(before, { history: historyOf([row]), now: local("2027-01-11T11:50") });
    expect(planned.find(({ channel }) => channel === "email")).toMatchObject({ state: "planned", fallbackOf: text?.key });
    expect(plan(before, { history: historyOf([row]), now: local("2027-01-20T09:00") }).map(({ channel }) => channel)).toEqual(["sms"]);
  });

  test("one at a time: the mail that fails hands on to the call", () => {
    const mail = plan({ ...before, patient: { ...ANA, sms: "dead-address" } })[0] ?? expect.fail("no mail");
    const rows = [
      { ...toStored(text ?? expect.fail("no text")), state: "failed" as const },
      { ...toStored(mail), state: "failed" as const },
    ];
    const planned = plan({ ...before, patient: { ...ANA, sms: "dead-address", email: "dead-address" } }, { history: historyOf(rows) });
    expect(planned.find(({ channel }) => channel === "task")).toMatchObject({ state: "planned", fallbackOf: mail.key });
  });
});
