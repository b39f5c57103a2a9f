/** What the hourly checks found, kept as events: any process can show it, and it stays on record. */
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { appendEvents } from "./events.ts";
import type { CheckResult } from "./ledger.ts";

/** The ledger as the subject of events: there is one. */
const LEDGER_ID = "00000000-0000-7000-8000-00000000001e";
const KIND = "ledger.checked";

export type LedgerRun = {
  /** Seconds of machine time since. */
  readonly ageSeconds: number;
  /** Offending rows of each check that was violated, by its name. */
  readonly violations: Readonly<Record<string, number>>;
  /** Checks that took too long. */
  readonly unfinished: number;
};

/** Only one process checks at a time; the lock ends with the transaction. */
export async function tryLockLedger(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtext('afterglow ledger')) as locked`.execute(tx);
  return rows[0]?.locked ?? false;
}

/** The newest run; undefined when there was none. */
export async function findLastRun(db: Database): Promise<LedgerRun | undefined> {
  const { rows } = await sql<{ ageSeconds: number; data: { unfinished: number } & Record<string, number> }>`
    select extract(epoch from clock_timestamp() - recorded_at)::double precision as age_seconds, data from events
    where subject_id = ${LEDGER_ID}::uuid order by id desc limit 1`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { unfinished, ...violations } = row.data;
  return { ageSeconds: row.ageSeconds, violations, unfinished };
}

/** Keeps a run: counts by name of check, and nothing of the rows. */
export async function storeRun(tx: Tx, results: readonly CheckResult[]): Promise<void> {
  const violations = results.flatMap(({ name, state, count }) => (state === "violated" ? [[name, count] as const] : []));
  const unfinished = results.filter(({ state }) => state === "unfinished").length;
  const data = { ...Object.fromEntries(violations), unfinished };
  await appendEvents(tx, [{ kind: KIND, clinicId: null, subjectId: LEDGER_ID, actor: "afterglow", data }]);
}
