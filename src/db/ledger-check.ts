/** One check of the ledger: a promise, and the statement that finds the rows which break it. */
import { type RawBuilder, sql } from "kysely";
import type { Tx } from "./database.ts";

/** A row that breaks a promise: its id as people see it, and in what way. Opaque ids and neutral words. */
export type Offence = { readonly id: string; readonly why: string };

/** `count` is of all of them; no more than {@link MOST_SHOWN} are brought. */
export type Found = { readonly count: number; readonly offences: readonly Offence[] };

export type LedgerScope = {
  /** A condition on a clinic's column, such as `t.clinic_id`; true for every row when no clinic was asked for. */
  readonly inClinic: (column: string) => RawBuilder<unknown>;
  /** The same for a column of patients. */
  readonly inClinicOfPatient: (column: string) => RawBuilder<unknown>;
};

export type LedgerCheck = {
  /** A slug. */
  readonly name: string;
  /** What holds in a sound installation, as a sentence. */
  readonly promise: string;
  /** True when clinic time is compared with machine time, which means something only while the two are equal. */
  readonly needsRealTime?: true;
  readonly find: (tx: Tx, scope: LedgerScope) => Promise<Found>;
};

export const MOST_SHOWN = 20;

export type SqlCheck = Pick<LedgerCheck, "name" | "promise" | "needsRealTime"> & {
  /** Selects `id` and `why` of each row that breaks the promise. */
  readonly offenders: (scope: LedgerScope) => RawBuilder<unknown>;
};

/** A check that is one statement. */
export function toCheck({ offenders, ...check }: SqlCheck): LedgerCheck {
  return {
    ...check,
    find: async (tx, scope) => {
      const { rows } = await sql<Offence & { total: number }>`
        select id, why, count(*) over () as total from (${offenders(scope)}) offenders (id, why) limit ${sql.lit(MOST_SHOWN)}`.execute(tx);
      return { count: rows[0]?.total ?? 0, offences: rows.map(({ id, why }) => ({ id, why })) };
    },
  };
}

/** Clinic time of the snapshot. */
export const CLINIC_NOW = sql`(select afterglow_now())`;
/** Machine time of the snapshot. */
export const MACHINE_NOW = sql`(select statement_timestamp())`;
/** What is committed while a claim is under way: a fact's time is that of its statement, and others see it a moment later. */
export const COMMIT = sql`interval '5 seconds'`;
/** How far clocks may differ; workers stop claiming beyond it. */
export const SKEW = sql`interval '2 seconds'`;
/** A message may wait so long between its claim and the call: docs/decisions/0012. */
export const CLAIM_TO_CALL = sql`interval '20 seconds'`;
