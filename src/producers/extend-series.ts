/**
 * Extends an open-ended series by the sessions that its cadence now reaches.
 *
 * Trigger: the sweep, when less than four weeks of the series are made. Re-checks: the series is active and its horizon still short, under the patient's lock.
 * Effect: new sessions and a plan that includes them. A repeat adds nothing: dates that exist are not made again.
 */
import { sql } from "kysely";
import { z } from "zod";
import { getApprovals } from "../db/approvals.ts";
import { readClosures, readZone } from "../db/clinics.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { insertSessions } from "../db/series.ts";
import { numberSessions } from "../db/sessions.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { type CalendarDay, dayOf, formatDay, parseDay, wallClock, WEEKDAYS } from "../domain/calendar.ts";
import type { Cadence } from "../domain/enqueue-request.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId } from "../domain/ids.ts";
import { makeSessions } from "../domain/make-sessions.ts";
import { findHorizon, resolveSessions } from "../domain/resolve-sessions.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { requestPlans } from "./request-plans.ts";

type Deps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly vault: Vault; readonly log: Log };

/** Returns the number of sessions added. */
export async function extendSeries(deps: Deps, seriesId: SeriesId): Promise<number> {
  const extended = await transact(deps.db, (tx) => extend(tx, seriesId, deps.vault));
  if (extended && extended.added > 0) await requestPlans(deps, [extended.patientId]);
  return extended?.added ?? 0;
}

type Row = {
  clinicId: ClinicId;
  patientId: PatientId;
  approvalId: ApprovalId;
  cadence: unknown;
  clinicZone: string;
  patientZone: string;
  closures: string[];
  horizonUntil: string;
  last: number;
};

async function extend(tx: Tx, id: SeriesId, vault: Vault): Promise<{ added: number; patientId: PatientId } | undefined> {
  // The lock comes before the horizon is read: two processes that extend at once would both make the same dates.
  const series = await tx.selectFrom("series").select("patientId").where("id", "=", id).executeTakeFirst();
  if (!series) return undefined;
  await lockPatients(tx, [series.patientId]);
  const { rows } = await sql<Row>`
    select s.clinic_id, s.patient_id, s.approval_id, s.cadence, s.horizon_until, c.zone as clinic_zone, p.zone as patient_zone, c.closures::text[] as closures,
      (select max(number) from sessions where series_id = s.id) as last
    from series s join clinics c on c.id = s.clinic_id join patients p on p.id = s.patient_id where s.id = ${id} and s.status = 'active' and s.cadence is not null`.execute(
    tx,
  );
  const [row] = rows;
  if (!row) return undefined;
  const protocol = (await getApprovals(tx, [row.approvalId])).get(row.approvalId)?.protocol;
  const { now } = await readClinicTime(tx);
  const clinic = { zone: readZone(row.clinicZone), closures: readClosures(row.closures) };
  if (!protocol) return undefined;
  const [horizon, horizonUntil] = [findHorizon({ protocol, clinic, now }), parseDay(row.horizonUntil)];
  if (horizon === null || horizonUntil === undefined || horizon <= horizonUntil) return undefined;
  const cadence = readCadence(row.cadence);
  const { sessions } = resolveSessions({ sessions: null, cadence }, { protocol, clinic, patientZone: readZone(row.patientZone), now });
  // By the list and not by the rows: staff add sessions far ahead and move the last one.
  const made = makeSessions({ cadence, phases: protocol.phases, closures: clinic.closures, horizonUntil });
  const latest = made.at(-1)?.day ?? horizonUntil;
  const fresh = sessions
    .filter(({ local }) => dayOf(local) > latest)
    .map((session, index) => ({ ...session, number: row.last + index + 1 }));
  await insertSessions(tx, [{ id, clinicId: row.clinicId, patientId: row.patientId, sessions: fresh }], vault);
  await numberSessions(tx, [id]);
  await tx
    .updateTable("series")
    .set({ horizonUntil: formatDay(horizon) })
    .where("id", "=", id)
    .execute();
  if (fresh.length > 0) {
    await raisePlanRevision(tx, [row.patientId]);
    await appendEvents(tx, [
      { kind: "series.extended", clinicId: row.clinicId, subjectId: id, actor: "afterglow", data: { sessions: fresh.length } },
    ]);
  }
  return { added: fresh.length, patientId: row.patientId };
}

const cadenceColumn = z.object({ first: z.int(), weekdays: z.array(z.enum(WEEKDAYS)), at: z.int() });

function readCadence(column: unknown): Cadence {
  const { first, weekdays, at } = cadenceColumn.parse(column);
  return { first: first as CalendarDay, weekdays, at: wallClock(at) };
}
