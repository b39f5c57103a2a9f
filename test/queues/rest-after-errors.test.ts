import { describe, expect, test, vi } from "vitest";
import { restAfterErrors } from "../../src/queues/rest-after-errors.ts";

/** A worker that only says what it was told. */
function open() {
  const told: string[] = [];
  const say = (word: string) => async () => {
    told.push(word);
  };
  return { told, rest: restAfterErrors({ pause: say("pause"), resume: say("resume") }) };
}

const strike = (rest: { strike(): void }, times: number) => {
  for (let time = 0; time < times; time++) rest.strike();
};

describe("a worker that fails again and again", () => {
  test("rests for a second, once, and then goes on", async () => {
    const { told, rest } = open();
    strike(rest, 5_000);
    expect(told).toEqual(["pause"]);
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(["pause", "resume"]);
    strike(rest, 20);
    expect(told).toEqual(["pause", "resume", "pause"]);
    rest.stop();
  });

  test("bears a few errors in a second", async () => {
    vi.useFakeTimers();
    const { told, rest } = open();
    for (let second = 0; second < 5; second++) {
      strike(rest, 19);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    vi.useRealTimers();
    expect(told).toEqual([]);
  });

  test("that was told to hold stays held when its rest is over, and goes on when both are", async () => {
    vi.useFakeTimers();
    const { told, rest } = open();
    strike(rest, 20);
    await rest.hold();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["pause", "pause"]);
    await rest.release();
    vi.useRealTimers();
    expect(told).toEqual(["pause", "pause", "resume"]);
  });
});
