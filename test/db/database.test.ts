import { sql } from "kysely";
import { expect, test } from "vitest";
import { instant } from "../../src/domain/calendar.ts";
import { toMultirange, toTimestamp } from "../../src/db/database.ts";
import { span } from "../../src/domain/spans.ts";
import { cloneDatabase } from "../support/database.ts";

const { db, pool } = await cloneDatabase();
const MOMENT = instant(Date.UTC(2027, 0, 11, 16, 0, 0, 500));

test("moments and spans come back as they went in, in a process of whatever zone", async () => {
  const spans = [span(MOMENT, MOMENT + 1), span(MOMENT + 60_000, MOMENT + 120_000)];
  const { rows } =
    await sql`select ${toTimestamp(MOMENT)}::timestamptz as at, ${toMultirange(spans)}::tstzmultirange as spans, 7::bigint as count`.execute(
      db,
    );
  expect(rows).toEqual([{ at: MOMENT, spans, count: 7 }]);
});

test("a statement with parameters is prepared once under a name of its own, through kysely and through the pool", async () => {
  const { rows } = await pool.query("select $1::int + 1 as sum", [41]);
  expect(rows).toEqual([{ sum: 42 }]);
  const client = await pool.connect();
  try {
    await client.query("select $1::int + 2", [1]);
    await client.query("select $1::int + 2", [2]);
    const { rows: prepared } = await client.query("select name from pg_prepared_statements where statement = 'select $1::int + 2'");
    expect(prepared).toEqual([{ name: expect.stringMatching(/^ag_/) }]);
  } finally {
    client.release();
  }
});
