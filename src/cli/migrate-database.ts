/** `db migrate` and `db status`. */
import { readDatabaseConfig } from "../config.ts";
import { listMigrations, migrateToLatest } from "../db/migrate.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { count } from "./show-faults.ts";
import { print, printJson, say, toTable } from "./terminal.ts";
import { withCore, withStore } from "./with-store.ts";

type Options = { readonly json?: true };

/** Opens the queues too: on PostgreSQL they have tables of their own, which opening brings up to date. */
export async function migrateDatabase({ json }: Options): Promise<ExitCode> {
  const environment = readDatabaseConfig().AFTERGLOW_ENV;
  return withCore(async ({ db, queues }) => {
    const applied = await migrateToLatest(db, { environment });
    if (json) printJson({ applied, environment, queues: queues.backend });
    else {
      for (const name of applied) print(`applied ${name}`);
      print(`${applied.length === 0 ? "Nothing to apply" : `${count(applied.length, "migration")} applied`}; the database is up to date.`);
    }
    return EXIT.done;
  });
}

/** A database that lacks a migration counts as down: no other command would work. */
export async function showMigrations({ json }: Options): Promise<ExitCode> {
  return withStore(async ({ db }) => {
    const migrations = (await listMigrations(db)).map(({ name, executedAt }) => ({ name, appliedAt: executedAt?.toISOString() ?? null }));
    const missing = migrations.filter(({ appliedAt }) => appliedAt === null).length;
    if (json) printJson({ migrations, missing });
    else for (const line of toTable(migrations.map(({ name, appliedAt }) => [name, appliedAt ?? "missing"]))) print(line);
    if (missing > 0) say(`${count(missing, "migration")} missing; run: afterglow db migrate`);
    return missing > 0 ? EXIT.down : EXIT.done;
  });
}
