/**
 * Resolves the times of sessions to come again, after the time-zone data has changed.
 *
 * Trigger: the start of a worker process, and every day. Re-checks: which sessions were resolved with older data, under the patients' locks. Effect: the local
 * date and time in the session's zone stay what they are; where they mean another instant now, the session and everything planned around it move with it, and
 * one event says how many. A repeat finds nothing left to do. Newer data is never undone by a process that has older.
 */
import { newId } from "../clock.ts";
import { readZone } from "../db/clinics.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision, takeBackHints } from "../db/plans.ts";
import { transact } from "../db/transact.ts";
import { findOutdatedPatients, loadOutdatedSessions, type Resolved, storeResolved, type ZonedSession } from "../db/zone-data.ts";
import { type Instant, instant, parseLocalDateTime } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import { resolveLocal, type Zone } from "../domain/place-in-time.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { requestPlans } from "./request-plans.ts";

type Deps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly log: Log };

/** `gone`: sessions at a time that the clocks jump over now, moved forward by the jump; staff should look at them. */
export type ReResolved = { readonly sessions: number; readonly moved: number; readonly gone: number; readonly patients: number };

const PATIENTS_AT_ONCE = 200;

/** Returns what was done by this process; `version` is the time-zone data it has, such as `2026a`. */
export async function reResolveSessions(deps: Deps, version: string = process.versions.tz ?? "unknown"): Promise<ReResolved> {
  const total = { sessions: 0, moved: 0, gone: 0, patients: 0 };
  // Without a version nobody could say which data is newer.
  if (!/^\d{4}[a-z]/.test(version)) return total;
  for (;;) {
    const patientIds = await findOutdatedPatients(deps.db, { version, limit: PATIENTS_AT_ONCE });
    if (patientIds.length === 0) break;
    const { done, moved } = await transact(deps.db, (tx) => reResolve(tx, patientIds, version));
    await requestPlans(deps, moved);
    total.sessions += done.length;
    total.moved += done.filter(({ isMoved }) => isMoved).length;
    total.gone += done.filter(({ isGone }) => isGone).length;
    total.patients += moved.length;
  }
  if (total.sessions > 0) await report(deps, total, version);
  return total;
}

type Answer = Resolved & { readonly isGone: boolean };

async function reResolve(
  tx: Tx,
  patientIds: readonly PatientId[],
  version: string,
): Promise<{ done: readonly Answer[]; moved: readonly PatientId[] }> {
  await lockPatients(tx, patientIds);
  await takeBackHints(tx, patientIds);
  const sessions = await loadOutdatedSessions(tx, patientIds, version);
  const done = sessions.map(resolveAgain);
  await storeResolved(tx, done, version);
  const moved = [...new Set(sessions.flatMap(({ patientId }, index) => (done[index]?.isMoved ? [patientId] : [])))];
  await raisePlanRevision(tx, moved);
  return { done, moved };
}

/** How long it lasts stays as it was. */
function resolveAgain({ id, localStart, zone, resolution, startsAt, endsAt }: ZonedSession): Answer {
  const { at, isGone } = place(readZone(zone), { localStart, resolution });
  return { id, startsAt: at, endsAt: instant(at + (endsAt - startsAt)), isMoved: at !== startsAt, isGone };
}

function place(zone: Zone, { localStart, resolution }: Pick<ZonedSession, "localStart" | "resolution">): { at: Instant; isGone: boolean } {
  const local = parseLocalDateTime(localStart);
  if (local === undefined) throw new Error("A session's local start cannot be read");
  const placement = resolveLocal(zone, local);
  if (placement.kind === "exact") return { at: placement.at, isGone: false };
  if (placement.kind === "gap") return { at: placement.forward, isGone: true };
  return { at: resolution === "overlap-second" ? placement.second : placement.first, isGone: false };
}

async function report({ db, log }: Deps, { sessions, moved, gone, patients }: ReResolved, version: string): Promise<void> {
  const data = { version, sessions, moved, gone, patients };
  await transact(db, (tx) =>
    appendEvents(tx, [{ kind: "sessions.re-resolved", clinicId: null, subjectId: newId<"report">(), actor: "afterglow", data }]),
  );
  const fields = { version, count: moved };
  if (moved > 0) log.warn("sessions.re-resolved", fields);
  else log.info("sessions.re-resolved", fields);
}
