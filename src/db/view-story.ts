/** What happened around a touchpoint, from everything that is kept of it: facts, attempts, switches. Reads only, opaque: no name, no address, no note. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { TouchpointId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import { COVERS, type Explained } from "./view-explain.ts";

export type DeliveryView = {
  readonly attempt: number;
  readonly state: string;
  readonly code: string | null;
  readonly claimedAt: Instant;
  readonly calledAt: Instant | null;
  readonly answeredAt: Instant | null;
  readonly latenessMs: number | null;
  readonly providerMessageId: string | null;
  /** What the provider reported afterwards, the furthest it came. */
  readonly providerState: string | null;
  readonly providerCode: string | null;
  readonly providerAt: Instant | null;
  /** Host and process; null when the worker is not on record. */
  readonly worker: string | null;
};

/** The attempts at a touchpoint, first to last. */
export async function listDeliveries(db: Database, id: TouchpointId): Promise<DeliveryView[]> {
  const { rows } = await sql<DeliveryView>`
    select d.attempt, d.state, d.code, d.claimed_at, d.called_at, d.answered_at, d.lateness_ms, d.provider_message_id, d.provider_state, d.provider_code,
      d.provider_at, w.host || '/' || w.pid as worker
    from deliveries d left join workers w on w.id = d.worker_id where d.touchpoint_id = ${id} order by d.attempt`.execute(db);
  return rows;
}

export type FactView = {
  /** Past tense: `session.moved`. */
  readonly kind: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly clinicAt: Instant;
  readonly recordedAt: Instant;
};

/** Who merely looked at something has changed nothing. */
const IDLE = ["patient.revealed", "patient.sought"];

/** The facts of the touchpoint, its session, its series, its patient and its tasks, in order; of the patient only since the series was enqueued. */
export async function listFacts(
  db: Database,
  { id, sessionId, seriesId, patientId }: Pick<Explained, "id" | "sessionId" | "seriesId" | "patientId">,
): Promise<FactView[]> {
  const { rows } = await sql<FactView>`
    with subjects as (
      select unnest(array[${id}, ${sessionId}, ${seriesId}, ${patientId}]::uuid[]) as id
      union select k.id from tasks k where k.patient_id = ${patientId}::uuid and k.touchpoint_id = ${id}::uuid)
    select e.kind, e.actor, e.data, e.clinic_at, e.recorded_at
    from subjects s join events e on e.subject_id = s.id
    where e.kind <> all(${IDLE}::text[]) and e.clinic_at >= (select enqueued_at from series where id = ${seriesId}::uuid)
    order by e.id`.execute(db);
  return rows;
}

export type SwitchedView = { readonly scope: string; readonly actor: string; readonly offAt: Instant; readonly onAt: Instant | null };

/** The switches that stopped it for a while since it was due, and do perhaps. Machine time. */
export async function listSwitched(db: Database, id: TouchpointId): Promise<SwitchedView[]> {
  const { rows } = await sql<SwitchedView>`
    select s.scope, s.actor, s.off_at, s.on_at from touchpoints t join switches s on ${COVERS}
    where t.id = ${id} and s.off_at < coalesce(t.ended_at, 'infinity') and (s.on_at is null or s.on_at > machine_time_of(t.first_try_at)) order by s.off_at`.execute(
    db,
  );
  return rows;
}
