import { describe, expect, test } from "vitest";
import { hasEnded, TOUCHPOINT_STATES, TRANSITIONS } from "../../src/domain/touchpoint.ts";

describe("the states of a touchpoint", () => {
  test("end in seven ways, and nothing leaves an end", () => {
    expect(TOUCHPOINT_STATES.filter(hasEnded)).toEqual(["sent", "failed", "suppressed", "expired", "superseded", "cancelled", "tasked"]);
  });

  test("all lead to an end", () => {
    for (const state of TOUCHPOINT_STATES) {
      const seen = new Set([state]);
      for (const each of seen) for (const next of TRANSITIONS[each]) seen.add(next);
      expect([...seen].some(hasEnded), state).toBe(true);
    }
  });

  test("know one way to a provider: planned, sending, and from there back only with evidence", () => {
    const into = (target: (typeof TOUCHPOINT_STATES)[number]) => TOUCHPOINT_STATES.filter((state) => TRANSITIONS[state].includes(target));
    expect(into("sending")).toEqual(["planned"]);
    expect(into("sent")).toEqual(["sending", "unknown", "held"]);
    expect(into("planned")).toEqual(["sending", "unknown", "held"]);
    expect(into("tasked")).toEqual(["planned"]);
    expect(into("expired")).toEqual(["planned", "held"]);
  });
});
