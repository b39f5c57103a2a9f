/**
 * Lives through clinic time on a stepped clock, for the demo and for simulations: always to the next moment at which a row or a scripted fact wants something,
 * and only once nothing is claimable, in flight or unplanned. Refused by the database in production.
 */
import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../clock.ts";
import { findNextStep, readClinicTime, stepClock } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";

/** Something that happens at the clinic at a moment, as staff would record it. */
export type ScriptedFact = { readonly at: Instant; readonly happen: () => Promise<unknown> };

export type StepOptions = {
  readonly until: Instant;
  readonly facts: readonly ScriptedFact[];
  /** Called at each moment once everything it asked for has happened, before the clock moves on. */
  readonly onSettled?: (now: Instant) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Machine time that one step may take; a row that cannot be sent would hold the clock for ever. */
  readonly stallMs?: number;
};

const POLL_MS = 8;

export class ClockStalled extends Error {
  constructor(busy: number) {
    super(`The clock cannot go on: ${busy} rows want something that does not happen`);
    this.name = "ClockStalled";
  }
}

/** Returns the number of steps. */
export async function stepThrough(db: Database, { until, facts, onSettled, signal, stallMs = 30_000 }: StepOptions): Promise<number> {
  const script = facts.toSorted((a, b) => a.at - b.at);
  for (let steps = 0; ; steps++) {
    const nextAt = await settle(db, { signal, stallMs });
    const { now } = await readClinicTime(db);
    if (signal?.aborted) return steps;
    await onSettled?.(now);
    const next = earliest(nextAt, script[0]?.at ?? null);
    if (next === null || next > until) return steps;
    if (next > now) await stepClock(db, next);
    while (script[0] && script[0].at <= next) await script.shift()?.happen();
  }
}

/** Waits until nothing wants anything at this moment; returns the next moment at which something will. */
async function settle(db: Database, { signal, stallMs }: { signal: AbortSignal | undefined; stallMs: number }): Promise<Instant | null> {
  const began = monotonicMs();
  for (;;) {
    const { busy, nextAt } = await findNextStep(db);
    if (busy === 0 || signal?.aborted) return nextAt;
    if (monotonicMs() - began > stallMs) throw new ClockStalled(busy);
    await wait(POLL_MS);
  }
}

function earliest(one: Instant | null, other: Instant | null): Instant | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
