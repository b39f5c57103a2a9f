/** Alerts as rows. */
import { sql } from "kysely";
import type { AlertCause } from "../domain/alert.ts";
import type { AlertId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type NewAlert = AlertCause & { readonly id: AlertId };

/** Stores those that their source has not raised before, and returns these. All but `medium` ones are due to be paged from now, machine time. */
export async function insertAlerts(tx: Tx, alerts: readonly NewAlert[]): Promise<NewAlert[]> {
  if (alerts.length === 0) return [];
  const values = unnest(alerts, {
    id: ["uuid", ({ id }) => id],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    series_id: ["uuid", ({ seriesId }) => seriesId],
    session_id: ["uuid", ({ sessionId }) => sessionId],
    kind: ["text", ({ kind }) => kind],
    level: ["text", ({ level }) => level],
    source: ["text", ({ source }) => source],
    source_id: ["uuid", ({ sourceId }) => sourceId],
  });
  const { rows } = await sql<{ id: AlertId }>`
    insert into alerts (id, clinic_id, patient_id, series_id, session_id, kind, level, source, source_id, raised_at, page_at)
    select v.id, v.clinic_id, v.patient_id, v.series_id, v.session_id, v.kind, v.level, v.source, v.source_id, (select afterglow_now()),
      case when v.level = 'medium' then null else clock_timestamp() end
    from ${values} as v (id, clinic_id, patient_id, series_id, session_id, kind, level, source, source_id)
    on conflict (source_id, kind) do nothing
    returning id`.execute(tx);
  const stored = new Set<string>(rows.map(({ id }) => id));
  return alerts.filter(({ id }) => stored.has(id));
}
