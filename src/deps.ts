/** The composition root: from configuration to everything that exists once. The only place that builds connections; one `close()` ends them, in reverse. */
import { calmLog } from "./calm-log.ts";
import type { Channel, EmailContent } from "./channels/channel.ts";
import type { EmailChannelOptions } from "./channels/email.ts";
import type { SmsChannel, SmsChannelOptions } from "./channels/sms.ts";
import type { WebhookChannel } from "./channels/webhook.ts";
import { machineNow } from "./clock.ts";
import type { Config, DatabaseConfig } from "./config.ts";
import { refuseOtherKeys } from "./db/check-keys.ts";
import { findEnvironment } from "./db/clinic-clock.ts";
import { type Database, openDatabase } from "./db/database.ts";
import { type LinkTokens, makeLinkTokens } from "./db/link-tokens.ts";
import { type Listener, openListener } from "./db/listen.ts";
import { makeVault, type Vault } from "./db/vault.ts";
import { watchConnection } from "./db/watch-connection.ts";
import type { PageDesk, PageStaff, TestRoster } from "./domain/alert.ts";
import { type Log, makeLog } from "./log.ts";
import type { Queues } from "./queues/backend.ts";

export type StoreDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
  readonly log: Log;
  close(): Promise<void>;
};

export type CoreDeps = StoreDeps & { readonly queues: Queues };

export type Deps = CoreDeps & {
  readonly config: Config;
  readonly publicBaseUrl: string;
  readonly email: Channel<EmailContent>;
  readonly sms: SmsChannel;
  /** Pages staff from this process, on connections that nothing else uses; `close` waits for pages under way. */
  readonly pageStaff: PageStaff;
  readonly pageDesk: PageDesk;
  /** Pages a whole roster with a test, on the same connections. */
  readonly testRoster: TestRoster;
  /** Tells other systems what happened. */
  readonly webhooks: WebhookChannel;
  readonly listen: (channel: string, hear: () => void) => Promise<Listener>;
};

/** How long PostgreSQL may owe a lasting process an answer. Far above what any of its statements takes, and below the minute in which a dead line must be seen. */
const SILENT_AT_MOST_MS = 40_000;

type Lasting = { readonly silentMs?: number };

/**
 * Database and keys: what a command needs that only reads. Connects before it resolves, so that what is down is said at once, and throws {@link OtherKeys} where
 * the keys are not the database's. `silentMs` bounds how long an
 * answer is waited for; a migration has no such bound.
 */
export async function openStore(
  config: DatabaseConfig,
  log: Log = makeLog({ level: "warn" }),
  { silentMs }: Lasting = {},
): Promise<StoreDeps> {
  const { db, pool } = openDatabase({ url: config.DATABASE_URL, connections: config.DATABASE_CONNECTIONS, applicationName: "afterglow" });
  pool.on("error", (error) => log.error("database.connection-lost", { error }));
  if (silentMs !== undefined) pool.on("connect", (client) => watchConnection(client, { silentMs }));
  try {
    const vault = makeVault({ ring: config.AFTERGLOW_KEYS, indexKey: config.AFTERGLOW_INDEX_KEY });
    await refuseOtherKeys(db, vault);
    return { db, vault, tokens: makeLinkTokens(config.AFTERGLOW_LINK_KEYS), log, close: () => db.destroy() };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Database, queues and keys: what a command needs that states a fact. */
export async function openCore(config: DatabaseConfig, log: Log = makeLog({ level: "warn" }), lasting: Lasting = {}): Promise<CoreDeps> {
  const store = await openStore(config, log, lasting);
  try {
    // BullMQ takes a tenth of a second to load, which commands without queues save.
    const { connectQueues } = await import("./queues/backend.ts");
    const queues = await connectQueues({ redisUrl: config.REDIS_URL, databaseUrl: config.DATABASE_URL, log });
    const close = async () => {
      await queues.close();
      await store.close();
    };
    return { ...store, queues, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Everything a worker or a web process needs. */
export async function openDeps(config: Config, given: Log = makeLog({ level: config.LOG_LEVEL })): Promise<Deps> {
  const log = calmLog(given);
  const email = await openEmail(config, log, { connections: config.SMTP_CONNECTIONS });
  const sms = await openSms(config, { connections: config.TWILIO_CONNECTIONS });
  const core = await openCore(config, log, { silentMs: SILENT_AT_MOST_MS });
  const pager = await openPager(config, core);
  const { createWebhookChannel } = await import("./channels/webhook.ts");
  const webhooks = createWebhookChannel({ hosts: config.AFTERGLOW_WEBHOOK_HOSTS, isProduction: config.AFTERGLOW_ENV === "production" });
  const close = async () => {
    await pager.close();
    await Promise.all([email.close(), sms.close(), webhooks.close()]);
    await core.close();
  };
  try {
    await refuseOtherEnvironment(core.db, config.AFTERGLOW_ENV);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...core,
    config,
    publicBaseUrl: config.PUBLIC_BASE_URL,
    email,
    sms,
    pageStaff: pager.pageStaff,
    pageDesk: pager.pageDesk,
    testRoster: pager.testRoster,
    webhooks,
    listen: (channel, hear) => openListener({ url: config.DATABASE_URL, channel, hear, log }),
    close,
  };
}

async function openEmail(
  config: Config,
  log: Log,
  line: Pick<EmailChannelOptions, "connections" | "timeouts">,
): Promise<Channel<EmailContent>> {
  const { createEmailChannel } = await import("./channels/email.ts");
  return createEmailChannel({
    ...line,
    url: config.SMTP_URL,
    now: machineNow,
    messageIdDomain: new URL(config.PUBLIC_BASE_URL).hostname,
    onFailureLog: ({ deliveryId, phase, outcome }) =>
      log.warn("email.failed", { deliveryId, kind: phase, code: "code" in outcome ? outcome.code : outcome.kind }),
  });
}

async function openSms(config: Config, line: Pick<SmsChannelOptions, "connections" | "timeouts">): Promise<SmsChannel> {
  const { createSmsChannel } = await import("./channels/sms.ts");
  return createSmsChannel({
    ...line,
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN.split(",")[0] ?? "",
    apiBaseUrl: config.TWILIO_API_BASE_URL,
    statusCallbackUrl: (deliveryId) => `${config.PUBLIC_BASE_URL}/webhooks/twilio/status/${deliveryId}`,
  });
}

/** Enough for pages that come together; opened at the first, and kept for nobody else: thousands of reminders that are due at once must not stand in front of one page. */
const PAGER_CONNECTIONS = 4;
const PAGE_WITHIN_MS = 8_000;

type Pager = Pick<Deps, "pageStaff" | "pageDesk" | "testRoster" | "close">;

/** The pager: connections to the database and to both providers of its own. */
async function openPager(config: Config, { vault, log }: CoreDeps): Promise<Pager> {
  const { pageStaffOf, trackPages } = await import("./workers/page-staff.ts");
  const { pageDeskOf } = await import("./workers/page-desk.ts");
  const { testRosterOf } = await import("./workers/test-roster.ts");
  const { db, pool } = openDatabase({ url: config.DATABASE_URL, connections: PAGER_CONNECTIONS, applicationName: "afterglow-pages" });
  pool.on("error", (error) => log.error("database.connection-lost", { error }));
  const own = { connections: PAGER_CONNECTIONS };
  const email = await openEmail(config, log, { ...own, timeouts: { dialogueMs: PAGE_WITHIN_MS } });
  const sms = await openSms(config, { ...own, timeouts: { requestMs: PAGE_WITHIN_MS } });
  const paging = { db, vault, log, email, sms, publicBaseUrl: config.PUBLIC_BASE_URL };
  const alerts = trackPages(pageStaffOf(paging));
  const desk = trackPages(pageDeskOf(paging));
  const close = async () => {
    await Promise.all([alerts.settle(), desk.settle()]);
    await Promise.all([email.close(), sms.close(), db.destroy()]);
  };
  return { pageStaff: alerts.page, pageDesk: desk.page, testRoster: testRosterOf(paging), close };
}

/** A copy of the production database beside a demo, or the other way round, must not send a single message. */
async function refuseOtherEnvironment(db: Database, environment: Config["AFTERGLOW_ENV"]): Promise<void> {
  const known = await findEnvironment(db);
  if (known !== environment) throw new OtherEnvironment(known, environment);
}

export class OtherEnvironment extends Error {
  constructor(known: string, asked: string) {
    super(`The database belongs to the environment ${known}, and AFTERGLOW_ENV says ${asked}: nothing is started`);
    this.name = "OtherEnvironment";
  }
}
