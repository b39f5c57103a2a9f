/** Runs something that lasts: started within a deadline, stopped by a signal within another. */
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { DependencyDown } from "./failures.ts";
import { say } from "./terminal.ts";

/** Below the half minute after which orchestrators call a start failed. */
const START_WITHIN_MS = 25_000;
/** Below the half minute after which orchestrators kill. */
const STOP_WITHIN_MS = 24_000;

export type Running = { stop(): Promise<void> };

/** Resolves with exit code 0 after SIGTERM or SIGINT; rejects when it does not start. Further signals change nothing: the stop is under way. */
export async function runUntilStopped(start: () => Promise<Running>): Promise<ExitCode> {
  const stopped = new Promise<"stopped">((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve("stopped"));
  });
  const running = await Promise.race([start(), stopped, failAfter(START_WITHIN_MS)]);
  // Nothing was promised to anybody yet, so nothing has to be waited for.
  if (running === "stopped") return EXIT.done;
  await stopped;
  const ended = await Promise.race([running.stop(), passAfter(STOP_WITHIN_MS)]);
  if (ended === "late") say("warning: some work did not end in time; what it had in its hands is looked after by the other workers");
  return EXIT.done;
}

function failAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(
      () => reject(new DependencyDown(`Not started within ${ms / 1_000} s: a dependency does not answer (DATABASE_URL, REDIS_URL).`)),
      ms,
    ).unref();
  });
}

function passAfter(ms: number): Promise<"late"> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("late"), ms).unref();
  });
}
