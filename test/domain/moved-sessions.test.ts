import { describe, expect, test } from "vitest";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { PatientFacts, SessionFacts } from "../../src/domain/patient-facts.ts";
import type { TouchpointState } from "../../src/domain/touchpoint.ts";
import { ANA, facts, local, plan, protocolOf, type RuleFile, series, session, wall } from "../support/planner-facts.ts";
import { type Store, storePlan } from "../support/planner-store.ts";

const DAY_BEFORE: Partial<RuleFile> = {
  id: "day-before",
  at: "16:00",
  channels: ["sms", "email"],
  expiry: { from: "anchor", offset: "-PT6H" },
};
const AFTER: Partial<RuleFile> = {
  id: "after",
  purpose: "check-in",
  anchor: "session.discharge",
  offset: "PT2H",
  needs: "discharge",
  channels: ["sms"],
  expiry: { from: "due", offset: "PT20H" },
};
const MOVED: Partial<RuleFile> = {
  id: "moved",
  purpose: "notice",
  anchor: "session.moved",
  offset: "PT0M",
  channels: ["sms"],
  expiry: { from: "anchor", offset: "PT18H" },
  template: "session-moved",
};
const OFF: Partial<RuleFile> = { ...MOVED, id: "off", anchor: "session.off", template: "session-cancelled" };
const COURSE = protocolOf(DAY_BEFORE, AFTER, MOVED, OFF);

const A = "2027-01-14T09:00";
const B = "2027-01-14T14:00";

/** The session of these facts as its id says, whatever became of it since. */
function visit(changes: Partial<SessionFacts> = {}): PatientFacts {
  return facts(ANA, [series(COURSE, [{ ...session(A), ...changes }])]);
}

function at(start: string): Pick<SessionFacts, "startsAt" | "endsAt"> {
  return { startsAt: local(start), endsAt: instant(local(start) + 105 * MINUTE) };
}

type Move = { to: string; arming: number; told: string | null; on: string };

function moved({ to, arming, told, on }: Move): PatientFacts {
  return visit({ ...at(to), arming, toldStart: told === null ? null : local(told), changedAt: local(on), changedBecause: "patient" });
}

function shown(store: Store): string[] {
  return store
    .filter(({ rule, state }) => rule !== "after" && state !== "superseded" && state !== "cancelled")
    .map(({ key, dueAt, state, reason }) => `${key.slice(0, key.indexOf("/"))} ${wall(dueAt).slice(0, 20)} ${reason ?? state}`);
}

function become(store: Store, rule: string, state: TouchpointState): Store {
  return store.map((row) => (row.rule === rule && row.state === "planned" ? { ...row, state } : row));
}

const PLANNED = storePlan(visit(), [], local("2027-01-04T08:00"));
const TOLD = become(PLANNED, "day-before", "sent");

describe("a session that is moved", () => {
  test("before anything was said of it has its reminder at the new time, and nobody is told of a move", () => {
    const store = storePlan(
      moved({ to: "2027-01-18T09:00", arming: 1, told: null, on: "2027-01-05T10:00" }),
      PLANNED,
      local("2027-01-05T10:00"),
    );
    expect(shown(store)).toEqual(["day-before Sun 2027-01-17 16:00 planned"]);
    expect(store[0]?.state).toBe("superseded");
  });

  test("after its reminder was sent has a new one, and one notice", () => {
    const store = storePlan(moved({ to: "2027-01-18T09:00", arming: 1, told: A, on: "2027-01-13T17:00" }), TOLD, local("2027-01-13T17:00"));
    expect(shown(store)).toEqual([
      "day-before Wed 2027-01-13 16:00 sent",
      "day-before Sun 2027-01-17 16:00 planned",
      "moved Wed 2027-01-13 17:00 planned",
    ]);
  });

  test("on its own day is told anew: the due moment is the same, the time is not", () => {
    const store = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), TOLD, local("2027-01-13T16:30"));
    expect(shown(store)).toEqual([
      "day-before Wed 2027-01-13 16:00 sent",
      "day-before Wed 2027-01-13 16:00 planned",
      "moved Wed 2027-01-13 16:30 planned",
    ]);
  });

  test("twice has one truthful notice: of where it stands now", () => {
    const once = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), TOLD, local("2027-01-13T16:30"));
    const twice = storePlan(moved({ to: "2027-01-18T09:00", arming: 2, told: A, on: "2027-01-13T16:35" }), once, local("2027-01-13T16:35"));
    expect(shown(twice)).toEqual([
      "day-before Wed 2027-01-13 16:00 sent",
      "day-before Sun 2027-01-17 16:00 planned",
      "moved Wed 2027-01-13 16:35 planned",
    ]);
  });

  test("and back before anybody was told of the move says nothing again", () => {
    const away = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), TOLD, local("2027-01-13T16:30"));
    const back = storePlan(moved({ to: A, arming: 2, told: A, on: "2027-01-13T16:40" }), away, local("2027-01-13T16:40"));
    expect(shown(back)).toEqual(["day-before Wed 2027-01-13 16:00 sent", "day-before Wed 2027-01-13 16:00 already-told"]);
    expect(storePlan(moved({ to: A, arming: 2, told: A, on: "2027-01-13T16:40" }), back, local("2027-01-13T19:00"))).toEqual(back);
  });

  test("and back after the move was told is told by the notice, and reminded of anew: what was heard last was another time", () => {
    const away = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), TOLD, local("2027-01-13T16:30"));
    const knows = become(away, "moved", "sent");
    const back = storePlan(moved({ to: A, arming: 2, told: B, on: "2027-01-13T17:30" }), knows, local("2027-01-13T17:30"));
    expect(shown(back)).toEqual([
      "day-before Wed 2027-01-13 16:00 sent",
      "moved Wed 2027-01-13 16:30 sent",
      "day-before Wed 2027-01-13 16:00 planned",
      "moved Wed 2027-01-13 17:30 planned",
    ]);
  });

  test("and back is not told by mail what the text has told, though texts are refused since", () => {
    const away = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), TOLD, local("2027-01-13T16:30"));
    const known = moved({ to: A, arming: 2, told: A, on: "2027-01-13T16:40" });
    const back = storePlan({ ...known, patient: { ...ANA, sms: "opted-out" } }, away, local("2027-01-13T16:40"));
    expect(back.filter(({ channel, state }) => channel === "email" && state === "planned")).toEqual([]);
  });

  test("and back finds out that what was in a provider's hands was not sent: then it is said after all", () => {
    const flying = become(PLANNED, "day-before", "sending");
    const away = storePlan(moved({ to: B, arming: 1, told: A, on: "2027-01-13T16:30" }), flying, local("2027-01-13T16:30"));
    const known = moved({ to: A, arming: 2, told: A, on: "2027-01-13T16:40" });
    const back = storePlan(known, away, local("2027-01-13T16:40"));
    expect(shown(back).at(-1)).toMatch(/already-told$/);
    const landed = back.map((row) => (row.state === "sending" ? { ...row, state: "superseded" as const } : row));
    expect(shown(storePlan(known, landed, local("2027-01-13T16:50")))).toEqual([
      "day-before Wed 2027-01-13 16:00 already-told",
      "day-before Wed 2027-01-13 16:00 planned",
    ]);
  });

  test("a second time in the same moment is told a second time, if the first was told", () => {
    const on = "2027-01-13T17:00";
    const first = storePlan(moved({ to: "2027-01-18T09:00", arming: 1, told: A, on }), TOLD, local(on));
    const second = moved({ to: "2027-01-18T10:00", arming: 2, told: "2027-01-18T09:00", on });
    const notices = storePlan(second, become(first, "moved", "sent"), local(on)).filter(({ rule }) => rule === "moved");
    expect(notices.map(({ arming, state }) => `${arming} ${state}`)).toEqual(["1 sent", "2 planned"]);
  });

  test("is told before it begins, or not at all", () => {
    const known = moved({ to: "2027-01-14T11:00", arming: 1, told: A, on: "2027-01-13T22:00" });
    expect(plan(known, { now: local("2027-01-13T22:00") }).find(({ rule }) => rule === "moved")).toMatchObject({
      dueAt: local("2027-01-14T09:00"),
      sendBy: local("2027-01-14T11:00"),
      expiresAt: local("2027-01-14T11:00"),
    });
  });
});

describe("a session that is off", () => {
  const off = (told: string | null, status: SessionFacts["status"] = "cancelled") =>
    visit({ status, changedAt: local("2027-01-13T17:00"), toldStart: told === null ? null : local(told), changedBecause: "clinic" });

  test("is told once, if anything had been said, and before the time that was said", () => {
    const store = storePlan(off(A), TOLD, local("2027-01-13T17:00"));
    expect(shown(store)).toEqual(["day-before Wed 2027-01-13 16:00 sent", "off Wed 2027-01-13 17:00 planned"]);
    expect(store.at(-1)?.expiresAt).toBe(local(A));
    expect(store.filter(({ rule }) => rule === "after").map(({ state }) => state)).toEqual(["cancelled"]);
  });

  test("goes in silence when nothing had been said", () => {
    expect(shown(storePlan(off(null), PLANNED, local("2027-01-13T17:00")))).toEqual([]);
  });

  test("and comes back has its reminder again, under a new key", () => {
    const gone = storePlan(off(null), PLANNED, local("2027-01-05T10:00"));
    const back = storePlan(visit(), gone, local("2027-01-05T11:00"));
    expect(back.filter(({ state }) => state === "planned").map(({ key }) => key)).toEqual([
      `day-before/${A}.0/0/p/sms~2`,
      `after/${A}.0/0/p/sms~2`,
    ]);
  });
});

describe("what follows a session", () => {
  const discharged = (changes: Partial<SessionFacts>) =>
    visit({ status: "discharged", dosedAt: local("2027-01-14T09:20"), dischargedAt: local("2027-01-14T10:30"), ...changes });
  const find = (store: Store) => store.find(({ rule }) => rule === "after");

  test("follows the discharge, under the same key", () => {
    const store = storePlan(discharged({}), PLANNED, local("2027-01-14T10:31"));
    expect(find(store)).toMatchObject({ id: find(PLANNED)?.id, awaits: null, dueAt: local("2027-01-14T12:30"), state: "planned" });
  });

  test.each(["sent", "failed", "expired", "unknown"] as const)("and was %s is not said again when the discharge is corrected", (state) => {
    const said = become(storePlan(discharged({}), PLANNED, local("2027-01-14T10:31")), "after", state);
    const corrected = discharged({ dischargedAt: instant(local("2027-01-14T10:30") + HOUR) });
    expect(storePlan(corrected, said, local("2027-01-14T12:00")).filter(({ rule }) => rule === "after")).toHaveLength(1);
  });

  test.each(["no_show", "not_dosed", "cancelled", "postponed"] as const)("ends when it was %s", (status) => {
    const store = storePlan(visit({ status, outcomeAt: local("2027-01-14T10:00") }), PLANNED, local("2027-01-14T10:00"));
    expect(find(store)?.state).toBe("cancelled");
  });
});
