/** Many rows in one statement: an array a column, unnested. The text of the statement does not depend on how many rows there are, so it is prepared once. */
import { type RawBuilder, sql } from "kysely";
import type { Tx } from "./database.ts";

/** A column's PostgreSQL type and where its value comes from. */
export type Columns<Row> = { readonly [column: string]: readonly [type: string, value: (row: Row) => unknown] };

/** A column of instants: travels as milliseconds since 1970, which are written and read in a third of the time of ISO 8601. */
export const INSTANT = "instant";

/** `unnest(…)` over the rows, a column each, to select from or join with. */
export function unnest<Row>(rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  return sql`unnest(${toArrays(rows, columns)})`;
}

/**
 * As {@link unnest}, for a join with as many rows named by `id = any(…)`: PostgreSQL takes an array for ten elements whatever it holds, and compares each with
 * each. This one it takes for a thousand, and hashes.
 */
export function unnestMany<Row>(rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  return sql`rows from (unnest(${toArrays(rows, columns)}), generate_series(1, ${rows.length}::integer))`;
}

function toArrays<Row>(rows: readonly Row[], columns: Columns<Row>): RawBuilder<unknown> {
  const arrays = Object.values(columns).map(([type, value]) => {
    const element = type === INSTANT ? "bigint" : type;
    return sql`${toArray(element, rows, value)}::${sql.raw(element)}[]`;
  });
  return sql.join(arrays);
}

/** Types whose text never holds a character that an array literal would have to escape. */
const PLAIN = new Set(["uuid", "smallint", "integer", "bigint", "double precision", "boolean", "date", "timestamptz"]);

/** The array as PostgreSQL writes it: pg would ask of every element what it is and escape it, which takes three times as long. */
function toArray<Row>(type: string, rows: readonly Row[], value: (row: Row) => unknown): string {
  const isPlain = PLAIN.has(type);
  return `{${rows.map((row) => toElement(value(row), isPlain)).join(",")}}`;
}

function toElement(value: unknown, isPlain: boolean): string {
  if (typeof value === "string") return isPlain ? value : quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "NULL";
  if (Buffer.isBuffer(value)) return `"\\\\x${value.toString("hex")}"`;
  throw new TypeError(`A column cannot hold a ${typeof value}`);
}

function quote(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : `"${text}"`;
}

/** Inserts the rows; an empty list touches nothing. `onConflict` is a clause of our own, such as `on conflict do nothing`. */
export async function insertRows<Row>(
  tx: Tx,
  table: string,
  { rows, columns, onConflict = "" }: { rows: readonly Row[]; columns: Columns<Row>; onConflict?: string },
): Promise<void> {
  if (rows.length === 0) return;
  const names = sql.join(Object.keys(columns).map((column) => sql.ref(column)));
  const values = sql.join(
    Object.entries(columns).map(([column, [type]]) =>
      type === INSTANT ? sql`to_timestamp(v.${sql.ref(column)}::double precision / 1000)` : sql`v.${sql.ref(column)}`,
    ),
  );
  await sql`insert into ${sql.table(table)} (${names}) select ${values} from ${unnest(rows, columns)} as v (${names}) ${sql.raw(onConflict)}`.execute(
    tx,
  );
}
