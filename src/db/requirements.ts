/** What a protocol requires before a dose, as staff recorded it for a series. */
import { sql } from "kysely";
import { type CalendarDay, formatDay } from "../domain/calendar.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { Requirement } from "../domain/protocol.ts";
import type { Tx } from "./database.ts";

export type RequirementMet = {
  readonly requirement: Requirement;
  readonly metOn: CalendarDay;
  /** Last day on which it holds; null: no end. */
  readonly expiresOn: CalendarDay | null;
};

/** Stores it in place of what was recorded before; false when the same stood there. */
export async function writeRequirement(
  tx: Tx,
  seriesId: SeriesId,
  { requirement, metOn, expiresOn, actor }: RequirementMet & { actor: string },
): Promise<boolean> {
  const until = expiresOn === null ? null : formatDay(expiresOn);
  const { rows } = await sql`
    insert into series_requirements (series_id, requirement, met_on, expires_on, actor)
    values (${seriesId}, ${requirement}, ${formatDay(metOn)}::date, ${until}::date, ${actor})
    on conflict (series_id, requirement) do update set met_on = excluded.met_on, expires_on = excluded.expires_on, actor = excluded.actor
    where (series_requirements.met_on, series_requirements.expires_on) is distinct from (excluded.met_on, excluded.expires_on)
    returning 1`.execute(tx);
  return rows.length > 0;
}
