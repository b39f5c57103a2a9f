/** R4: 24 rows a statement, 16 statements at once, into a narrow table with a partial index on what is due. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { moment, serve } from "./serve.ts";

const startInput = z.object({ databaseUrl: z.string(), atOnce: z.number() });
const insertInput = z.object({ statements: z.number(), of: z.number() });

let pool: pg.Pool | undefined;
let atOnce = 1;

const INSERT = `
  insert into reference_rows (id, series_id, session_id, key, channel, state, due_at, send_by, expires_at)
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])`;

function valuesOf(of: number): unknown[][] {
  const rows = Array.from({ length: of }, (_, index) => index);
  const [series, session] = [randomUUID(), randomUUID()];
  const at = (hours: number) => rows.map((index) => new Date(Date.UTC(2030, 0, 1 + index, hours)).toISOString());
  return [
    rows.map(() => randomUUID()),
    rows.map(() => series),
    rows.map(() => session),
    rows.map((index) => `day-before/${index}/p/email`),
    rows.map(() => "email"),
    rows.map(() => "planned"),
    at(9),
    at(12),
    at(15),
  ];
}

serve({
  start: async (input) => {
    const { databaseUrl, atOnce: most } = startInput.parse(input);
    atOnce = most;
    pool = new pg.Pool({ connectionString: databaseUrl, max: atOnce });
    await pool.query(`
      create table if not exists reference_rows (
        id uuid primary key, series_id uuid not null, session_id uuid, key text not null, channel text not null, state text not null,
        due_at timestamptz not null, send_by timestamptz not null, expires_at timestamptz not null)`);
    await pool.query("create index if not exists reference_rows_due on reference_rows (due_at) where state = 'planned'");
    return {};
  },
  insert: async (input) => {
    const { statements, of } = insertInput.parse(input);
    const into = pool;
    if (!into) throw new Error("Not started");
    let left = statements;
    const startedAt = moment();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0) await into.query({ name: "insert", text: INSERT, values: valuesOf(of) });
      }),
    );
    const ms = moment() - startedAt;
    await into.query("truncate reference_rows");
    return { ms };
  },
});
