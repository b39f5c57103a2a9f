/** A task as programs read it. Opaque: no name, no phone, no note. */
import { readZone } from "../db/clinics.ts";
import type { TaskView } from "../db/tasks.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type PublicKind, toPublicId } from "../domain/ids.ts";
import { isOpenTask } from "../domain/task.ts";
import { toWall } from "../domain/touchpoint-fields.ts";

/** Whether it still waits and its time is over. */
export function isOverdue({ state, dueBy, now }: Pick<TaskView, "state" | "dueBy" | "now">): boolean {
  return isOpenTask(state) && dueBy < now;
}

/** Instants in UTC, ISO 8601; `dueLocal` is on the clinic's wall. */
export function toTaskFields(task: TaskView) {
  const { kind, template, importance, state, assignee, outcome, closedBy, revision, clinic, session, sessionStatus, holdCode } = task;
  return {
    task: toPublicId("task", task.id),
    clinic,
    patient: toPublicId("patient", task.patientId),
    series: maybeId("series", task.seriesId),
    session: maybeId("session", task.sessionId),
    sessionNumber: session,
    sessionStatus,
    touchpoint: maybeId("touchpoint", task.touchpointId),
    kind,
    template,
    importance,
    state,
    openedAt: formatInstant(task.openedAt),
    dueBy: formatInstant(task.dueBy),
    dueLocal: toWall(readZone(task.clinicZone), task.dueBy),
    overdue: isOverdue(task),
    assignee,
    outcome,
    closedAt: maybeAt(task.closedAt),
    closedBy,
    onHold: holdCode,
    revision,
  };
}

function maybeAt(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

function maybeId(kind: PublicKind, id: string | null): string | null {
  return id === null ? null : toPublicId(kind, id);
}
