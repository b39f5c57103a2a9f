import { describe, expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { reconcilePlan } from "../../src/domain/reconcile-plan.ts";
import { span } from "../../src/domain/spans.ts";
import { type PlannedTouchpoint, type StoredTouchpoint, TOUCHPOINT_STATES, type TouchpointState } from "../../src/domain/touchpoint.ts";
import { ANA, CHEN, facts, plan, protocolOf, series, session } from "../support/planner-facts.ts";
import { NOTHING, toStored } from "../support/planner-store.ts";

const [WANTED] = plan(facts(ANA, [series(protocolOf({}), [session("2027-01-11T12:00")])])) as [PlannedTouchpoint];
const nothingOff = { isOff: () => false };

function stored(changes: Partial<StoredTouchpoint> = {}): StoredTouchpoint {
  return { ...toStored(WANTED), id: "row", ...changes };
}

const FIXED = TOUCHPOINT_STATES.filter((state) => state !== "planned" && state !== "held");
const IN_FLIGHT: readonly TouchpointState[] = ["sending", "unknown"];

describe("reconciling", () => {
  test("writes nothing where the plan wants what is stored", () => {
    expect(reconcilePlan([WANTED], [stored()], nothingOff)).toEqual(NOTHING);
  });

  test("creates what has no row", () => {
    expect(reconcilePlan([WANTED], [], nothingOff)).toEqual({ ...NOTHING, create: [WANTED] });
  });

  test.each([
    ["dueAt", { dueAt: instant(1) }],
    ["notBefore", { notBefore: instant(1) }],
    ["sendBy", { sendBy: instant(1) }],
    ["expiresAt", { expiresAt: instant(1) }],
    ["taskDueBy", { taskDueBy: instant(1) }],
    ["awaits", { awaits: "discharge" }],
    ["template", { template: "other" }],
    ["locale", { locale: "es" }],
    ["zone", { zone: CHEN.zone }],
    ["legal", { legal: [] }],
    ["legal", { legal: [span(1, 2)] }],
    ["legal", { legal: [...WANTED.legal, span(1, 2)] }],
  ] as const)("changes a planned row whose %s is another", (_, changes: Partial<StoredTouchpoint>) => {
    expect(reconcilePlan([WANTED], [stored(changes)], nothingOff)).toEqual({ ...NOTHING, change: [{ id: "row", to: WANTED }] });
    expect(reconcilePlan([WANTED], [stored({ ...changes, state: "held" })], nothingOff).change).toHaveLength(1);
  });

  test("suppresses a planned row that became impossible", () => {
    const to = { ...WANTED, state: "suppressed", reason: "opted-out" } as const;
    expect(reconcilePlan([to], [stored()], nothingOff)).toEqual({ ...NOTHING, change: [{ id: "row", to }] });
  });

  test.each([
    ["planned", null, "held", "patient-hold"],
    ["held", "patient-hold", "held", "opted-out"],
    ["held", "opted-out", "planned", null],
    ["held", "opted-out", "suppressed", "already-told"],
  ] as const)("changes a row that is %s (%s) and ought to be %s (%s)", (state, reason, wanted, because) => {
    const to: PlannedTouchpoint = { ...WANTED, state: wanted, reason: because };
    expect(reconcilePlan([to], [stored({ state, reason })], nothingOff)).toEqual({ ...NOTHING, change: [{ id: "row", to }] });
    expect(reconcilePlan([to], [stored({ state: wanted, reason: because })], nothingOff)).toEqual(NOTHING);
  });

  test("leaves the reason of a planned row alone: it says why it was not sent the last time", () => {
    expect(reconcilePlan([WANTED], [stored({ reason: "sender-refused" })], nothingOff)).toEqual(NOTHING);
  });

  test.each([
    ["planned", []],
    ["held", ["row"]],
    ["suppressed", ["row"]],
  ] as const)("leaves what is held because its answer was lost as it is; wanted %s, unwanted %j", (state, unwanted) => {
    const to: PlannedTouchpoint = { ...WANTED, state, reason: state === "planned" ? null : "opted-out", dueAt: instant(1) };
    expect(reconcilePlan([to], [stored({ state: "held", reason: "unknown" })], nothingOff)).toEqual({ ...NOTHING, unwanted });
    expect(reconcilePlan([], [stored({ state: "held", reason: "unknown" })], nothingOff)).toEqual({ ...NOTHING, unwanted: ["row"] });
  });

  test("creates a row that is taken again beside the one that ended", () => {
    const again = { ...WANTED, key: `${WANTED.key}~2` };
    expect(reconcilePlan([again], [stored({ state: "superseded" })], nothingOff)).toEqual({ ...NOTHING, create: [again] });
  });

  test.each([
    [() => false, "superseded"],
    [(id: string) => id === WANTED.sessionId, "cancelled"],
  ] as const)("ends a planned row that nobody wants any more as what its session says", (isOff, state) => {
    expect(reconcilePlan([], [stored()], { isOff })).toEqual({ ...NOTHING, supersede: [{ id: "row", state }] });
    expect(reconcilePlan([], [stored({ state: "held" })], { isOff }).supersede).toEqual([{ id: "row", state }]);
    expect(reconcilePlan([], [stored({ sessionId: null })], { isOff }).supersede).toEqual([{ id: "row", state: "superseded" }]);
  });

  test.each(FIXED)("never changes, ends or makes anew a row that is %s", (state) => {
    const row = stored({ state, dueAt: instant(1) });
    expect(reconcilePlan([WANTED], [row], nothingOff)).toEqual(NOTHING);
    const { create, change, supersede } = reconcilePlan([], [row], nothingOff);
    expect([create, change, supersede]).toEqual([[], [], []]);
  });

  test.each(FIXED)("marks a row that is %s as unwanted only while a provider may have it", (state) => {
    const unwanted = IN_FLIGHT.includes(state) ? ["row"] : [];
    expect(reconcilePlan([], [stored({ state })], nothingOff).unwanted).toEqual(unwanted);
    const suppressed = { ...WANTED, state: "suppressed", reason: "opted-out" } as const;
    expect(reconcilePlan([suppressed], [stored({ state })], nothingOff).unwanted).toEqual(unwanted);
    const held = { ...WANTED, state: "held", reason: "patient-hold" } as const;
    expect(reconcilePlan([held], [stored({ state })], nothingOff).unwanted).toEqual(unwanted);
  });
});
