/** A worker process that a test may kill. Says "ready" once it works, and stops in good order on SIGTERM. */
import { readConfig } from "../../../src/config.ts";
import { openDeps } from "../../../src/deps.ts";
import { startWorkers } from "../../../src/workers/start-workers.ts";

const deps = await openDeps(readConfig());
const workers = await startWorkers(deps);
const stop = async (): Promise<void> => {
  await workers.stop();
  await deps.close();
  process.stdout.write("stopped\n");
};
process.on("SIGTERM", () => void stop());
process.stdout.write(`ready ${workers.id}\n`);
