import { expect, test } from "vitest";
import { mayBecomeCall } from "../../src/domain/becomes-call.ts";
import { PURPOSES } from "../../src/domain/protocol.ts";

test.each([
  [{ importance: "critical", purpose: "reminder", recipient: "patient" }, true],
  [{ importance: "high", purpose: "preparation", recipient: "patient" }, true],
  [{ importance: "high", purpose: "reminder", recipient: "escort" }, true],
  [{ importance: "normal", purpose: "urgent-change", recipient: "patient" }, true],
  [{ importance: "high", purpose: "notice", recipient: "patient" }, false],
  [{ importance: "normal", purpose: "preparation", recipient: "escort" }, false],
] as const)("%o becomes a call when it cannot be said in time: %s", (rule, becomes) => {
  expect(mayBecomeCall(rule)).toBe(becomes);
});

test.each(PURPOSES)("work for staff (%s) is no message that becomes a call", (purpose) => {
  expect(mayBecomeCall({ importance: "critical", purpose, recipient: "staff" })).toBe(false);
});
