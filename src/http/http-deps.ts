/** What the web process uses of everything that exists. It has no channel: a request never sends a message to a patient. */
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Vault } from "../db/vault.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";

export type HttpDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly log: Log;
  readonly config: Config;
  readonly queues: Pick<Queues, "backend" | "queue">;
};
