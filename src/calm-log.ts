/** A log in which a fault that goes on makes one line a second and cause: what drowns says nothing, and what is down fails a thousand times a second. */
import { monotonicMs } from "./clock.ts";
import type { Log, LogFields } from "./log.ts";

const EVERY_MS = 1_000;
/** Causes remembered; far more than there are at a time. */
const MOST_CAUSES = 1_000;

/**
 * As `log`, except that of errors, and of hints that are lost, with the same event, ids and kind of error only the first in a second is written. What is swallowed is counted into the next
 * line's `count`, unless the line has a count of its own.
 */
export function calmLog(log: Log): Log {
  const seen = new Map<string, { at: number; swallowed: number }>();
  const calmly =
    (level: "warn" | "error"): Log["error"] =>
    (event, fields = {}) => {
      const cause = causeOf(event, fields);
      const last = seen.get(cause);
      const now = monotonicMs();
      if (last && now - last.at < EVERY_MS) {
        last.swallowed += 1;
        return;
      }
      if (seen.size > MOST_CAUSES) seen.clear();
      seen.set(cause, { at: now, swallowed: 0 });
      const swallowed = last?.swallowed ?? 0;
      log[level](event, swallowed > 0 && fields.count === undefined ? { ...fields, count: swallowed + 1 } : fields);
    };
  const [warn, error] = [calmly("warn"), calmly("error")];
  return { info: log.info, warn: (event, fields) => (RUSHING.has(event) ? warn : log.warn)(event, fields), error };
}

/** A warning that comes with every request for as long as a queue is away. */
const RUSHING: ReadonlySet<string> = new Set(["hint.lost"]);

/** What differs from one time to the next is no part of the cause. */
const PASSING: ReadonlySet<string> = new Set(["attempt", "count", "ms", "error", "requestId", "code"]);

function causeOf(event: string, { error, ...fields }: LogFields & { readonly error?: unknown }): string {
  const named = Object.entries(fields).filter(([name]) => !PASSING.has(name));
  const kind = error instanceof Error ? `${error.name}/${"code" in error ? String(error.code) : ""}` : "";
  return [event, ...named.map(([name, value]) => `${name}=${value}`), kind].join(" ");
}
