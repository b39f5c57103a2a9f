/**
 * Takes, finishes or drops a task of the front desk.
 *
 * Trigger: staff (`task take|done|drop`). Re-checks: the task's state and revision, under its own lock; no plan depends on it. Effect: the change and its event
 * in one transaction; free text is sealed and stays out of the event. A repeat of the same change by the same person stores nothing; whatever else is asked of
 * a task that is closed is refused.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { type LockedTask, lockTask, type TaskChange, writeTask } from "../db/tasks.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { type TaskId, toPublicId } from "../domain/ids.ts";
import { isOpenTask, type TaskOutcome, type TaskState } from "../domain/task.ts";
import { type Refused, refuse } from "./change-facts.ts";

export type TaskDeps = { readonly db: Database; readonly vault: Vault };

export type TaskWish =
  | { readonly kind: "take" }
  /** Takes it from whoever has it. */
  | { readonly kind: "take-over" }
  | { readonly kind: "done"; readonly outcome: TaskOutcome; readonly note: string | null }
  | { readonly kind: "drop"; readonly reason: string };

export type TaskOptions = {
  readonly wish: TaskWish;
  /** Who asks: `staff:<name>`, or the program's own name. */
  readonly actor: string;
  /** The task's revision that the person saw; another one is refused. Null: whatever it is. */
  readonly ifRevision: number | null;
};

export type TaskChanged =
  | { readonly kind: "changed"; readonly state: TaskState; readonly assignee: string | null; readonly revision: number }
  | { readonly kind: "same" }
  | Refused;

export async function changeTask(deps: TaskDeps, id: TaskId, options: TaskOptions): Promise<TaskChanged> {
  return transact(deps.db, (tx) => change(tx, id, { ...options, vault: deps.vault }));
}

type Changing = TaskOptions & { readonly vault: Vault };

async function change(tx: Tx, id: TaskId, changing: Changing): Promise<TaskChanged> {
  const { wish, actor, ifRevision } = changing;
  const task = await lockTask(tx, id);
  if (!task) return refuse("task", toPublicId("task", id), "the id of a task that is stored (afterglow task list)");
  if (isRepeat(task, changing)) return { kind: "same" };
  if (ifRevision !== null && task.revision !== ifRevision)
    return refuse("revision", String(ifRevision), `${task.revision}: the task has changed since it was looked at (afterglow task show)`);
  if (!isOpenTask(task.state))
    return refuse("task", task.state, `a task that is open; this one was closed by ${task.closedBy ?? "nobody"}`);
  if (wish.kind === "take" && task.assignee !== null)
    return refuse("task", task.assignee, "a task that nobody has taken; --over takes it from whoever has it");
  const written = await toChange(tx, task, changing);
  await writeTask(tx, id, written);
  const kind = `task.${written.state}`;
  const data = "outcome" in written ? { outcome: written.outcome } : { from: task.assignee };
  await appendEvents(tx, [{ kind, clinicId: task.clinicId, subjectId: id, actor, data }]);
  const assignee = written.state === "taken" ? written.assignee : task.assignee;
  return { kind: "changed", state: written.state, assignee, revision: task.revision + 1 };
}

/** What is so already is no change, whatever revision was seen. */
function isRepeat({ id, state, assignee, outcome, noteSealed }: LockedTask, { wish, actor, vault }: Changing): boolean {
  if (wish.kind === "take" || wish.kind === "take-over") return state === "taken" && assignee === actor;
  const note = noteSealed && vault.open(noteSealed, placeOfNote(id));
  return wish.kind === "done"
    ? state === "done" && outcome === wish.outcome && note === wish.note
    : state === "dropped" && note === wish.reason;
}

async function toChange(tx: Tx, { id }: LockedTask, { wish, actor, vault }: Changing): Promise<TaskChange> {
  if (wish.kind === "take" || wish.kind === "take-over") return { state: "taken", assignee: actor };
  const { now } = await readClinicTime(tx);
  const text = wish.kind === "done" ? wish.note : wish.reason;
  const noteSealed = text === null ? null : vault.seal(text, placeOfNote(id));
  const closed = { noteSealed, closedBy: actor, closedAt: now };
  return wish.kind === "done" ? { state: "done", outcome: wish.outcome, ...closed } : { state: "dropped", outcome: null, ...closed };
}

/** Where the note of a task stands, for whoever seals or opens it. */
export function placeOfNote(id: TaskId): { table: string; column: string; row: string } {
  return { table: "tasks", column: "note_sealed", row: id };
}
