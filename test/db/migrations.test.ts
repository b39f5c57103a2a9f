import { describe, expect, test } from "vitest";
import { listMigrations, migrateToLatest, migrateToNothing } from "../../src/db/migrate.ts";
import { cloneDatabase } from "../support/database.ts";

const { db, pool } = await cloneDatabase();

/** Everything the migrations make, as PostgreSQL itself writes it down. */
async function describeSchema(): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(`
    select format('column %s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
      from information_schema.columns where table_schema = 'public' and table_name not like 'kysely%'
    union all select format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid::regclass::text not like 'kysely%'
    union all select indexdef from pg_indexes where schemaname = 'public' and tablename not like 'kysely%'
    union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
      and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select pg_get_functiondef(p.oid) from pg_proc p where pronamespace = 'public'::regnamespace
    union all select format('view %s %s', viewname, definition) from pg_views where schemaname = 'public'
    order by 1`);
  return rows.map(({ line }) => line);
}

describe("migrations", () => {
  test("forward, back and forward again leave the same schema, and back leaves nothing", async () => {
    const before = await describeSchema();
    expect(before.length).toBeGreaterThan(200);
    const names = (await listMigrations(db)).map(({ name }) => name);
    expect(await migrateToNothing(db)).toEqual(names.toReversed());
    expect(await describeSchema()).toEqual([]);
    expect(await migrateToLatest(db, { environment: "test" })).toEqual(names);
    expect(await describeSchema()).toEqual(before);
  });

  test("a repeat applies nothing, and every migration is listed with the moment it was applied", async () => {
    expect(await migrateToLatest(db, { environment: "test" })).toEqual([]);
    const migrations = await listMigrations(db);
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.filter(({ executedAt }) => executedAt === undefined)).toEqual([]);
  });

  test("a database keeps the environment it was first given", async () => {
    await migrateToLatest(db, { environment: "production" });
    const clocks = await db.selectFrom("clinicClock").select(["environment", "mode"]).execute();
    expect(clocks).toEqual([{ environment: "test", mode: "real" }]);
  });
});
