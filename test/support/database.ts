/** A database of one's own: cloned from a template, dropped after the file. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, inject } from "vitest";
import { type Database, openDatabase } from "../../src/db/database.ts";

export type TestDatabase = { readonly url: string; readonly db: Database; readonly pool: pg.Pool };

/** A clone of the migrated template, unless another one is named. */
export async function cloneDatabase(template = "afterglow_template"): Promise<TestDatabase> {
  const server = inject("databaseUrl");
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  // Copied as files: through the write-ahead log, as PostgreSQL does by default, a small template costs three times as much.
  await onServer(server, `create database ${name} template ${template} strategy file_copy`);
  const url = server.replace(/\/[^/]*$/, `/${name}`);
  const { db, pool } = openDatabase({ url, connections: 8, applicationName: "test" });
  pool.on("error", () => undefined);
  afterAll(async () => {
    await db.destroy();
    if (!pool.ended) await pool.end();
    await onServer(server, `drop database ${name} with (force)`);
  });
  return { url, db, pool };
}

/** Two clones at one moment wait for each other inside PostgreSQL; a clone is refused only while somebody is connected to the template. */
async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
