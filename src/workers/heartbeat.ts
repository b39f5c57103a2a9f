/**
 * The heartbeat of a worker process: what the others see of it, and what it may do itself. A worker that cannot write its heartbeat is dead to the others, who
 * take what it holds for unknown; one whose clock is wrong would send early or late. Both claim nothing until they are well again, and a worker that stays
 * without a heartbeat gives up, so that its supervisor starts another one.
 */
import { monotonicMs } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { MOST_SKEW_MS } from "../db/liveness.ts";
import { beat } from "../db/workers.ts";
import type { Instant } from "../domain/calendar.ts";
import type { WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import { runEvery } from "./run-every.ts";
import { within } from "./within.ts";

export type Verdict = "well" | "clock-skewed" | "heartbeat-lost";

export type HeartDeps = {
  readonly db: Database;
  readonly log: Log;
  readonly workerId: WorkerId;
  /** This computer's clock. */
  readonly machineNow: () => Instant;
  readonly times?: HeartTimes;
};

export type HeartHooks = {
  /** Called when the verdict changes; it begins as `well`. */
  readonly onVerdict: (verdict: Verdict, skewMs: number) => void;
  /** Called once, when there is no hope left. */
  readonly onLost: (error: Error) => void;
};

/** Milliseconds of machine time. */
export type HeartTimes = {
  readonly lookEvery: number;
  readonly beatEvery: number;
  readonly answerWithin: number;
  readonly lostAfter: number;
  readonly giveUpAfter: { readonly [Failure in HeartFailure]: number };
};

/** A server that refuses comes back, and then every connection is new; one that says nothing may have forgotten ours. */
type HeartFailure = "refused" | "silent";

/** `lostAfter` stands before the 20 s after which the others take this worker for dead. */
export const HEART_TIMES: HeartTimes = {
  lookEvery: 1_000,
  beatEvery: 5_000,
  answerWithin: 4_000,
  lostAfter: 15_000,
  giveUpAfter: { refused: 300_000, silent: 40_000 },
};

export class HeartbeatLost extends Error {
  constructor(ms: number) {
    super(`PostgreSQL took no heartbeat for ${Math.round(ms / 1_000)} s: this worker gives up, and its supervisor starts another one`);
    this.name = "HeartbeatLost";
  }
}

export type Heart = { stop(): Promise<void> };

/** Beats at once and from then on every five seconds, every second while it fails. */
export function startHeartbeat(deps: HeartDeps, { onVerdict, onLost }: HeartHooks): Heart {
  const { log, workerId, times = HEART_TIMES } = deps;
  const pulse = makePulse(deps, times);
  let verdict: Verdict = "well";
  let isLost = false;
  const look = async () => {
    await pulse.beatIfDue();
    const silence = pulse.silenceMs();
    const now: Verdict = silence > times.lostAfter ? "heartbeat-lost" : isSkewed(pulse.skewMs()) ? "clock-skewed" : "well";
    if (now !== verdict) onVerdict((verdict = now), pulse.skewMs());
    if (isLost || silence <= times.giveUpAfter[pulse.failure()]) return;
    isLost = true;
    onLost(new HeartbeatLost(silence));
  };
  return runEvery(times.lookEvery, look, (error) => log.error("heartbeat.failed", { workerId, error }));
}

function makePulse({ db, log, workerId, machineNow }: HeartDeps, { beatEvery, answerWithin }: HeartTimes) {
  let beatenAt = monotonicMs();
  let nextAt = 0;
  let skewMs = 0;
  let failure: HeartFailure = "refused";
  const fail = (kind: HeartFailure, error?: unknown) => {
    failure = kind;
    log.error("heartbeat.failed", { workerId, kind, error });
  };
  const take = (measured: number) => {
    beatenAt = monotonicMs();
    // What the others read of this clock follows at the next look.
    nextAt = isSkewed(skewMs) === isSkewed(measured) ? beatenAt + beatEvery : 0;
    skewMs = measured;
  };
  const beatIfDue = async () => {
    if (monotonicMs() < nextAt) return;
    const sentAt = machineNow();
    try {
      const serverAt = await within(answerWithin, beat(db, workerId, { skewMs }));
      if (serverAt === undefined) fail("silent");
      else take(measureSkew({ sentAt, serverAt, heardAt: machineNow() }));
    } catch (error) {
      fail("refused", error);
    }
  };
  return { beatIfDue, silenceMs: () => monotonicMs() - beatenAt, skewMs: () => skewMs, failure: () => failure };
}

function isSkewed(skewMs: number): boolean {
  return Math.abs(skewMs) > MOST_SKEW_MS;
}

type Times = { readonly sentAt: Instant; readonly serverAt: Instant; readonly heardAt: Instant };

/** How far this clock is certainly ahead of the server's (behind it: negative), in milliseconds: an answer that took its time is no skew. */
export function measureSkew({ sentAt, serverAt, heardAt }: Times): number {
  if (sentAt > serverAt) return sentAt - serverAt;
  return heardAt < serverAt ? heardAt - serverAt : 0;
}
