/** Starts what ROLE says: `worker`, `http`, or both with `all`. Nothing else. */
import { reach } from "./cli/reach.ts";
import { reportFailure } from "./cli/report-failure.ts";
import { keepTrying, type Running, runUntilStopped } from "./cli/run-until-stopped.ts";
import { flush } from "./cli/terminal.ts";
import { readConfig } from "./config.ts";
import { type Deps, openDeps } from "./deps.ts";

type Part = (deps: Deps) => Promise<Running>;

const worker: Part = async (deps) => {
  const { startWorkers } = await import("./workers/start-workers.ts");
  return startWorkers(deps);
};

const http: Part = async (deps) => {
  const { startHttp } = await import("./http/start-http.ts");
  const { close } = await startHttp(deps);
  return { stop: close };
};

const PARTS: { readonly [role: string]: readonly Part[] } = { worker: [worker], http: [http], all: [worker, http] };

/** A second apart, and together within the time that a start may take. */
const OPENING_TRIES = 15;

async function run() {
  const config = readConfig();
  return runUntilStopped(async () => {
    const deps = await keepTrying(() => reach(config, () => openDeps(config)), { tries: OPENING_TRIES });
    const started: Running[] = [];
    const stop = async () => {
      // Together: a request that takes its time must not let a worker go on claiming.
      await Promise.all(started.map((part) => part.stop()));
      await deps.close();
    };
    try {
      for (const part of PARTS[config.ROLE] ?? []) started.push(await part(deps));
    } catch (error) {
      // A worker beside a web process that cannot listen has perhaps claimed something already.
      await stop();
      throw error;
    }
    return { failed: Promise.race(started.flatMap(({ failed }) => failed ?? [])), stop };
  });
}

const code = await run().catch(reportFailure);
await flush();
// What a dependency left open must not keep a process alive that has ended its work.
process.exit(code);
