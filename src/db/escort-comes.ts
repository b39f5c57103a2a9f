/** Whose turn it is at a visit, as one expression over the row of a session. */
import { type RawBuilder, sql } from "kysely";

/**
 * Whether the patient's escort is who comes to the session: one who was named for a single visit only to that one, any other to every visit for which the patient
 * has not named somebody else. True where there is no escort. A move makes the question new.
 */
export function escortComes(session: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`
    coalesce((select e.only_session_id = ${session}.id from escorts e where e.patient_id = ${session}.patient_id),
      not exists (select from session_escorts x where x.session_id = ${session}.id and x.arming = ${session}.arming))`;
}
