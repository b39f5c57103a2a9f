import { describe, expect, test } from "vitest";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import { decideUnknown, type UnknownTouchpoint } from "../../src/domain/decide-unknown.ts";

const NOW = instant(1_000 * MINUTE);
const lost = (changes: Partial<UnknownTouchpoint> = {}): UnknownTouchpoint => ({
  onUnknown: "resend",
  resends: 0,
  isUnwanted: false,
  sendBy: instant(NOW + MINUTE),
  ...changes,
});

describe("a send of which nobody knows", () => {
  test("is tried once more where the rule says so", () => {
    expect(decideUnknown(lost(), NOW)).toBe("resend");
  });

  test("is held where the rule says so", () => {
    expect(decideUnknown(lost({ onUnknown: "hold" }), NOW)).toBe("hold");
  });

  test("is held the second time", () => {
    expect(decideUnknown(lost({ resends: 1 }), NOW)).toBe("hold");
  });

  test("is held from its last moment on, and not a millisecond before", () => {
    expect(decideUnknown(lost({ sendBy: instant(NOW + 1) }), NOW)).toBe("resend");
    expect(decideUnknown(lost({ sendBy: NOW }), NOW)).toBe("hold");
  });

  test("is superseded when a fact has forbidden it, whatever the rule says", () => {
    for (const onUnknown of ["hold", "resend"] as const)
      expect(decideUnknown(lost({ onUnknown, isUnwanted: true }), NOW)).toBe("supersede");
  });
});
