/** What Prometheus reads. Numbers about the work are read from the rows at the moment of the scrape; labels are closed sets of neutral words, never a person, a clinic or an id. */
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { findLastRun, type LedgerRun } from "../db/ledger-runs.ts";
import { COUNTED_AT_MOST, type Measures, readMeasures } from "../db/measures.ts";
import { type PagerHealth, readPagerHealth } from "../db/pager-health.ts";
import { findSafeMode } from "../db/safe-mode.ts";
import { listSwitches } from "../db/switches.ts";
import type { Instant } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import { readQueues } from "../producers/steer-queue.ts";
import type { Queues } from "../queues/backend.ts";
import { VERSION } from "../version.ts";
import { makeHistograms } from "./make-histograms.ts";

export type Metrics = { readonly contentType: string; read(): Promise<string> };

type MetricDeps = {
  readonly db: Database;
  readonly queues: Pick<Queues, "backend" | "controls">;
  readonly log: Log;
  /** Machine time; the computer's clock unless a test moves it. */
  readonly now?: () => Instant;
};

/** A source that cannot be read leaves its numbers out and says so in `afterglow_source_up`; the others stand. */
export function makeMetrics({ db, queues, log, now = machineNow }: MetricDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauges = makeGauges(registry);
  const histograms = makeHistograms(registry, now());
  gauges.build.set({ version: VERSION, backend: queues.backend }, 1);
  const readFrom = async (source: "database" | "queues", read: () => Promise<void>) => {
    try {
      await read();
      gauges.sourceUp.set({ source }, 1);
    } catch (error) {
      gauges.sourceUp.set({ source }, 0);
      log.warn("metrics.source-down", { kind: source, word: error instanceof Error ? error.name : "unknown" });
    }
  };
  const refresh = async () => {
    gauges.forget();
    await Promise.all([
      readFrom("database", async () => {
        showMeasures(gauges, await readMeasures(db, now()));
        await histograms.observe(db, now());
        showPager(gauges, await readPagerHealth(db));
        showLedger(gauges, await findLastRun(db));
        gauges.safeMode.set((await findSafeMode(db)) ? 1 : 0);
        gauges.switchesOff.set((await listSwitches(db)).length);
      }),
      readFrom("queues", async () => showQueues(gauges, queues)),
    ]);
    return registry.metrics();
  };
  // Two scrapes at once share one reading: the gauges are set anew for each.
  let underWay: Promise<string> | undefined;
  const read = () => (underWay ??= refresh().finally(() => (underWay = undefined)));
  return { contentType: registry.contentType, read };
}

type Gauges = ReturnType<typeof makeGauges>;

function makeGauges(registry: Registry) {
  const group = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name: `afterglow_${name}`, help, labelNames, registers: [registry] });
  const number = (name: string, help: string) => group(name, help, []);
  const cap = `no group counted beyond ${COUNTED_AT_MOST}`;
  const groups = {
    touchpoints: group("touchpoints", `Touchpoints in flight, unsettled, or planned for the next 24 hours; ${cap}`, ["state", "channel"]),
    deliveries: group("deliveries_last_hour", `Attempts that began in the last hour; ${cap}`, ["state", "channel"]),
    lateness: group("lateness_seconds", "Lateness of the attempts of the last five minutes", ["channel", "quantile"]),
    tasks: group("tasks_open", `Open tasks; ${cap}`, ["kind"]),
    alerts: group("alerts", "Alerts that are not closed", ["level", "state"]),
    ledger: group("ledger_violations", "Rows that broke a promise at the newest check of the ledger, by its name", ["check"]),
    queueJobs: group("queue_jobs", "Jobs of a queue", ["queue", "state"]),
    queuePaused: group("queue_paused", "1 while a queue is paused, else 0", ["queue"]),
  };
  const numbers = {
    due: number("due_unclaimed", `Touchpoints that may be claimed now and are not; ${cap}`),
    dueAge: number("due_unclaimed_oldest_seconds", "How long the oldest of them has been due; 0 when there is none"),
    unplanned: number("unplanned_patients", `Patients with a fact that their plan does not know yet; ${cap}`),
    unplannedAge: number("unplanned_oldest_seconds", "How long the oldest of these facts has waited; 0 when there is none"),
    resent: number("touchpoints_resent", `Touchpoints sent a second time because the first answer was lost; ${cap}`),
    unfolded: number("reports_unfolded", `Reports of providers that are stored and not folded into their deliveries yet; ${cap}`),
    alertAge: number(
      "alert_unacknowledged_oldest_seconds",
      "How long the oldest alert that nobody has acknowledged has waited; 0 when there is none",
    ),
    pagesFailed: number("pages_failed_last_hour", "Pages of the last hour that a provider did not take, of alerts that are not closed"),
    unreached: number(
      "alerts_unreached",
      "Alerts of which no page was taken within five minutes, or whose page is due and nobody takes it up",
    ),
    ledgerAge: number("ledger_age_seconds", "Seconds since the ledger was checked; left out while it never was"),
    safeMode: number("safe_mode", "1 while safe mode is on and nothing is sent, else 0"),
    switchesOff: number("switches_off", "Switches that are off: what they cover is not sent"),
    workers: number("workers_alive", "Worker processes with a heartbeat in the last 20 seconds"),
  };
  const sourceUp = group("source_up", "Whether the numbers of this source could be read for this scrape", ["source"]);
  const build = group("build_info", "Always 1; the labels say what runs", ["version", "backend"]);
  const forget = () => {
    for (const gauge of Object.values(groups)) gauge.reset();
    // Taken out, because a reset one would read 0 and look like good news.
    for (const gauge of Object.values(numbers)) gauge.remove();
  };
  return { ...groups, ...numbers, sourceUp, build, forget };
}

function showMeasures(gauges: Gauges, measures: Measures): void {
  for (const { count, ...labels } of measures.touchpoints) gauges.touchpoints.set(labels, count);
  for (const { count, ...labels } of measures.deliveries) gauges.deliveries.set(labels, count);
  for (const { channel, p50Ms, p99Ms } of measures.lateness) {
    gauges.lateness.set({ channel, quantile: "0.5" }, p50Ms / 1_000);
    gauges.lateness.set({ channel, quantile: "0.99" }, p99Ms / 1_000);
  }
  gauges.due.set(measures.due.count);
  gauges.dueAge.set(measures.due.oldestSeconds);
  for (const { kind, count } of measures.openTasks) gauges.tasks.set({ kind }, count);
  gauges.unplanned.set(measures.unplanned.count);
  gauges.unplannedAge.set(measures.unplanned.oldestSeconds);
  gauges.resent.set(measures.resent);
  gauges.unfolded.set(measures.unfolded);
  gauges.workers.set(measures.workers);
}

function showPager(gauges: Gauges, { alerts, unacknowledgedSeconds, failedPages, unreached }: PagerHealth): void {
  for (const { count, ...labels } of alerts) gauges.alerts.set(labels, count);
  gauges.alertAge.set(unacknowledgedSeconds);
  gauges.pagesFailed.set(failedPages);
  gauges.unreached.set(unreached);
}

function showLedger(gauges: Gauges, run: LedgerRun | undefined): void {
  if (!run) return;
  gauges.ledgerAge.set(run.ageSeconds);
  for (const [check, count] of Object.entries(run.violations)) gauges.ledger.set({ check }, count);
}

async function showQueues(gauges: Gauges, queues: Pick<Queues, "controls">): Promise<void> {
  for (const { name: queue, isPaused, jobs } of await readQueues(queues)) {
    gauges.queuePaused.set({ queue }, isPaused ? 1 : 0);
    for (const [state, count] of Object.entries(jobs)) gauges.queueJobs.set({ queue, state }, count);
  }
}
