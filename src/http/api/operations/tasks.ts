/** Work of the front desk. */
import { z } from "zod";
import { readZone } from "../../../db/clinics.ts";
import { findTask, findTasks, type TaskView } from "../../../db/tasks.ts";
import { listTaskIds } from "../../../db/view-lists.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { isOpenTask, TASK_OUTCOMES, TASK_STATES } from "../../../domain/task.ts";
import { changeTask, placeOfNote, type TaskWish } from "../../../producers/change-task.ts";
import { writeScript } from "../../../producers/write-script.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toWall } from "../../../domain/touchpoint-fields.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import { clinicParam, idText, lineText, momentText, taskParam, toMaybeId, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const task = z
  .strictObject({
    task: idText,
    clinic: z.string(),
    patient: idText,
    series: idText.nullable(),
    session: idText.nullable(),
    touchpoint: idText.nullable(),
    kind: z.string(),
    template: z.string(),
    importance: z.string(),
    state: z.enum(TASK_STATES),
    openedAt: momentText,
    dueBy: momentText,
    dueLocal: z.string(),
    overdue: z.boolean(),
    assignee: z.string().nullable(),
    outcome: z.string().nullable(),
    closedAt: momentText.nullable(),
    closedBy: z.string().nullable(),
    onHold: z.string().nullable(),
    revision: z.int(),
  })
  .meta({ id: "Task" });

function toTask(view: TaskView): z.output<typeof task> {
  const { kind, template, importance, state, assignee, outcome, closedBy, revision, clinic, holdCode } = view;
  return {
    task: toPublicId("task", view.id),
    clinic,
    patient: toPublicId("patient", view.patientId),
    series: toMaybeId("series", view.seriesId),
    session: toMaybeId("session", view.sessionId),
    touchpoint: toMaybeId("touchpoint", view.touchpointId),
    kind,
    template,
    importance,
    state,
    openedAt: toMoment(view.openedAt),
    dueBy: toMoment(view.dueBy),
    dueLocal: toWall(readZone(view.clinicZone), view.dueBy),
    overdue: isOpenTask(state) && view.dueBy < view.now,
    assignee,
    outcome,
    closedAt: toMaybeMoment(view.closedAt),
    closedBy,
    onHold: holdCode,
    revision,
  };
}

type TaskVerb = { readonly verb: string; readonly summary: string; readonly body: z.ZodType<TaskWish> };

const TASK_VERBS: readonly TaskVerb[] = [
  {
    verb: "take",
    summary: "Take a task, so that nobody else does it too; a repeat changes nothing",
    body: z
      .strictObject({ over: z.boolean().default(false).meta({ description: "From whoever has it." }) })
      .transform(({ over }): TaskWish => ({ kind: over ? "take-over" : "take" })),
  },
  {
    verb: "done",
    summary: "Close a task with what came of it; final, a repeat changes nothing",
    body: z
      .strictObject({ outcome: z.enum(TASK_OUTCOMES), note: lineText(500, "brings her sister").optional() })
      .transform(({ outcome, note }): TaskWish => ({ kind: "done", outcome, note: note ?? null })),
  },
  {
    verb: "drop",
    summary: "Close a task that need not be done; final, a repeat changes nothing",
    body: z
      .strictObject({ reason: lineText(500, "has moved to another clinic") })
      .transform(({ reason }): TaskWish => ({ kind: "drop", reason })),
  },
];

const changingTasks = TASK_VERBS.map(({ verb, summary, body }) =>
  operation({
    ...bare,
    id: `tasks.${verb}`,
    method: "POST",
    path: `/tasks/{task}/${verb}`,
    summary,
    command: `task ${verb}`,
    access: requirePermission("tasks.change", { of: "task" }).access,
    ifMatch: true,
    params: taskParam,
    body,
    answer: z.union([
      z.strictObject({ kind: z.literal("changed"), state: z.enum(TASK_STATES), assignee: z.string().nullable(), revision: z.int() }),
      z.strictObject({ kind: z.literal("same") }),
    ]),
  })(async (deps, { params, body: wish, options: { actor, ifRevision } }) => {
    const result = await changeTask(deps, params.task, { wish, actor, ifRevision });
    if (result.kind === "refused") throw toProblem(result.faults);
    return result.kind === "same" ? { body: result } : { body: result, revision: result.revision };
  }),
);

export const tasks: readonly Operation[] = [
  operation({
    ...bare,
    id: "tasks.list",
    method: "GET",
    path: "/clinics/{clinic}/tasks",
    summary: "List a clinic's tasks, due first; no name and no phone",
    command: "task list",
    access: requirePermission("tasks.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({
      ...pagedBy("moment"),
      state: z.enum(TASK_STATES).optional(),
      kind: z
        .string()
        .max(40)
        .regex(/^[a-z-]+$/)
        .optional(),
    }),
    answer: pageOf(task),
  })(async ({ db }, { query: { limit, after, state, kind }, request }) => {
    const filter = { clinicId: clinicOf(request), states: state === undefined ? ["open", "taken"] : [state], kind: kind ?? null };
    const ids = await listTaskIds(db, filter, { after: after ?? null, limit: limit + 1 });
    const { entries, next } = toPage(ids, { limit, keyOf: ({ order, id }) => [order, id], toEntry: ({ id }) => id });
    return { body: { entries: (await findTasks(db, entries)).map(toTask), next } };
  }),
  operation({
    ...bare,
    id: "tasks.show",
    method: "GET",
    path: "/tasks/{task}",
    summary: "Show a task with the patient's name and phone, and what to say",
    command: "task show",
    access: requirePermission("tasks.read", { of: "task", reads: "task.read" }).access,
    params: taskParam,
    answer: task.extend({
      chart: z.string(),
      name: z.string(),
      phone: z.string().nullable(),
      escort: z.strictObject({ name: z.string(), phone: z.string().nullable() }).nullable(),
      script: z.strictObject({ title: z.string(), text: z.string() }).nullable(),
      note: z.string().nullable(),
    }),
  })(async (deps, { params }) => {
    const view = await findTask(deps.db, params.task);
    if (!view) throw new ApiProblem(404);
    const open = (table: string, column: string, sealed: Buffer) => deps.vault.open(sealed, { table, column, row: view.patientId });
    const script = await writeScript(deps, view.id);
    const body = {
      ...toTask(view),
      chart: open("patients", "ref_sealed", view.refSealed),
      name: open("patients", "name_sealed", view.nameSealed),
      phone: view.phoneSealed && open("patients", "phone_sealed", view.phoneSealed),
      escort: view.escortNameSealed && {
        name: open("escorts", "name_sealed", view.escortNameSealed),
        phone: view.escortPhoneSealed && open("escorts", "phone_sealed", view.escortPhoneSealed),
      },
      script: script.kind === "unwritten" ? null : { title: script.title, text: script.script },
      note: view.noteSealed && deps.vault.open(view.noteSealed, placeOfNote(view.id)),
    };
    return { body, revision: view.revision };
  }),
  ...changingTasks,
];
