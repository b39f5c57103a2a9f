/** Worker processes: one row each, renewed while alive. What a dead one held becomes unknown. */
import { hostname } from "node:os";
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
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

/**
 * Renews the heartbeat, with how far this machine's clock was last found ahead of the database's, and returns the database's own time. Throws when the worker's
 * row is gone, as after a restore: others take such a worker for dead.
 */
export async function beat(db: Database, id: WorkerId, { skewMs }: { skewMs: number }): Promise<Instant> {
  const skew = Math.max(-MOST_SKEW_MS, Math.min(MOST_SKEW_MS, Math.round(skewMs)));
  const { rows } = await sql<{ now: Instant }>`
    update workers set beat_at = clock_timestamp(), skew_ms = ${skew} where id = ${id} returning beat_at as now`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("The worker's row is gone");
  return row.now;
}

/** What the column holds. */
const MOST_SKEW_MS = 2 ** 31 - 1;

/** A worker that stopped in good order holds nothing any more. */
export async function retireWorker(db: Database, id: WorkerId): Promise<void> {
  await sql`update workers set stopped_at = clock_timestamp() where id = ${id}`.execute(db);
}

/** What a worker that has to go still has in its hands may have been sent: unknown. Returns how many. */
export async function abandonOwnSends(db: Database, id: WorkerId): Promise<number> {
  const { rows } = await sql<{ abandoned: number }>`
    with left_over as (
      update touchpoints t set state = 'unknown', reason = 'worker-lost' where t.state = 'sending' and t.worker_id = ${id} returning t.id, t.attempts),
    attempts as (
      update deliveries d set state = 'unknown', code = 'worker-lost'
      from left_over l where d.touchpoint_id = l.id and d.attempt = l.attempts and d.state = 'sending')
    select count(*) as abandoned from left_over`.execute(db);
  return rows[0]?.abandoned ?? 0;
}

/** Workers alive now, newest first. */
export async function listWorkers(db: Database, { deadAfterSeconds }: { deadAfterSeconds: number }) {
  return db
    .selectFrom("workers")
    .select(["id", "role", "host", "pid", "version", "startedAt", "beatAt", "skewMs"])
    .where("stoppedAt", "is", null)
    .where(sql<boolean>`beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds})`)
    .orderBy("startedAt", "desc")
    .execute();
}
