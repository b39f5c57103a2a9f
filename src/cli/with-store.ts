/** Opens what a command works on, and closes it whatever happens. Silent: whatever matters to a command is thrown at it. */
import { readDatabaseConfig } from "../config.ts";
import { type CoreDeps, openCore, openStore, type StoreDeps } from "../deps.ts";
import { makeLog } from "../log.ts";
import { reach } from "./reach.ts";

const silent = () => makeLog({ level: "silent" });

/** Database and keys. */
export async function withStore<Result>(work: (store: StoreDeps) => Promise<Result>): Promise<Result> {
  const config = readDatabaseConfig();
  return closing(await reach(config, () => openStore(config, silent())), work);
}

/** Database, queues and keys. */
export async function withCore<Result>(work: (core: CoreDeps) => Promise<Result>): Promise<Result> {
  const config = readDatabaseConfig();
  return closing(await reach(config, () => openCore(config, silent())), work);
}

async function closing<Opened extends { close(): Promise<void> }, Result>(
  opened: Opened,
  work: (opened: Opened) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}
