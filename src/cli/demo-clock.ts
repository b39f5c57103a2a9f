/**
 * The clock in a visitor's hand. It goes from one moment at which something wants to happen to the next, as in the weeks that go by themselves, and what happens
 * at the clinic happens on the way: visits, calls, the scenes.
 */
import { setTimeout as wait } from "node:timers/promises";
import { findNextStep, readClinicTime, stepClock } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import { type ScriptedFact, stepThrough } from "../producers/step-through.ts";
import type { GoOn } from "./demo-play.ts";

/** How far it goes, and when it stops before. */
export type Going = {
  readonly until: Instant;
  /** Asked at each moment once everything it asked for has happened; left out, it goes to the end. */
  readonly isThere?: () => Promise<boolean>;
  /** Machine time that each moment is shown. */
  readonly paceMs?: number;
};

export type DemoClock = {
  /** Begins to move, unless it moves already. */
  go(going: Going): boolean;
  stop(): void;
  state(): { readonly isMoving: boolean; readonly fault: string | null };
};

const STALL_MS = 60_000;

export function makeDemoClock(deps: { db: Database; log: Log }, { goOn, signal }: { goOn: GoOn; signal: AbortSignal }): DemoClock {
  const script = openScript(goOn);
  let moving: AbortController | undefined;
  let fault: string | null = null;
  return {
    go: (going) => {
      if (moving) return false;
      moving = new AbortController();
      fault = null;
      move(deps, { ...going, script, goOn, signal: AbortSignal.any([signal, moving.signal]) })
        .catch((error: unknown) => {
          if (signal.aborted) return;
          deps.log.error("demo.clock-stopped", { error });
          fault = error instanceof Error ? error.message : String(error);
        })
        .finally(() => (moving = undefined));
      return true;
    },
    stop: () => moving?.abort(),
    state: () => ({ isMoving: moving !== undefined, fault }),
  };
}

type Moving = Going & { readonly script: Script; readonly goOn: GoOn; readonly signal: AbortSignal };

async function move(deps: { db: Database; log: Log }, moving: Moving): Promise<void> {
  const { db, log } = deps;
  const { until, isThere, paceMs = 0, script, goOn, signal } = moving;
  for (let isFirst = true; ; isFirst = false) {
    const { now } = await readClinicTime(db);
    await stepThrough(db, { until: now, facts: [], onSettled: goOn.onSettled, signal, stallMs: STALL_MS });
    if (signal.aborted || now >= until || (await isThere?.())) return;
    if (!isFirst) await wait(paceMs);
    const { nextAt } = await findNextStep(db);
    const next = Math.min(nextAt ?? until, (await script.nextAt(now)) ?? until, until);
    await stepClock(db, instant(next));
    // A visitor may have changed what a scene counts on; the rest of the play goes on.
    for (const fact of script.takeUntil(instant(next)))
      await fact
        .happen()
        .catch((error: unknown) => log.warn("demo.scene-left-out", { kind: error instanceof Error ? error.name : "unknown" }));
  }
}

type Script = {
  /** The next moment of the play, which is written a day at a time, because sessions are made, moved and called off meanwhile. */
  nextAt(now: Instant): Promise<Instant | null>;
  takeUntil(at: Instant): ScriptedFact[];
};

function openScript({ rest, visitsBefore, deskWithin }: GoOn): Script {
  let facts = [...rest.facts];
  let written = rest.from;
  return {
    nextAt: async (now) => {
      const until = instant(Math.max(written, now) + DAY);
      const desk = now >= written ? deskWithin({ from: instant(Math.max(written, now)), to: instant(until - 1) }) : [];
      facts = [...facts, ...desk, ...(await visitsBefore(instant(now + DAY)))].toSorted((a, b) => a.at - b.at);
      if (now >= written) written = until;
      const next = facts[0]?.at ?? written;
      return instant(Math.max(now, Math.min(next, written)));
    },
    takeUntil: (at) => {
      const due = facts.filter((fact) => fact.at <= at);
      facts = facts.filter((fact) => fact.at > at);
      return due;
    },
  };
}
