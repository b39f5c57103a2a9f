/**
 * The ledger: asks the rows whether every promise that SQL can see was kept. Reads only, in one snapshot, so that what a worker does meanwhile looks neither
 * half done nor undone. Ids and neutral words only: what it finds may be logged.
 */
import { sql } from "kysely";
import { MINUTE } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import type { Found, LedgerCheck, LedgerScope } from "./ledger-check.ts";
import { LEDGER_CHECKS } from "./ledger-checks.ts";

/** `not-asked`: clinic time is not machine time here. `unfinished`: it took too long, or somebody stopped the run. */
export type CheckState = "holds" | "violated" | "not-asked" | "unfinished";

export type CheckResult = Pick<LedgerCheck, "name" | "promise"> & Found & { readonly state: CheckState; readonly ms: number };

/** Many times what the slowest check takes beside a million touchpoints. */
const GIVE_UP_AFTER_MS = MINUTE;
/** Measured beside a million touchpoints: with PostgreSQL's 4 MB the joins go through files and take twice as long. */
const WORK_MEMORY = "64MB";

export type LedgerOptions = {
  readonly clinicId: ClinicId | null;
  /** Ends the run before the next check. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that only ever grow, to say how long each check took. */
  readonly now: () => number;
};

/** Runs every check, in the order in which they are listed. */
export async function checkLedger(db: Database, options: LedgerOptions): Promise<CheckResult[]> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute((tx) => checkLedgerWithin(tx, options));
}

/** The same inside a transaction that is open already, on what that one sees. */
export async function checkLedgerWithin(tx: Tx, { clinicId, signal, now }: LedgerOptions): Promise<CheckResult[]> {
  await prepare(tx);
  const isReal = await readsRealTime(tx);
  const scope = toScope(clinicId);
  const results: CheckResult[] = [];
  for (const check of LEDGER_CHECKS) results.push(await run(tx, check, { scope, isReal, signal, now }));
  return results;
}

/** The program's connections look rows up by index and plan a statement once; here whole tables are read, and each statement once. */
async function prepare(tx: Tx): Promise<void> {
  await sql`
    select set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'force_custom_plan', true),
      set_config('work_mem', ${WORK_MEMORY}, true), set_config('statement_timeout', ${String(GIVE_UP_AFTER_MS)}, true)`.execute(tx);
}

async function readsRealTime(tx: Tx): Promise<boolean> {
  return (await tx.selectFrom("clinicClock").select("mode").executeTakeFirst())?.mode === "real";
}

function toScope(clinicId: ClinicId | null): LedgerScope {
  if (clinicId === null) return { inClinic: () => sql`true`, inClinicOfPatient: () => sql`true` };
  return {
    inClinic: (column) => sql`${sql.ref(column)} = ${clinicId}::uuid`,
    inClinicOfPatient: (column) => sql`${sql.ref(column)} in (select patient_id from series where clinic_id = ${clinicId}::uuid)`,
  };
}

type Run = Pick<LedgerOptions, "signal" | "now"> & { readonly scope: LedgerScope; readonly isReal: boolean };

async function run(tx: Tx, { name, promise, needsRealTime, find }: LedgerCheck, { scope, isReal, signal, now }: Run): Promise<CheckResult> {
  const nothing = { name, promise, count: 0, offences: [], ms: 0 };
  if (needsRealTime && !isReal) return { ...nothing, state: "not-asked" };
  if (signal?.aborted) return { ...nothing, state: "unfinished" };
  const began = now();
  const found = await findInTime(tx, () => find(tx, scope));
  const ms = Math.round(now() - began);
  if (!found) return { ...nothing, state: "unfinished", ms };
  return { name, promise, ...found, state: found.count === 0 ? "holds" : "violated", ms };
}

/** PostgreSQL's code for a statement that was cancelled because it took too long. */
const TOOK_TOO_LONG = "57014";

/** Undefined when the check took too long; a savepoint keeps the snapshot for the others. */
async function findInTime(tx: Tx, find: () => Promise<Found>): Promise<Found | undefined> {
  await sql`savepoint before_check`.execute(tx);
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === TOOK_TOO_LONG)) throw error;
    await sql`rollback to savepoint before_check`.execute(tx);
    return undefined;
  } finally {
    await sql`release savepoint before_check`.execute(tx);
  }
}
