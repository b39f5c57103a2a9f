/** Which wordings a clinic sends from, as commands ask about them; reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export type ApprovalInUse = {
  readonly id: ApprovalId;
  readonly protocol: string;
  readonly version: number;
  readonly approvedBy: string;
  readonly approvedAt: Instant;
};

/** The approvals that series under way are pinned to, and the newest of each protocol version, from which new ones are planned. */
export async function listApprovalsInUse(db: Database, clinicId: ClinicId): Promise<ApprovalInUse[]> {
  const { rows } = await sql<ApprovalInUse>`
    select a.id, a.protocol, a.version, a.approved_by, a.approved_at from protocol_approvals a
    where a.clinic_id = ${clinicId} and (
      exists (select from series s where s.approval_id = a.id and s.status in ('enqueued', 'active', 'paused'))
      or not exists (
        select from protocol_approvals n
        where n.clinic_id = a.clinic_id and n.protocol = a.protocol and n.version = a.version and (n.approved_at, n.id) > (a.approved_at, a.id)))
    order by a.protocol, a.version, a.approved_at`.execute(db);
  return rows;
}

/** Those of these approvals that hold the template. */
export async function findNamingStem(db: Database, ids: readonly ApprovalId[], stem: string): Promise<ApprovalId[]> {
  const { rows } = await sql<{ id: ApprovalId }>`
    select id from protocol_approvals where id = any(${[...ids]}::uuid[]) and templates ? ${stem}::text order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** The stems of the templates that these approvals hold, by name; the words themselves are not read. */
export async function listStemsOf(db: Database, ids: readonly ApprovalId[]): Promise<string[]> {
  const { rows } = await sql<{ stem: string }>`
    select distinct stem collate "C" as stem from protocol_approvals a cross join lateral jsonb_object_keys(a.templates) as stem
    where a.id = any(${[...ids]}::uuid[]) order by 1`.execute(db);
  return rows.map(({ stem }) => stem);
}
