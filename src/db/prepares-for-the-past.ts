/** Whether what a touchpoint had to say was of use only before a visit that is over. */
import { type RawBuilder, sql } from "kysely";

/**
 * Of a touchpoint under this alias: what had to be said, or a driver to be found, before a visit that had ended by `moment`. Whether that took place is asked
 * elsewhere. A visit that is off, and an urgent change, are spoken of all the same.
 */
export function preparesForThePast(alias: string, moment: RawBuilder<unknown>): RawBuilder<boolean> {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql<boolean>`(${of("purpose")} <> 'urgent-change' and (${of("recipient")} <> 'staff' or ${of("task_kind")} is not distinct from 'find-driver') and exists (
    select from sessions w where w.id = ${of("session_id")} and w.status not in ('cancelled', 'postponed') and w.ends_at <= ${moment} and ${of("send_by")} <= w.starts_at))`;
}
