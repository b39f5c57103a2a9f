/** A series that was really enqueued and planned, on a clock that is real: Ana's, beginning in a week, whenever that is. */
import { sql } from "kysely";
import { machineNow } from "../../../src/clock.ts";
import type { Tx } from "../../../src/db/database.ts";
import { addDays, DAY, dayOf, instant } from "../../../src/domain/calendar.ts";
import type { PatientId, SeriesId, TouchpointId } from "../../../src/domain/ids.ts";
import { parseZone, toLocal } from "../../../src/domain/place-in-time.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { planPatientsOf } from "../../../src/workers/plan-patients.ts";
import { readSeriesExample, type World } from "../../support/world.ts";

export type StoredSeries = { readonly patientId: PatientId; readonly seriesId: SeriesId };

/** Enqueues and plans Ana for a week from now, and makes clinic time machine time. */
export async function storeSeriesNow({ deps, clinic }: World): Promise<StoredSeries> {
  const [ana] = await readSeriesExample("ana-iv");
  const zone = parseZone("America/Denver");
  if (!ana?.cadence || !zone) throw new Error("The example has changed");
  await sql`update clinic_clock set mode = 'real'`.execute(deps.db);
  const given = instant(machineNow() - DAY);
  const consents = ana.patient.consents.map((consent) => ({ ...consent, at: given }));
  const escort = ana.patient.escort && {
    ...ana.patient.escort,
    consents: ana.patient.escort.consents.map((consent) => ({ ...consent, at: given })),
  };
  const first = addDays(dayOf(toLocal(zone, machineNow())), 8);
  const request = { ...ana, patient: { ...ana.patient, consents, escort }, cadence: { ...ana.cadence, first } };
  const [result] = await enqueueSeries(deps, [request], { clinic: clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId || !result.seriesId) throw new Error(JSON.stringify(result));
  await planPatientsOf(deps)({ patientIds: [result.patientId] });
  return { patientId: result.patientId, seriesId: result.seriesId };
}

/** Rows are changed as no producer would: triggers and foreign keys are off until the transaction ends. */
export async function withoutGuards(tx: Tx): Promise<void> {
  await sql`set local session_replication_role = replica`.execute(tx);
}

/** Makes a planned message one that a provider accepted ten minutes ago, in good order. */
export async function makeSent(tx: Tx, id: TouchpointId): Promise<void> {
  await sql`
    update touchpoints set state = 'sent', attempts = 1, worker_id = gen_random_uuid(), claimed_at = now() - interval '10 minutes', ended_at = now() - interval '9 minutes',
      try_at = now() - interval '11 minutes', first_try_at = now() - interval '11 minutes', send_by = now() + interval '1 hour', expires_at = now() + interval '1 hour',
      legal_at = tstzmultirange(tstzrange(now() - interval '1 hour', now() + interval '1 hour'))
    where id = ${id}`.execute(tx);
  await sql`
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, claimed_at, called_at, answered_at, lateness_ms, content_hash, provider_message_id)
    select gen_random_uuid(), id, clinic_id, worker_id, 1, channel, 'sent', claimed_at, claimed_at + interval '1 second', claimed_at + interval '2 seconds', 0, '', 'SM' || id
    from touchpoints where id = ${id}`.execute(tx);
}
