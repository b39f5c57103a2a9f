/** A web server over a database of its own, in which the example clinic has enqueued and planned its series: what the pages and webhooks meet in real life. */
import { readFileSync } from "node:fs";
import type pg from "pg";
import { afterAll } from "vitest";
import { type Config, makeKeys, readConfig } from "../../../src/config.ts";
import { insertApproval } from "../../../src/db/approvals.ts";
import { setSteppedClock } from "../../../src/db/clinic-clock.ts";
import { saveClinic } from "../../../src/db/clinics.ts";
import type { Database } from "../../../src/db/database.ts";
import { type LinkTokens, makeLinkTokens } from "../../../src/db/link-tokens.ts";
import { transact } from "../../../src/db/transact.ts";
import { makeVault, type Vault } from "../../../src/db/vault.ts";
import type { PatientId, SeriesId, SessionId } from "../../../src/domain/ids.ts";
import { parseClinic } from "../../../src/domain/parse-clinic.ts";
import { parseSeries } from "../../../src/domain/parse-series.ts";
import { parsePlainText } from "../../../src/domain/parse-series-text.ts";
import { type ProtocolFile, protocolSchema } from "../../../src/domain/protocol.ts";
import type { Rate } from "../../../src/http/page-rate.ts";
import type { StaffApiOptions } from "../../../src/http/routes/staff-api.ts";
import { startHttp } from "../../../src/http/start-http.ts";
import { type Log, makeLog } from "../../../src/log.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { planPatients } from "../../../src/producers/plan-patient.ts";
import type { PageStaff, TestRoster } from "../../../src/domain/alert.ts";
import type { AlertId } from "../../../src/domain/ids.ts";
import { connectQueues, type Queues } from "../../../src/queues/backend.ts";
import { NOW, valueOf } from "../../domain/aspen-ridge.ts";
import { cloneDatabase } from "../../support/database.ts";

export const ACCOUNT_SID = `AC${"5".repeat(32)}`;
export const AUTH_TOKENS = ["n".repeat(32), "o".repeat(32)];
export const PUBLIC_BASE_URL = "https://visits.aspen-ridge.example.org";

export type Web = {
  readonly db: Database;
  readonly pool: pg.Pool;
  readonly config: Config;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
  readonly queues: Queues;
  readonly log: Log;
  readonly pageStaff: PageStaff;
  readonly testRoster: TestRoster;
  /** Alerts for which the web process paged by itself. */
  readonly paged: AlertId[];
  /** The lines of the log so far. */
  readonly logged: string[];
  readonly url: string;
};

/** The server answers on a free port and stops after the file; `changes` replace variables of the configuration. */
export async function startWeb({
  changes = {},
  pageRate,
  api,
}: {
  changes?: Record<string, string>;
  pageRate?: Rate;
  api?: StaffApiOptions;
} = {}): Promise<Web> {
  const { db, pool, url: databaseUrl } = await cloneDatabase();
  const config = { ...readConfig({ ...environment(databaseUrl), ...changes }), PORT: 0 };
  const logged: string[] = [];
  const log = makeLog({ level: "info", destination: { write: (line) => void logged.push(line) } });
  const vault = makeVault({ ring: config.AFTERGLOW_KEYS, indexKey: config.AFTERGLOW_INDEX_KEY });
  const queues = await connectQueues({ redisUrl: undefined, databaseUrl, log });
  const paged: AlertId[] = [];
  const pageStaff: PageStaff = async (id) => void paged.push(id);
  const testRoster: TestRoster = async (_clinic, { person }) =>
    person === "Nobody" ? [] : [{ name: person ?? "Sam Ortiz", channel: "sms", outcome: "sent", code: null }];
  const deps = { db, pool, config, vault, pageStaff, testRoster, tokens: makeLinkTokens(config.AFTERGLOW_LINK_KEYS), queues, log };
  const server = await startHttp(deps, { ...(pageRate && { pageRate }), ...(api && { api }) });
  afterAll(async () => {
    await server.close();
    await queues.close();
  });
  return { ...deps, logged, paged, url: server.url };
}

function environment(databaseUrl: string): Record<string, string> {
  return {
    ...makeKeys(),
    AFTERGLOW_ENV: "test",
    ROLE: "http",
    DATABASE_URL: databaseUrl,
    SMTP_URL: "smtp://127.0.0.1:2525",
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: AUTH_TOKENS.join(","),
    PUBLIC_BASE_URL,
  };
}

const read = (path: string): unknown => valueOf(parsePlainText(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"), "yaml"));

function isProtocolFile(content: unknown): content is ProtocolFile {
  return protocolSchema.safeParse(content).success;
}

/** Adds the example clinic as it stands on the day of the demo, with these protocols approved. */
export async function openClinic({ db }: Web, protocols: readonly string[]): Promise<void> {
  await setSteppedClock(db, NOW);
  const { id } = await transact(db, (tx) => saveClinic(tx, settings()));
  for (const protocol of protocols) {
    const file = read(`protocols/${protocol}.yaml`);
    if (!isProtocolFile(file)) throw new Error(`${protocol} is no protocol`);
    await transact(db, (tx) => insertApproval(tx, { clinicId: id, file, templates: {}, hash: protocol, by: "Dr. Lee, clinician" }));
  }
}

function settings() {
  return valueOf(parseClinic(read("examples/clinic.yaml")));
}

export type Enqueued = { readonly seriesId: SeriesId; readonly patientId: PatientId };

/** Enqueues an example and plans it; `changes` replace keys of the file. */
export async function enqueueExample(web: Web, name: string, changes: Record<string, unknown> = {}): Promise<Enqueued> {
  const input = read(`examples/${name}.yaml`);
  const request = valueOf(parseSeries({ ...(typeof input === "object" ? input : {}), ...changes }, { clinic: settings(), now: NOW }));
  const [result] = await enqueueSeries(web, [request], { clinic: "aspen-ridge", actor: "test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(`Refused: ${JSON.stringify(result)}`);
  const { seriesId, patientId } = result;
  await transact(web.db, (tx) => planPatients(tx, [patientId], web.tokens));
  return { seriesId, patientId };
}

/** The sessions of a series, by number. */
export async function sessionsOf({ db }: Web, { seriesId }: Enqueued): Promise<SessionId[]> {
  const rows = await db.selectFrom("sessions").select("id").where("seriesId", "=", seriesId).orderBy("number").execute();
  return rows.map(({ id }) => id);
}

/** The path of a personal page, as the message says it. */
export async function pathOf({ db, tokens }: Web, subjectId: string, recipient: "patient" | "escort" = "patient"): Promise<string> {
  const link = await db
    .selectFrom("links")
    .select(["id", "generation", "keyId"])
    .where("subjectId", "=", subjectId)
    .where("recipient", "=", recipient)
    .where("kind", "<>", "share")
    .executeTakeFirstOrThrow();
  return `/v/${tokens.tokenOf(link)}`;
}
