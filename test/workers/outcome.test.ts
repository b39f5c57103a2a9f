import { describe, expect, test } from "vitest";
import type { SendOutcome } from "../../src/channels/channel.ts";
import { TRANSITIONS } from "../../src/domain/touchpoint.ts";
import { backOffSeconds } from "../../src/workers/back-off.ts";
import { toOutcome, toSettled } from "../../src/workers/outcome.ts";

const settle = (answer: SendOutcome, attempt = 1) => toSettled(toOutcome(answer, attempt));
const ANSWERS: SendOutcome[] = [
  { kind: "sent", providerMessageId: "SM1" },
  { kind: "refused", reason: "bad-address", code: "550" },
  { kind: "refused", reason: "sender-refused", code: "535" },
  { kind: "not-sent", code: "450" },
  { kind: "throttled", retryAfterMs: 1, code: "429" },
  { kind: "unknown", code: "ETIMEDOUT" },
];

describe("what a provider answers", () => {
  test("leads to one word and one state of touchpoint and delivery", () => {
    const led = ANSWERS.map((answer) => {
      const { touchpointState, deliveryState } = settle(answer);
      return [answer.kind, toOutcome(answer, 1).kind, touchpointState, deliveryState];
    });
    expect(led).toEqual([
      ["sent", "sent", "sent", "sent"],
      ["refused", "refused", "failed", "refused"],
      ["refused", "not-yet", "planned", "not-sent"],
      ["not-sent", "not-yet", "planned", "not-sent"],
      ["throttled", "not-yet", "planned", "not-sent"],
      ["unknown", "unknown", "unknown", "unknown"],
    ]);
  });

  test.each(ANSWERS)("$kind leads to a state that a row in flight may take", (answer) => {
    expect(TRANSITIONS.sending).toContain(settle(answer).touchpointState);
  });

  test("only what was provably not accepted is ever tried again", () => {
    const retried = ANSWERS.filter((answer) => settle(answer).touchpointState === "planned").map(({ kind }) => kind);
    expect(new Set(retried)).toEqual(new Set(["not-sent", "throttled", "refused"]));
    expect(settle({ kind: "unknown", code: "x" }).backOffSeconds).toBe(0);
  });

  test("a pause that the provider asks for is kept, in whole seconds and at least one", () => {
    const pause = (retryAfterMs: number) => settle({ kind: "throttled", retryAfterMs, code: "429" }, 9).backOffSeconds;
    expect([pause(0), pause(1), pause(1_000), pause(1_001), pause(90_000)]).toEqual([1, 1, 1, 2, 90]);
  });
});

describe("the back-off", () => {
  test("doubles from half a minute to half an hour", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 40].map(backOffSeconds)).toEqual([30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
  });
});
