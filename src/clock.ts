/**
 * Two clocks. Machine time is what this computer's clock says: leases, back-off, deadlines, ids. Clinic time is `afterglow_now()` in the database: due, legal
 * moments, expiry, consent; in production the two are equal, demo and simulation move clinic time. Nothing else in src reads the computer's clock.
 */
import { randomFillSync } from "node:crypto";
import { type Instant, instant } from "./domain/calendar.ts";
import type { Branded } from "./domain/ids.ts";

/** The computer's clock, as an instant. */
export function machineNow(): Instant {
  return instant(Date.now());
}

/** Milliseconds that only ever grow; for measuring a length of time. */
export function monotonicMs(): number {
  return performance.now();
}

const random = new Uint8Array(4096);
let used = random.length;
let lastMs = 0;
let sequence = 0;

/** A new UUIDv7: ordered by machine time, and within a millisecond by a counter, so that rows made together lie together in an index. */
export function newId<Name extends string>(): Branded<string, Name> {
  const ms = Date.now();
  if (ms > lastMs) {
    lastMs = ms;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
  }
  if (used + 8 > random.length) {
    randomFillSync(random);
    used = 0;
  }
  const time = lastMs.toString(16).padStart(12, "0");
  const tail = Buffer.from(random.buffer, used, 8).toString("hex");
  used += 8;
  const variant = (0x8 | (Number.parseInt(tail[0] ?? "0", 16) & 0x3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, "0")}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}` as Branded<
    string,
    Name
  >;
}

/** Clinic time as the database gave it, with how it runs. */
export type ClinicTime = { readonly now: Instant; readonly mode: "real" | "stepped" | "scaled"; readonly scale: number };

/** How far ahead rows are hinted. Long enough that a missed sweep delays nothing, short enough that a lost queue loses only minutes of hints. */
const HINT_HORIZON_MS = 60_000;

/** The clinic instant up to which rows are hinted now. A stepped clock stands still, so only what is due already is hinted. */
export function hintHorizon({ now, mode, scale }: ClinicTime): Instant {
  return instant(mode === "stepped" ? now : now + HINT_HORIZON_MS * scale);
}

/** The one place where a clinic instant becomes a queue's delay: milliseconds of machine time from now. */
export function toQueueDelay(at: Instant, { now, mode, scale }: ClinicTime): number {
  return mode === "stepped" ? 0 : Math.max(0, Math.round((at - now) / scale));
}
