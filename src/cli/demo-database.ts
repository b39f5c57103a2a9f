/** Takes a database of somebody's own for the demo, and refuses one that holds anything else. */
import { sql } from "kysely";
import { type Database, openDatabase } from "../db/database.ts";
import { migrateToLatest, migrateToNothing } from "../db/migrate.ts";
import { listWorkers } from "../db/workers.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import { DependencyDown } from "./failures.ts";

/**
 * Migrates an empty database as environment `demo`. One that an earlier demo filled is emptied and filled again. Throws {@link DependencyDown}, and changes
 * nothing, when there is anything in it that a demo did not make.
 */
export async function prepareDatabase(url: string, { clinic }: { clinic: string }): Promise<void> {
  const { db } = openDatabase({ url, connections: 2, applicationName: "afterglow-demo" });
  try {
    const holds = await look(db);
    if (holds.relations > 0) await takeOver(db, { holds, clinic });
    await migrateToLatest(db, { environment: "demo" });
  } finally {
    await db.destroy();
  }
}

type Holds = { readonly relations: number; readonly ours: boolean };

/** The tables that are left when every migration was taken back count as nothing. */
async function look(db: Database): Promise<Holds> {
  const { rows } = await sql<Holds>`
    select count(*) as relations, to_regclass('public.clinic_clock') is not null as ours
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', ${QUEUES})
      and c.relname !~ '^kysely_migration'`.execute(db);
  return rows[0] ?? { relations: 0, ours: false };
}

const QUEUES = "afterglow_queues";

async function takeOver(db: Database, { holds, clinic }: { holds: Holds; clinic: string }): Promise<void> {
  if (!holds.ours) throw refusal("it holds tables that are not Afterglow's");
  const environment = (await db.selectFrom("clinicClock").select("environment").executeTakeFirst())?.environment;
  if (environment !== "demo") throw refusal(`it is of the environment ${environment ?? "that nobody named"}`);
  const others = await db.selectFrom("clinics").select("slug").where("slug", "<>", clinic).execute();
  if (others.length > 0) throw refusal(`it holds clinics beside the demo's (${others.map(({ slug }) => slug).join(", ")})`);
  if ((await listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS })).length > 0)
    throw refusal("workers are running on it, or one was killed less than half a minute ago");
  await migrateToNothing(db);
  await sql`drop schema if exists ${sql.id(QUEUES)} cascade`.execute(db);
}

function refusal(why: string): DependencyDown {
  return new DependencyDown(
    `The demo does not use the database of DATABASE_URL: ${why}. Give it an empty one, or unset DATABASE_URL and it brings its own.`,
  );
}
