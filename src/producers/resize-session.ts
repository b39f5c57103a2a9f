/** Gives a session another length at the same start, inside a transaction that goes on: nobody is told, and the calendar entry follows with the next mail. */
import type { AuditEvent } from "../db/events.ts";
import type { Tx } from "../db/database.ts";
import { resizeSession, type StoredSession } from "../db/sessions.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";

export async function writeLength(
  tx: Tx,
  { session, endsAt }: { session: StoredSession; endsAt: Instant },
  actor: string,
): Promise<AuditEvent> {
  await resizeSession(tx, session.id, endsAt);
  const data = { from: formatInstant(session.endsAt), to: formatInstant(endsAt) };
  return { kind: "session.resized", clinicId: session.clinicId, subjectId: session.id, actor, data };
}
