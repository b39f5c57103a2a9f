/**
 * The connection. snake_case in SQL, camelCase here, translated by one plugin; every moment comes back as an {@link Instant} and goes in as ISO 8601 through
 * {@link toTimestamp}. Every statement with parameters is a named prepared one.
 */
import { createHash } from "node:crypto";
import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { type Instant, instant } from "../domain/calendar.ts";
import type { Span } from "../domain/touchpoint.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** ISO 8601, as every timestamptz parameter goes in. */
export function toTimestamp(at: Instant): string {
  return new Date(at).toISOString();
}

/** A tstzmultirange literal. */
export function toMultirange(spans: readonly Span[]): string {
  return `{${spans.map(({ from, to }) => `[${toTimestamp(from)},${toTimestamp(to)})`).join(",")}}`;
}

/** PostgreSQL writes `2027-01-11 16:00:00.5+00` (the session's zone is always UTC here). */
function readTimestamp(text: string): Instant {
  return instant(Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`));
}

function readMultirange(text: string): Span[] {
  return Array.from(text.matchAll(/\["?([^",]+)"?,"?([^",)]+)"?\)/g), ([, from = "", to = ""]) => ({
    from: readTimestamp(from),
    to: readTimestamp(to),
  }));
}

const { builtins } = pg.types;
/** The fixed type id of tstzmultirange in PostgreSQL's catalogue, which pg does not name. */
const TSTZMULTIRANGE = 4534;
const parsers = new Map<number, (text: string) => unknown>([
  [builtins.TIMESTAMPTZ, readTimestamp],
  [builtins.INT8, Number],
  [builtins.DATE, (text) => text],
  [TSTZMULTIRANGE, readMultirange],
]);

const getBuiltinParser: (id: number, format?: "text" | "binary") => (text: string) => unknown = pg.types.getTypeParser;

const types: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: "text" | "binary") => parsers.get(id) ?? getBuiltinParser(id, format),
};

const names = new Map<string, string>();

/** One name a statement text; texts are few, because lists travel as arrays and never as a run of placeholders. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) names.set(text, (name = `ag_${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`));
  return name;
}

/** kysely sends unnamed statements, parsed and planned each time (measured: 1.2 to 1.4 times the work); a named one is prepared once a connection. */
class NamingClient extends pg.Client {
  override query(...args: never[]): never {
    const [text, values, ...rest]: readonly unknown[] = args;
    const call: (...args: unknown[]) => never = super.query.bind(this) as never;
    const isStatement = typeof text === "string" && Array.isArray(values) && values.length > 0;
    return isStatement ? call({ name: nameOf(text), text, values }, ...rest) : call(...args);
  }
}

/**
 * Statements are planned once a connection, for any parameters, and by index: a plan made while the tables were small would otherwise scan them for as long as
 * the connection lives, and a new plan for each hint costs as much as running it.
 */
const PLANNING = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off";

/** What a computer that vanished without a word leaves open on the server: its locks, the sweep's among them, go within the minute. */
const LEFT_OPEN =
  "-c idle_in_transaction_session_timeout=60000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4";

export type DatabaseOptions = { readonly url: string; readonly connections: number; readonly applicationName: string };

/** A pool over PostgreSQL; `destroy()` closes it. Nothing is connected until the first statement. */
export function openDatabase({ url, connections, applicationName }: DatabaseOptions): { db: Database; pool: pg.Pool } {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: applicationName,
    types,
    options: `${PLANNING} ${LEFT_OPEN}`,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    Client: NamingClient,
  });
  // Without a listener the end of a connection that somebody holds, and asks nothing of at that moment, would end the process; its next statement tells.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  return { db, pool };
}
