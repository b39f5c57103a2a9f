import { describe, expect, test } from "vitest";
import { runEvery } from "../../src/workers/run-every.ts";

const HOUR_MS = 3_600_000;
const fail = (error: unknown) => expect.unreachable(String(error));

function makeSteps() {
  const runs: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => runs.push(resolve));
  const reached = (count: number) => expect.poll(() => runs.length, { timeout: 5_000 }).toBe(count);
  return { runs, work, reached };
}

describe("work that is repeated", () => {
  test("runs at once, then whenever it is woken, one run at a time", async () => {
    const { runs, work, reached } = makeSteps();
    const repeater = runEvery(HOUR_MS, work, fail);
    await reached(1);
    repeater.wake();
    repeater.wake();
    expect(runs).toHaveLength(1);
    runs[0]?.();
    await reached(2);
    runs[1]?.();
    const stopped = repeater.stop();
    await stopped;
    expect(runs).toHaveLength(2);
  });

  test("a wake during a run makes one more run, because what woke it may have come too late for this one", async () => {
    const { runs, work, reached } = makeSteps();
    const repeater = runEvery(HOUR_MS, work, fail);
    await reached(1);
    repeater.wake();
    runs[0]?.();
    await reached(2);
    runs[1]?.();
    await repeater.stop();
  });

  test("a run that fails is told and the next one comes all the same", async () => {
    const errors: unknown[] = [];
    let runs = 0;
    const repeater = runEvery(
      1,
      () => Promise.reject(new Error(`run ${++runs}`)),
      (error) => errors.push(error),
    );
    await expect.poll(() => errors.length, { timeout: 5_000 }).toBeGreaterThan(2);
    await repeater.stop();
    expect(errors.length).toBe(runs);
  });

  test("stopping waits for the run under way and starts no other", async () => {
    const { runs, work, reached } = makeSteps();
    const repeater = runEvery(1, work, fail);
    await reached(1);
    const order: string[] = [];
    const stopped = repeater.stop().then(() => order.push("stopped"));
    order.push("run ends");
    runs[0]?.();
    await stopped;
    expect(order).toEqual(["run ends", "stopped"]);
    expect(runs).toHaveLength(1);
  });
});
