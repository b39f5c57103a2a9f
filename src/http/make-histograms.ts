/**
 * Histograms of how long things take, fed from the rows: a web process observes every attempt and every page that began since it started, once, a minute after it
 * began, when it has ended. Several web processes show the same; whoever adds them up counts twice.
 */
import { Histogram, type Registry } from "prom-client";
import type { Database } from "../db/database.ts";
import { readAttemptTimings, readPageTimings } from "../db/timings.ts";
import { type Instant, instant, MINUTE } from "../domain/calendar.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];
/** Longer than any attempt and any page takes. */
const SETTLED_AFTER = MINUTE;

export type Histograms = {
  /** Takes in what has settled since it was last asked. */
  observe(db: Database, now: Instant): Promise<void>;
};

export function makeHistograms(registry: Registry, startedAt: Instant): Histograms {
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: `afterglow_${name}`, help, labelNames, buckets: SECONDS, registers: [registry] });
  const byChannel = ["channel"] as const;
  const lateness = histogram("attempt_lateness_seconds", "From the moment of a message to the first call of its provider", byChannel);
  const claim = histogram("attempt_claim_seconds", "From the claim of an attempt to the call", byChannel);
  const send = histogram("attempt_send_seconds", "From the call of an attempt to the provider's answer", byChannel);
  const page = histogram("alert_page_seconds", "From an alert to the first page about it that a provider took", []);
  let from = startedAt;
  return {
    observe: async (db, now) => {
      const span = { from, to: instant(now - SETTLED_AFTER) };
      if (span.to <= span.from) return;
      const [attempts, pages] = [await readAttemptTimings(db, span), await readPageTimings(db, span)];
      for (const { channel, ...took } of attempts) {
        if (took.lateness !== null) lateness.observe({ channel }, took.lateness);
        if (took.claim !== null) claim.observe({ channel }, took.claim);
        if (took.send !== null) send.observe({ channel }, took.send);
      }
      for (const seconds of pages) page.observe(seconds);
      from = span.to;
    },
  };
}
