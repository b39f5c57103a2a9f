/**
 * Runs a transaction, and runs it again as a whole when PostgreSQL asks for that (deadlock, serialization failure) or somebody else has just inserted the same
 * (unique violation): the second time it is read as stored. No provider is ever called inside one.
 */
import pg from "pg";
import type { Database, Tx } from "./database.ts";

const RETRYABLE = new Set(["40001", "40P01", "23505"]);
const TRIES = 5;

export async function transact<Result>(db: Database, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= TRIES || !(error instanceof pg.DatabaseError) || !RETRYABLE.has(error.code ?? "")) throw error;
    }
  }
}
