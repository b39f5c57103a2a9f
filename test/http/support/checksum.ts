/** One hash a table over all of its rows, so that a test can say that nothing changed anywhere. */
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../../../src/db/database.ts";

export async function checksum(db: Database): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`.execute(
    db,
  );
  const hashOf = (name: string): RawBuilder<{ hash: string }> =>
    sql`select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from ${sql.raw(name)} t`;
  const sums = rows.map(async ({ name }): Promise<[string, string]> => [name, (await hashOf(name).execute(db)).rows[0]?.hash ?? ""]);
  return Object.fromEntries(await Promise.all(sums));
}
