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

export type Affected = { readonly messages: number; readonly tasks: number };

/** What a new wording of each stem would change: messages that are still to be written, and open tasks that are read from it. Stems of which there is nothing are left out. */
export async function countAffectedByStem(db: Database, clinicId: ClinicId): Promise<ReadonlyMap<string, Affected>> {
  const { rows } = await sql<Affected & { template: string }>`
    select template, sum(messages)::integer as messages, sum(tasks)::integer as tasks from (
      select template, count(*) as messages, 0 as tasks from touchpoints
      where clinic_id = ${clinicId} and state = 'planned' and awaits is null and unwanted_at is null group by template
      union all
      select template, count(*), 0 from touchpoints
      where clinic_id = ${clinicId} and state = 'planned' and awaits is not null and unwanted_at is null group by template
      union all
      select template, count(*), 0 from touchpoints where clinic_id = ${clinicId} and state = 'held' and unwanted_at is null group by template
      union all
      select template, 0, count(*) from tasks where clinic_id = ${clinicId} and state in ('open', 'taken') group by template) each
    group by template`.execute(db);
  return new Map(rows.map(({ template, messages, tasks }) => [template, { messages, tasks }]));
}

/** The stems of the templates that these approvals hold, by name; the words themselves are not read. */
export async function listStemsOf(db: Database, ids: readonly ApprovalId[]): Promise<string[]> {
  const { rows } = await sql<{ stem: string }>`
    select distinct stem collate "C" as stem from protocol_approvals a cross join lateral jsonb_object_keys(a.templates) as stem
    where a.id = any(${[...ids]}::uuid[]) order by 1`.execute(db);
  return rows.map(({ stem }) => stem);
}
