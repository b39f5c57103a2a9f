/** What the web process uses of everything that exists. It has no channel: a request never sends a message to a patient. It may page staff. */
import type { Config } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import type { Vault } from "../db/vault.ts";
import type { PageStaff, TestRoster } from "../domain/alert.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";

export type HttpDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
  readonly log: Log;
  readonly config: Config;
  readonly pageStaff: PageStaff;
  readonly testRoster: TestRoster;
  readonly queues: Pick<Queues, "backend" | "queue" | "controls" | "probe">;
};
