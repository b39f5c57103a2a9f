/** Whether this process can do its work now, and if not, which part keeps it from it. */
import { sql } from "kysely";
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import { readLiveness } from "../db/liveness.ts";
import { readPagerHealth } from "../db/pager-health.ts";
import { listMigrations } from "../db/migrate.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import type { Queues } from "../queues/backend.ts";
import { planSeries } from "../queues/plan-series.ts";

type Word = "ok" | "down";

/** `work` is told by a process that works itself: a web process goes on answering patients when every worker is down. */
export type Readiness = {
  readonly database: Word;
  readonly migrations: Word;
  readonly queue: Word;
  readonly work?: Word;
  readonly pager?: Word;
};

const ANSWER_WITHIN_MS = 1_000;
/** How long something may be due before somebody takes it. */
const WAITS_AT_MOST_SECONDS = 60;

type Deps = { readonly db: Database; readonly queues: Pick<Queues, "queue" | "probe">; readonly config: Pick<Config, "ROLE"> };

/**
 * Asks every part, each for at most a second. A part that still owes the answer to an earlier question is not asked again, so that probes do not pile up behind a
 * database that hangs.
 */
export function makeReadinessCheck({ db, queues, config }: Deps): () => Promise<Readiness> {
  const database = asked(() => refuseReadOnly(db));
  const migrations = asked(async () => {
    const missing = (await listMigrations(db)).filter(({ executedAt }) => executedAt === undefined);
    if (missing.length > 0) throw new Error("The database lacks migrations");
  });
  const queue = asked(() => Promise.all([queues.queue(planSeries).counts(), queues.probe()]));
  const work = asked(() => findWork(db));
  const pager = asked(() => findPager(db));
  return async () => {
    const own = config.ROLE === "http" ? undefined : work();
    // A process that also answers patients goes on doing so: that nobody is paged is for others to mend.
    const alarm = config.ROLE === "worker" ? pager() : undefined;
    const [first, second, third, fourth, fifth] = await Promise.all([database(), migrations(), queue(), own, alarm]);
    const parts = { database: first, migrations: second, queue: third };
    return { ...parts, ...(fourth ? { work: fourth } : {}), ...(fifth ? { pager: fifth } : {}) };
  };
}

/** A server that was not promoted yet answers, and takes nothing. */
async function refuseReadOnly(db: Database): Promise<void> {
  const { rows } = await sql<{ mode: string }>`select current_setting('transaction_read_only') as mode`.execute(db);
  if (rows[0]?.mode === "on") throw new Error("PostgreSQL takes no writes");
}

/** From the rows: a worker whose clock is wrong, or who cannot write its heartbeat, does not work, whatever it says of itself. */
async function findWork(db: Database): Promise<void> {
  const { working, waitingSeconds } = await readLiveness(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
  if (working === 0) throw new Error("No worker is well");
  if (waitingSeconds > WAITS_AT_MOST_SECONDS) throw new Error("Something is due and nobody takes it");
}

/** A page that nobody has taken, or that nobody has taken up. */
async function findPager(db: Database): Promise<void> {
  const { unreached } = await readPagerHealth(db);
  if (unreached > 0) throw new Error("An alert has reached nobody");
}

/** One question under way at a time; whoever asks meanwhile waits for the same answer, but no longer than a second. */
function asked(question: () => Promise<unknown>): () => Promise<Word> {
  let underWay: Promise<Word> | undefined;
  return async () => {
    underWay ??= answerOf(question).finally(() => (underWay = undefined));
    return within(ANSWER_WITHIN_MS, underWay);
  };
}

async function answerOf(question: () => Promise<unknown>): Promise<Word> {
  try {
    await question();
    return "ok";
  } catch {
    // The word is the answer; what is wrong stands in the log of the part itself.
    return "down";
  }
}

async function within(ms: number, answer: Promise<Word>): Promise<Word> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Word>((resolve) => {
    timer = setTimeout(() => resolve("down"), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
