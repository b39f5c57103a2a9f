/** Runs something that lasts: started within a deadline, stopped by a signal within another, given up when it says that it can do its work no more. */
import { setTimeout as wait } from "node:timers/promises";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { DependencyDown } from "./failures.ts";
import { say } from "./terminal.ts";

/** Below the half minute after which orchestrators call a start failed. */
const START_WITHIN_MS = 25_000;
/** Below the half minute after which orchestrators kill. */
const STOP_WITHIN_MS = 24_000;
/** What has failed has little to put in order; whoever starts it again should not wait. */
const GIVE_UP_WITHIN_MS = 5_000;

export type Running = {
  stop(): Promise<void>;
  /** Resolves when it can do its work no more. */
  readonly failed?: Promise<Error>;
};

/**
 * Resolves with exit code 0 after SIGTERM or SIGINT; rejects when it does not start, or has failed. Further signals change nothing: the stop is under way.
 */
export async function runUntilStopped(start: () => Promise<Running>): Promise<ExitCode> {
  const stopped = new Promise<"stopped">((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve("stopped"));
  });
  const running = await Promise.race([start(), stopped, failAfter(START_WITHIN_MS)]);
  // Nothing was promised to anybody yet, so nothing has to be waited for.
  if (running === "stopped") return EXIT.done;
  const end = await Promise.race([stopped, ...(running.failed ? [running.failed] : [])]);
  if (end !== "stopped") {
    await Promise.race([running.stop().catch(() => undefined), passAfter(GIVE_UP_WITHIN_MS)]);
    throw new DependencyDown(end.message, { cause: end });
  }
  const ended = await Promise.race([running.stop(), passAfter(STOP_WITHIN_MS)]);
  if (ended === "late") say("warning: some work did not end in time; what it had in its hands is looked after by the other workers");
  return EXIT.done;
}

const TRY_EVERY_MS = 1_000;

/**
 * Opens what may be down for a moment, as when a whole installation starts at once: again every second for so long, said once for each way in which it is down.
 * Anything but a dependency that is down is thrown at once.
 */
export async function keepTrying<Opened>(
  open: () => Promise<Opened>,
  { tries, everyMs = TRY_EVERY_MS }: { tries: number; everyMs?: number },
): Promise<Opened> {
  let said = "";
  for (let attempt = 1; ; attempt++)
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof DependencyDown) || attempt >= tries) throw error;
      if (said !== error.message) say(`${(said = error.message)}; trying again`);
      await wait(everyMs);
    }
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
