/**
 * Asks the books every hour whether every promise was kept.
 *
 * Trigger: time, in every worker process of a production database; one checks, the others find that it was done. Re-checks: everything, read only, in one
 * snapshot. Effect: one event with the counts, which the metrics show, and a line in the log for each promise that is broken. A repeat within the hour does
 * nothing.
 */
import { sql } from "kysely";
import { monotonicMs } from "../clock.ts";
import { findEnvironment } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { checkLedger } from "../db/ledger.ts";
import { findLastRun, storeRun, tryLockLedger } from "../db/ledger-runs.ts";
import { HOUR, MINUTE } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import { type Repeater, runEvery } from "./run-every.ts";

export type LedgerDeps = { readonly db: Database; readonly log: Log };

/** Processes start at different moments; the first to come after this long checks for all. */
const ONCE_IN_MS = HOUR - 5 * MINUTE;

/** Begins at once and repeats every hour until stopped. A stop waits for the statement under way, at most, and a run that was stopped keeps nothing. */
export function checkLedgerHourly(deps: LedgerDeps): Pick<Repeater, "stop"> {
  const stopping = new AbortController();
  const { stop } = runEvery(
    HOUR,
    () => checkOnce(deps, stopping.signal),
    (error) => deps.log.error("ledger.failed", { error }),
  );
  return {
    stop: async () => {
      stopping.abort();
      await stop();
    },
  };
}

export type LedgerWord = "checked" | "not-production" | "done-by-another" | "stopped";

/** One run, if it is due. */
export async function checkOnce({ db, log }: LedgerDeps, signal?: AbortSignal): Promise<LedgerWord> {
  if ((await findEnvironment(db)) !== "production") return "not-production";
  const began = monotonicMs();
  return db.transaction().execute(async (tx) => {
    // It only holds the lock while the checks run on a connection of their own, which may take longer than others may rest in a transaction.
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    if (!(await tryLockLedger(tx))) return "done-by-another";
    const last = await findLastRun(tx);
    if (last && last.ageSeconds * 1_000 < ONCE_IN_MS) return "done-by-another";
    const results = await checkLedger(db, { clinicId: null, signal, now: monotonicMs });
    if (signal?.aborted) return "stopped";
    await storeRun(tx, results);
    for (const { name, state, count } of results) {
      if (state === "violated") log.error("ledger.violated", { kind: name, count });
      if (state === "unfinished") log.warn("ledger.unfinished", { kind: name });
    }
    const violated = results.filter(({ state }) => state === "violated").length;
    log.info("ledger.checked", { count: violated, ms: Math.round(monotonicMs() - began) });
    return "checked";
  });
}
