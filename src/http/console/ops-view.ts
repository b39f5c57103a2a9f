/** What the page Queues shows, read from the rows and the queues. A source that does not answer is left out and said to be silent. */
import { findSafeMode, type SafeMode } from "../../db/safe-mode.ts";
import { findLastRun, type LedgerRun } from "../../db/ledger-runs.ts";
import { type PagerHealth, readPagerHealth } from "../../db/pager-health.ts";
import { listSwitches, type Switch } from "../../db/switches.ts";
import { countUnsent, type OpsView, readOps, type Unsent } from "../../db/view-ops.ts";
import { listWorkers } from "../../db/workers.ts";
import { machineNow } from "../../clock.ts";
import type { ClinicId } from "../../domain/ids.ts";
import { type QueueStanding, readQueues } from "../../producers/steer-queue.ts";
import { DEAD_AFTER_SECONDS } from "../../producers/sweep-due.ts";
import type { HttpDeps } from "../http-deps.ts";
import { keepAnswer } from "../keep-answer.ts";

export type OpsPage = {
  /** Machine time. */
  readonly readAt: number;
  readonly safeMode: SafeMode | undefined;
  /** Those that concern this clinic: of everything, and of its own. */
  readonly switches: readonly Switch[];
  /** Switches that are off for other clinics alone. */
  readonly elsewhere: number;
  readonly workers: readonly Awaited<ReturnType<typeof listWorkers>>[number][];
  /** Undefined: the database did not find them in time. */
  readonly numbers: OpsView | undefined;
  readonly unsent: readonly Unsent[] | undefined;
  readonly pager: PagerHealth;
  readonly ledger: LedgerRun | undefined;
  readonly backend: string;
  /** Undefined: the queues do not answer. */
  readonly queues: readonly QueueStanding[] | undefined;
};

/** Several who watch at once cost the database one reading. */
const NUMBERS_KEPT_MS = 5_000;
const UNSENT_KEPT_MS = 60_000;
const QUEUES_WITHIN_MS = 1_500;

type Deps = Pick<HttpDeps, "db" | "queues" | "log">;

export function makeOpsReader({ db, queues, log }: Deps): (clinicId: ClinicId) => Promise<OpsPage> {
  const numbers = keepAnswer(() => readOps(db, machineNow()), { forMs: NUMBERS_KEPT_MS });
  const unsent = keepAnswer(() => countUnsent(db), { forMs: UNSENT_KEPT_MS });
  const standings = keepAnswer(() => within(QUEUES_WITHIN_MS, readQueues(queues)), { forMs: 1_000 });
  /** What does not answer in time is left out of the page, which says so; the rest of it stands. */
  const orSilent = async <Answer>(kind: string, answer: Promise<Answer>): Promise<Answer | undefined> => {
    const [result] = await Promise.allSettled([answer]);
    if (result.status === "fulfilled") return result.value;
    log.warn("metrics.source-down", { kind, word: result.reason instanceof Error ? result.reason.name : "unknown" });
    return undefined;
  };
  return async (clinicId) => {
    const own = ({ clinicId: of }: Switch) => of === null || of === clinicId;
    const switches = await listSwitches(db);
    return {
      readAt: machineNow(),
      safeMode: await findSafeMode(db),
      switches: switches.filter(own),
      elsewhere: switches.filter((each) => !own(each)).length,
      workers: await listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS }),
      numbers: await orSilent("database", numbers()),
      unsent: await orSilent("database", unsent()),
      pager: await readPagerHealth(db),
      ledger: await findLastRun(db),
      backend: queues.backend,
      queues: await orSilent("queues", standings()),
    };
  };
}

async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The queues do not answer")), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
