/** BullMQ on PostgreSQL, in a schema of its own beside the rows: one command runs everything with nothing else installed. */
import { createPostgresBackend, runMigrations, withBackend } from "bullmq";
import pg from "pg";
import { type Engine, type EngineQueue, engineQueue, EVENTS_KEPT, FETCH_AGAIN_AFTER_MS, KEEP, type WholeQueue } from "./engine.ts";

const SCHEMA = "afterglow_queues";
const CONNECTIONS = 4;
const CONNECT_WITHIN_MS = 5_000;
/** None of its statements takes long; one without an answer stands on a connection whose other end has vanished. */
const ANSWER_WITHIN_MS = 30_000;
/** What a computer that vanished leaves open on the server ends within the minute. */
const LEFT_OPEN =
  "-c idle_in_transaction_session_timeout=60000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4";

/** Brings the queue tables to this version first; rejects when PostgreSQL does not answer. */
export async function openPostgresEngine(databaseUrl: string): Promise<Engine> {
  await onOneClient(databaseUrl, (client) => runMigrations(client, SCHEMA));
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // A config object, not a pool of ours: only then does BullMQ keep its LISTEN connection apart and pin the schema.
  const connection = {
    connectionString: databaseUrl,
    schema: SCHEMA,
    max: CONNECTIONS,
    options: `-c jit=off ${LEFT_OPEN}`,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    keepAlive: true,
    application_name: "afterglow-queues",
  };
  return {
    backend: "postgres",
    makeQueue: (name, onError) => renewable(() => new Queue(name, { connection, defaultJobOptions: KEEP }).on("error", onError)),
    makeWorker: (name, { concurrency, handle, onError }) =>
      new Worker(name, (job) => handle(job.data), {
        connection,
        concurrency,
        autorun: false,
        runRetryDelay: FETCH_AGAIN_AFTER_MS,
        ...KEEP,
      }).on("error", onError),
    // Readiness asks the same database itself.
    probe: () => Promise.resolve(),
    tidy: () => onOneClient(databaseUrl, trimEvents),
    close: () => Promise.resolve(),
  };
}

/** BullMQ 6.7 remembers for ever that the first connection of a queue failed, and then takes no job any more: such a queue is thrown away, and the next use makes another. */
function renewable(make: () => WholeQueue): EngineQueue {
  let present: Promise<WholeQueue> | undefined;
  const connect = async (): Promise<WholeQueue> => {
    const queue = make();
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      present = undefined;
      // Not waited for: closing what never connected may itself wait for a server that is away. Why it failed is told by the error thrown here.
      void queue.close().catch(() => undefined);
      throw error;
    }
  };
  const close = async () => {
    const queue = await present?.catch(() => undefined);
    await queue?.close();
  };
  return engineQueue(() => (present ??= connect()), close);
}

/** BullMQ 6.7 writes an event a job into this table and trims it never (trimming is not implemented on this backend). */
async function trimEvents(client: pg.Client): Promise<void> {
  const table = `${pg.escapeIdentifier(SCHEMA)}.event`;
  await client.query(
    `delete from ${table} e using (select queue, max(id) - $1 as oldest from ${table} group by queue) k where e.queue = k.queue and e.id <= k.oldest`,
    [EVENTS_KEPT],
  );
}

async function onOneClient(connectionString: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
