/** `health`: whether anybody works, read from the rows. A process that only says of itself that it runs proves nothing. */
import { listMigrations } from "../db/migrate.ts";
import { readPagerHealth } from "../db/pager-health.ts";
import { type Liveness, readLiveness } from "../db/liveness.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { paint, print, printJson } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type HealthOptions = { readonly within: string; readonly json?: true };

/** Reads only. Every complaint is said, not only the first. */
export async function checkHealth({ within, json }: HealthOptions): Promise<ExitCode> {
  const seconds = readSeconds(within);
  const { liveness, missing, pager } = await withStore(async ({ db }) => ({
    missing: (await listMigrations(db)).filter(({ executedAt }) => executedAt === undefined).length,
    liveness: await readLiveness(db, { deadAfterSeconds: DEAD_AFTER_SECONDS }),
    pager: await readPagerHealth(db),
  }));
  const complaints = [
    ...(missing > 0 ? [`the database lacks ${missing} migrations (afterglow db migrate)`] : []),
    ...complainAbout(liveness, seconds),
    ...(pager.unreached > 0 ? [`${pager.unreached} alerts have reached nobody (afterglow alert list)`] : []),
  ];
  if (json) printJson({ status: complaints.length === 0 ? "ok" : "down", complaints, ...liveness, unreachedAlerts: pager.unreached });
  else for (const line of complaints.length === 0 ? ["ok"] : complaints.map(paint.red)) print(line);
  return complaints.length === 0 ? EXIT.done : EXIT.down;
}

function complainAbout({ waitingSeconds, unplannedSeconds, alive, working }: Liveness, seconds: number): string[] {
  return [
    ...(alive === 0 ? ["no worker has a heartbeat: nothing is planned or sent (afterglow worker)"] : []),
    ...(alive > 0 && working === 0 ? ["the clock of every worker is off by more than two seconds: none of them claims anything"] : []),
    ...(waitingSeconds > seconds ? [`something has been due for ${Math.round(waitingSeconds)} s and nobody takes it`] : []),
    ...(unplannedSeconds > seconds ? [`a plan has been waiting to be made for ${Math.round(unplannedSeconds)} s`] : []),
  ];
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new UsageError(`--within: expected whole seconds from 1 to 86400, not ${text}`);
}
