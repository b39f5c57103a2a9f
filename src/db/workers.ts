/** Worker processes: one row each, renewed while alive. What a dead one held becomes unknown. */
import { hostname } from "node:os";
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { WorkerId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export async function registerWorker(db: Database, { role, version }: { role: string; version: string }): Promise<WorkerId> {
  const id = newId<"worker">();
  await db
    .insertInto("workers")
    .values({ id, role, host: hostname(), pid: process.pid, version, tzVersion: process.versions.tz ?? "unknown" })
    .execute();
  return id;
}

/** Renews the heartbeat and returns how far this machine's clock is ahead of the database's, in milliseconds. */
export async function beat(db: Database, id: WorkerId, machineNow: number): Promise<number> {
  const { rows } = await sql<{ ahead: number }>`
    update workers set beat_at = clock_timestamp() where id = ${id} returning ${machineNow}::double precision - extract(epoch from clock_timestamp()) * 1000 as ahead`.execute(
    db,
  );
  return rows[0]?.ahead ?? 0;
}

/** A worker that stopped in good order holds nothing any more. */
export async function retireWorker(db: Database, id: WorkerId): Promise<void> {
  await sql`update workers set stopped_at = clock_timestamp() where id = ${id}`.execute(db);
}

/** Workers alive now, newest first. */
export async function listWorkers(db: Database, { deadAfterSeconds }: { deadAfterSeconds: number }) {
  return db
    .selectFrom("workers")
    .select(["id", "role", "host", "pid", "version", "startedAt", "beatAt"])
    .where("stoppedAt", "is", null)
    .where(sql<boolean>`beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds})`)
    .orderBy("startedAt", "desc")
    .execute();
}
