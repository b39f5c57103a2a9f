/** Tries to sign in, counted before they are judged, so that many at once do not get more of them than one after the other. By a keyed hash of the login. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { Database } from "./database.ts";

/** Tries before a login is locked, and for how long; after as long without a try, they are forgotten. */
export const TRIES = 5;
export const LOCKED_MINUTES = 15;

/** Takes a try; undefined, or until when there is none to take. Right ones are given back with {@link forgetTries}. */
export async function takeTry(db: Database, loginIndex: Buffer, now: Instant): Promise<Instant | undefined> {
  const at = formatInstant(now);
  const since = sql`${at}::timestamptz - make_interval(mins => ${LOCKED_MINUTES})`;
  const count = sql`case when f.failed_at <= ${since} then 1 else f.failures + 1 end`;
  const { rows } = await sql`
    insert into sign_in_failures as f (login_index, failures, failed_at) values (${loginIndex}, 1, ${at})
    on conflict (login_index) do update set failures = ${count}, failed_at = ${at},
      locked_until = case when ${count} >= ${TRIES} then ${at}::timestamptz + make_interval(mins => ${LOCKED_MINUTES}) end
    where f.locked_until is null or f.locked_until <= ${at}
    returning failures`.execute(db);
  if (rows.length > 0) return undefined;
  const locked = await db.selectFrom("signInFailures").select("lockedUntil").where("loginIndex", "=", loginIndex).executeTakeFirst();
  return locked?.lockedUntil ?? now;
}

/** After a sign-in that went right all the way; and what nobody has tried for a day. */
export async function forgetTries(db: Database, loginIndex: Buffer, now: Instant): Promise<void> {
  await sql`delete from sign_in_failures where login_index = ${loginIndex} or failed_at < ${formatInstant(now)}::timestamptz - interval '1 day'`.execute(
    db,
  );
}
