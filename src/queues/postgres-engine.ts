/** BullMQ on PostgreSQL, in a schema of its own beside the rows: one command runs everything with nothing else installed. */
import { createPostgresBackend, runMigrations, withBackend } from "bullmq";
import pg from "pg";
import { type Engine, EVENTS_KEPT, KEEP } from "./engine.ts";

const SCHEMA = "afterglow_queues";
const CONNECTIONS = 4;

/** Brings the queue tables to this version first; rejects when PostgreSQL does not answer. */
export async function openPostgresEngine(databaseUrl: string): Promise<Engine> {
  await onOneClient(databaseUrl, (client) => runMigrations(client, SCHEMA));
  const { Queue, Worker } = withBackend(createPostgresBackend);
  // A config object, not a pool of ours: only then does BullMQ keep its LISTEN connection apart and pin the schema.
  const connection = {
    connectionString: databaseUrl,
    schema: SCHEMA,
    max: CONNECTIONS,
    options: "-c jit=off",
    application_name: "afterglow-queues",
  };
  return {
    backend: "postgres",
    makeQueue: (name, onError) => new Queue(name, { connection, defaultJobOptions: KEEP }).on("error", onError),
    makeWorker: (name, { concurrency, handle, onError }) =>
      new Worker(name, (job) => handle(job.data), { connection, concurrency, autorun: false, ...KEEP }).on("error", onError),
    tidy: () => onOneClient(databaseUrl, trimEvents),
    close: () => Promise.resolve(),
  };
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
