import { afterEach, describe, expect, test, vi } from "vitest";
import { DependencyDown } from "../../src/cli/failures.ts";
import { keepTrying, runUntilStopped } from "../../src/cli/run-until-stopped.ts";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  vi.useRealTimers();
  for (const [signal, listeners] of before)
    for (const listener of process.listeners(signal)) if (!listeners.includes(listener)) process.off(signal, listener);
});

describe("what lasts", () => {
  test("is stopped by a signal, and ends well", async () => {
    const order: string[] = [];
    const running = runUntilStopped(async () => {
      setImmediate(() => process.emit("SIGTERM"));
      return {
        stop: async () => {
          order.push("stopped");
        },
      };
    });
    expect(await running).toBe(0);
    expect(order).toEqual(["stopped"]);
  });

  test("that can do its work no more is stopped and ends as a dependency that is down, so that a supervisor starts it again", async () => {
    const order: string[] = [];
    const { promise: failed, resolve } = Promise.withResolvers<Error>();
    const running = runUntilStopped(async () => ({
      failed,
      stop: async () => {
        order.push("stopped");
      },
    }));
    resolve(new Error("No heartbeat"));
    await expect(running).rejects.toMatchObject({ name: "DependencyDown", message: "No heartbeat" });
    expect(order).toEqual(["stopped"]);
  });

  test("that cannot even stop is left after a few seconds", async () => {
    vi.useFakeTimers();
    const running = runUntilStopped(async () => ({
      failed: Promise.resolve(new Error("Stuck")),
      stop: () => new Promise(() => undefined),
    }));
    const ended = expect(running).rejects.toThrow("Stuck");
    await vi.advanceTimersByTimeAsync(5_000);
    await ended;
  });
});

describe("what is down for a moment", () => {
  test("is tried again every second, until it is there", async () => {
    const errors = [new DependencyDown("PostgreSQL is away"), new DependencyDown("PostgreSQL is starting")];
    const opened = keepTrying(
      async () => {
        const error = errors.shift();
        if (error) throw error;
        return "open";
      },
      { tries: 5, everyMs: 1 },
    );
    expect(await opened).toBe("open");
  });

  test("is given up after so many tries, and a fault of another kind at once", async () => {
    let tries = 0;
    const down = keepTrying(
      async () => {
        tries += 1;
        throw new DependencyDown("PostgreSQL is away");
      },
      { tries: 3, everyMs: 1 },
    );
    const ended = expect(down).rejects.toThrow("PostgreSQL is away");
    await ended;
    expect(tries).toBe(3);
    await expect(keepTrying(() => Promise.reject(new TypeError("a defect")), { tries: 3, everyMs: 1 })).rejects.toThrow("a defect");
  });
});
