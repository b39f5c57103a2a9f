/** `worker`: one worker process in the foreground. Logs go to stderr, one line on stdout says that it works. */
import { readConfig } from "../config.ts";
import { openDeps } from "../deps.ts";
import { makeLog } from "../log.ts";
import { startWorkers } from "../workers/start-workers.ts";
import type { ExitCode } from "./exit-codes.ts";
import { reach } from "./reach.ts";
import { type Running, runUntilStopped } from "./run-until-stopped.ts";
import { print } from "./terminal.ts";

/** Refuses to start half-configured or without what it depends on. */
export async function runWorker(): Promise<ExitCode> {
  const config = readConfig();
  return runUntilStopped(async (): Promise<Running> => {
    const log = makeLog({ level: config.LOG_LEVEL, destination: process.stderr });
    const deps = await reach(config, () => openDeps(config, log));
    const workers = await startWorkers(deps);
    print(`Worker ${workers.id} started; queues on ${deps.queues.backend}. Stop it with Ctrl-C or SIGTERM.`);
    return {
      failed: workers.failed,
      stop: async () => {
        await workers.stop();
        await deps.close();
      },
    };
  });
}
