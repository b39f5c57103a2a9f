/** A transaction that may be a rehearsal: all of it happens under its locks and is taken back, so that what is shown is what would be done. */
import type { Database, Tx } from "./database.ts";
import { transact } from "./transact.ts";

/** As {@link transact}; with `dryRun` nothing is stored, and what `work` found comes back all the same. */
export async function transactOrRehearse<Result>(
  db: Database,
  { dryRun }: { readonly dryRun: boolean },
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  if (!dryRun) return transact(db, work);
  const found: Result[] = [];
  try {
    await transact(db, async (tx) => {
      found.splice(0, 1, await work(tx));
      throw new Rehearsed();
    });
  } catch (error) {
    if (!(error instanceof Rehearsed)) throw error;
  }
  const [result] = found;
  if (result === undefined) throw new Error("A rehearsal ended without a result");
  return result;
}

class Rehearsed extends Error {
  constructor() {
    super("A rehearsal is taken back");
    this.name = "Rehearsed";
  }
}
