/** What was asked for at the console and is carried out a few seconds later, unless it is taken back. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ActionId, ClinicId, SessionId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";

/** For how long it can be taken back. */
export const UNDO_SECONDS = 10;
/** Whoever claimed it and has not finished after so long is dead; producers do nothing twice. */
const CLAIM_SECONDS = 30;
/** What cannot be carried out for so long is given up, and its person told. */
const GIVE_UP_AFTER_MINUTES = 5;

export function placeOfAction(id: ActionId) {
  return { table: "console_actions", column: "action_sealed", row: id } as const;
}

export function placeOfRefusal(id: ActionId) {
  return { table: "console_actions", column: "refusal_sealed", row: id } as const;
}

export type NewAction = {
  readonly clinicId: ClinicId;
  readonly sessionId: SessionId;
  readonly actor: string;
  readonly verb: string;
  readonly ifRevision: number | null;
};

/** Keeps it; `seal` is given the id under which it stands. */
export async function insertAction(
  tx: Tx,
  { clinicId, sessionId, actor, verb, ifRevision }: NewAction,
  seal: (id: ActionId) => Buffer,
): Promise<ActionId> {
  const id = newId<"action">();
  await sql`
    insert into console_actions (id, clinic_id, session_id, actor, verb, action_sealed, if_revision, asked_at, run_at)
    values (${id}, ${clinicId}, ${sessionId}, ${actor}, ${verb}, ${seal(id)}, ${ifRevision}, (select afterglow_now()), clock_timestamp() + make_interval(secs => ${UNDO_SECONDS}))`.execute(
    tx,
  );
  return id;
}

/** Takes it back; false when it is being carried out, is done, was taken back, or is somebody else's. */
export async function undoAction(db: Database, id: ActionId, actor: string): Promise<boolean> {
  const { rows } = await sql`
    update console_actions set undone_at = clock_timestamp()
    where id = ${id} and actor = ${actor} and claimed_at is null and done_at is null and undone_at is null returning 1`.execute(db);
  return rows.length > 0;
}

/** Lets it be carried out at once. */
export async function hurryAction(db: Database, id: ActionId, actor: string): Promise<void> {
  await sql`update console_actions set run_at = clock_timestamp() where id = ${id} and actor = ${actor} and claimed_at is null and undone_at is null`.execute(
    db,
  );
}

export type ClaimedAction = {
  readonly id: ActionId;
  readonly sessionId: SessionId;
  readonly actor: string;
  readonly ifRevision: number | null;
  readonly actionSealed: Buffer;
  readonly askedAt: Instant;
  /** Whether it is not tried again. Never the first try: what waited for as long because no worker ran has failed at nothing yet. */
  readonly isLastTry: boolean;
};

/** Those that are due and nobody else carries out, in the order in which they were asked for. */
export async function claimActions(db: Database): Promise<ClaimedAction[]> {
  const { rows } = await sql<ClaimedAction>`
    update console_actions a set claimed_at = clock_timestamp()
    from (
      select id, claimed_at from console_actions
      where run_at <= clock_timestamp() and done_at is null and undone_at is null
        and (claimed_at is null or claimed_at < clock_timestamp() - make_interval(secs => ${CLAIM_SECONDS}))
      order by run_at limit 50 for update skip locked) due
    where a.id = due.id
    returning a.id, a.session_id, a.actor, a.if_revision, a.action_sealed, a.asked_at,
      due.claimed_at is not null and a.run_at < clock_timestamp() - make_interval(mins => ${GIVE_UP_AFTER_MINUTES}) as is_last_try`.execute(
    db,
  );
  return rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

export async function finishAction(db: Database, id: ActionId, refusalSealed: Buffer | null): Promise<void> {
  await sql`update console_actions set done_at = clock_timestamp(), refusal_sealed = ${refusalSealed} where id = ${id} and done_at is null`.execute(
    db,
  );
}

export type ShownAction = {
  readonly id: ActionId;
  readonly sessionId: SessionId;
  readonly verb: string;
  readonly secondsLeft: number;
  readonly isDone: boolean;
  readonly refusalSealed: Buffer | null;
};

/** What this person has asked for at the clinic: what is not carried out yet, and what was refused within the last ten minutes, of the last three days. */
export async function listShownActions(db: Database, { clinicId, actor }: { clinicId: ClinicId; actor: string }): Promise<ShownAction[]> {
  const { rows } = await sql<ShownAction>`
    select id, session_id, verb, greatest(0, ceil(extract(epoch from run_at - clock_timestamp())))::integer as seconds_left, done_at is not null as is_done, refusal_sealed
    from (
      select * from console_actions where done_at is null and undone_at is null and actor = ${actor} and clinic_id = ${clinicId}
      union all
      select * from console_actions
      where actor = ${actor} and clinic_id = ${clinicId} and run_at > (select clock_timestamp()) - interval '3 days' and refusal_sealed is not null and undone_at is null
        and done_at > clock_timestamp() - interval '10 minutes') shown
    order by id desc limit 20`.execute(db);
  return rows;
}
