/** A race that comes out the same each time: claims wait for a lock on the table of attempts, which somebody else holds until the fact is committed. */
import { sql } from "kysely";
import pg from "pg";
import type { World } from "../../support/world.ts";

/** Runs `fact` to its commit while the first claim of `work` waits, and lets it go on. Where nothing is claimed, the fact comes after the work. */
export async function whileClaimsWait<Result>(
  { deps: { db }, variables }: World,
  { work, fact }: { work: () => Promise<Result>; fact: () => Promise<unknown> },
): Promise<Result> {
  const client = new pg.Client({ connectionString: variables["DATABASE_URL"] });
  await client.connect();
  try {
    await client.query("begin");
    // Attempts may be read, and not written.
    await client.query("lock table deliveries in share mode");
    let isDone = false;
    const working = work().finally(() => (isDone = true));
    while (!isDone) {
      const { rows } = await sql`select from pg_locks where relation = 'deliveries'::regclass and not granted`.execute(db);
      if (rows.length > 0) break;
    }
    await fact();
    await client.query("commit");
    return await working;
  } finally {
    await client.end();
  }
}
