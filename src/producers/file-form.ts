/**
 * Records that the monitoring form of a session is filed.
 *
 * Trigger: staff (`session form-filed`). Re-checks: that a dose was given and that the moment lies after it, under the patient's lock. Effect: who filed it and
 * when; the tasks that ask for it are done or never open. A repeat changes nothing; another name or moment puts the record right.
 */
import type { Tx } from "../db/database.ts";
import { writeFormFiled } from "../db/sessions.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { changeSession, type SessionAtHand } from "./change-session.ts";

export type FiledForm = { readonly session: string; readonly by: string; readonly at: Instant };
export type Filing = { readonly by: string; readonly at: Instant };

const DOSED: ReadonlySet<SessionStatus> = new Set<SessionStatus>(["dosed", "discharged", "completed"]);

export async function fileForm(
  deps: ChangeDeps,
  id: SessionId,
  { form, ...options }: ChangeOptions & { form: Filing },
): Promise<Changed<FiledForm>> {
  return changeSession<FiledForm>(deps, id, { ...options, write: (tx, atHand) => write(tx, atHand, form) });
}

async function write(tx: Tx, { session, now, actor }: SessionAtHand, { by, at }: Filing): Promise<Written<FiledForm>> {
  const { id, clinicId, status, startsAt, dosedAt, formFiledAt, formFiledBy } = session;
  if (!DOSED.has(status))
    return refuse("session.status", status, "a session that is dosed, discharged or completed: no form is filed for others");
  if (at > now) return refuse("at", formatInstant(at), "a moment that has passed");
  const since = dosedAt ?? startsAt;
  if (at < since) return refuse("at", formatInstant(at), `a moment after ${formatInstant(since)}, when the session was dosed`);
  if (formFiledAt === at && formFiledBy === by) return { kind: "same" };
  await writeFormFiled(tx, id, { by, at });
  await closeSettledTasks(tx, [session.patientId]);
  return {
    kind: "written",
    value: { session: toPublicId("session", id), by, at },
    events: [{ kind: "session.form-filed", clinicId, subjectId: id, actor, data: { at: formatInstant(at) } }],
    warnings: [],
  };
}
