/** Approvals in use that lack words which every approval needs: what was approved before those words were written. */
import { type RawBuilder, sql } from "kysely";
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { ApprovalId, ClinicId } from "../domain/ids.ts";
import type { Channel } from "../domain/protocol.ts";
import type { Database } from "./database.ts";

export type NeededWords = { readonly stem: string; readonly channel: Channel };

export type MissingWords = NeededWords & {
  readonly approvalId: ApprovalId;
  readonly clinicId: ClinicId;
  /** `name@version`. */
  readonly protocol: string;
  readonly locale: Locale;
};

/** Over an approval `a`: new series are planned from it, or one that is not over was. */
export const IN_USE: RawBuilder<unknown> = sql`(
  exists (select from series s where s.approval_id = a.id and s.status in ('enqueued', 'active', 'paused'))
  or not exists (
    select from protocol_approvals n
    where n.clinic_id = a.clinic_id and n.protocol = a.protocol and n.version = a.version and (n.approved_at, n.id) > (a.approved_at, a.id)))`;

/** By approval and stem; of every clinic unless one is named. */
export async function listMissingWords(
  db: Database,
  { needed, clinicId }: { readonly needed: readonly NeededWords[]; readonly clinicId: ClinicId | null },
): Promise<MissingWords[]> {
  const { rows } = await sql<MissingWords>`
    select a.id as approval_id, a.clinic_id, a.protocol || '@' || a.version as protocol, w.stem, w.channel, l.locale
    from protocol_approvals a
      -- Taken out once an approval: each look into the whole of it would decompress half a megabyte anew.
      cross join lateral (
        select jsonb_object_agg(e.key, e.value) as templates from jsonb_each(a.templates) e where e.key = any(${needed.map(({ stem }) => stem)}::text[])) k
      cross join unnest(${needed.map(({ stem }) => stem)}::text[], ${needed.map(({ channel }) => channel)}::text[]) as w (stem, channel)
      cross join unnest(${[...LOCALES]}::text[]) as l (locale)
    where (${clinicId}::uuid is null or a.clinic_id = ${clinicId}::uuid) and ${IN_USE}
      and coalesce(k.templates #>> case w.channel when 'email' then array[w.stem, l.locale, 'email', 'text'] else array[w.stem, l.locale, w.channel] end, '') = ''
    order by a.approved_at, a.id, w.stem, w.channel, l.locale`.execute(db);
  return rows;
}
