/** `afterglow db …` */
import type { Command } from "commander";
import { declare, end } from "./declare.ts";

export function declareDatabaseCommands(program: Command): void {
  const db = declare(program, {
    usage: "db",
    does: "Bring the database to this version, and look at it",
    examples: ["db migrate", "db status"],
  });
  declare(db, {
    usage: "migrate",
    does: "Apply the migrations that are missing, queue tables included; a repeat applies nothing",
    examples: ["db migrate", "db migrate --json"],
  })
    .option("--json", "print one object")
    .action(async (options: { json?: true }) => end(await (await import("./migrate-database.ts")).migrateDatabase(options)));
  declare(db, {
    usage: "status",
    does: "List every migration and when it was applied; exit code 3 when one is missing",
    examples: ["db status", "db status --json"],
  })
    .option("--json", "print one object")
    .action(async (options: { json?: true }) => end(await (await import("./migrate-database.ts")).showMigrations(options)));
}
