/** A line to Redis that is broken off only when Redis owes it an answer. */
import { Redis, type RedisOptions } from "ioredis";

/**
 * ioredis 5.11 lets the timer of `socketTimeout` run on when its connection has closed. It then breaks off the next connection, well as that is, and a blocking
 * command that is asked again at once keeps this up for as long as nothing comes: after a fail-over a queue without jobs would log an error every 20 seconds.
 */
class RedisLine extends Redis {
  /** BullMQ makes its blocking connections with it. */
  override duplicate(override?: Partial<RedisOptions>): Redis {
    return watched(new RedisLine({ ...this.options, ...override }));
  }
}

/** As `new Redis(url, options)`, and so is whatever is duplicated from it. */
export function openRedisLine(url: string, options: RedisOptions): Redis {
  return watched(new RedisLine(url, options));
}

function watched(line: Redis): Redis {
  return line.on("close", () => stopTimer(line));
}

const TIMER = "socketTimeoutTimer";

function stopTimer(line: Redis): void {
  const timer: unknown = Reflect.get(line, TIMER);
  if (!isDisposable(timer)) return;
  timer[Symbol.dispose]();
  Reflect.set(line, TIMER, undefined);
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}
