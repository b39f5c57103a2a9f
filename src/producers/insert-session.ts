/** Stores one more session of a series that is under way, inside a transaction that goes on: for staff, and for the clinic's own calendar. */
import type { AuditEvent } from "../db/events.ts";
import type { Tx } from "../db/database.ts";
import { findSessionsByExternalId, type SeriesPlace } from "../db/session-places.ts";
import { insertSessions } from "../db/series.ts";
import { numberSessions } from "../db/sessions.ts";
import type { Vault } from "../db/vault.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { MOST_FUTURE_SESSIONS } from "../domain/check-sessions.ts";
import type { SessionRequest } from "../domain/enqueue-request.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import type { JudgedTime } from "../domain/judge-time.ts";
import { refuse, type Refused } from "./change-facts.ts";
import type { PatientSessions } from "./patient-sessions.ts";

export type Inserting = {
  readonly place: SeriesPlace;
  readonly patient: PatientSessions;
  readonly now: Instant;
  readonly actor: string;
  readonly vault: Vault;
};

export type Inserted = { readonly kind: "inserted"; readonly id: SessionId; readonly event: AuditEvent };

/** Refused when its external id is another session's, or when the series has as many sessions to come as it may have; the time was judged before. */
export async function insertSession(
  tx: Tx,
  { request, time }: { request: SessionRequest; time: JudgedTime },
  { place, patient, now, actor, vault }: Inserting,
): Promise<Inserted | Refused> {
  const ofSeries = patient.sessions.filter(({ seriesId }) => seriesId === place.id);
  const toCome = ofSeries.filter(({ startsAt }) => startsAt > now).length;
  if (toCome >= MOST_FUTURE_SESSIONS) return refuse("sessions", String(toCome + 1), `at most ${MOST_FUTURE_SESSIONS} future sessions`);
  const { externalId } = request;
  const [other] = externalId ? await findSessionsByExternalId(tx, place.clinicId, [vault.blindIndex("external-id", externalId)]) : [];
  if (other && externalId)
    return refuse("externalId", externalId, `an id that no other session of the clinic has; ${toPublicId("session", other.id)} has it`);
  const session = { ...request, ...time, number: ofSeries.length + 1 };
  const [id] = await insertSessions(
    tx,
    [{ id: place.id, clinicId: place.clinicId, patientId: place.patientId, sessions: [session] }],
    vault,
  );
  if (!id) throw new Error("A session was inserted without an id");
  await numberSessions(tx, [place.id]);
  const data = { series: place.id, at: formatInstant(time.startsAt) };
  return { kind: "inserted", id, event: { kind: "session.added", clinicId: place.clinicId, subjectId: id, actor, data } };
}
