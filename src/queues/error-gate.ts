/** One line a second and cause: a read-only Redis raises thousands of error events a second, and a log that drowns says nothing. */
import { monotonicMs } from "../clock.ts";
import type { Log } from "../log.ts";

const EVERY_MS = 1_000;

/** Listeners for the error events of queues; what is swallowed is counted into the next line. */
export function errorGate(log: Log): (queue: string) => (error: Error) => void {
  const seen = new Map<string, { at: number; swallowed: number }>();
  return (queue) => (error) => {
    const cause = `${queue}/${error.name}/${"code" in error ? String(error.code) : ""}`;
    const last = seen.get(cause);
    const now = monotonicMs();
    if (last && now - last.at < EVERY_MS) {
      last.swallowed += 1;
      return;
    }
    seen.set(cause, { at: now, swallowed: 0 });
    log.error("queue.error", { queue, count: (last?.swallowed ?? 0) + 1, error });
  };
}
