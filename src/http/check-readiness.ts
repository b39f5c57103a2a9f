/** Whether this process can do its work now, and if not, which part keeps it from it. */
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import { listMigrations } from "../db/migrate.ts";
import type { Queues } from "../queues/backend.ts";
import { planSeries } from "../queues/plan-series.ts";

export const PARTS = ["database", "migrations", "queue"] as const;
export type Readiness = { readonly [Part in (typeof PARTS)[number]]: "ok" | "down" };

const ANSWER_WITHIN_MS = 1_000;

/**
 * Asks every part, each for at most a second. A part that still owes the answer to an earlier question is not asked again, so that probes do not pile up behind a
 * database that hangs.
 */
export function makeReadinessCheck({ db, queues }: { db: Database; queues: Pick<Queues, "queue"> }): () => Promise<Readiness> {
  const database = asked(() => sql`select 1`.execute(db));
  const migrations = asked(async () => {
    const missing = (await listMigrations(db)).filter(({ executedAt }) => executedAt === undefined);
    if (missing.length > 0) throw new Error("The database lacks migrations");
  });
  const queue = asked(() => queues.queue(planSeries).counts());
  return async () => {
    const [first, second, third] = await Promise.all([database(), migrations(), queue()]);
    return { database: first, migrations: second, queue: third };
  };
}

/** One question under way at a time; whoever asks meanwhile waits for the same answer, but no longer than a second. */
function asked(question: () => Promise<unknown>): () => Promise<"ok" | "down"> {
  let underWay: Promise<"ok" | "down"> | undefined;
  return async () => {
    underWay ??= answerOf(question).finally(() => (underWay = undefined));
    return within(ANSWER_WITHIN_MS, underWay);
  };
}

async function answerOf(question: () => Promise<unknown>): Promise<"ok" | "down"> {
  try {
    await question();
    return "ok";
  } catch {
    // The word is the answer; what is wrong stands in the log of the part itself.
    return "down";
  }
}

async function within(ms: number, answer: Promise<"ok" | "down">): Promise<"ok" | "down"> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"down">((resolve) => {
    timer = setTimeout(() => resolve("down"), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
