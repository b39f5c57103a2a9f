/** Tasks: the call list of the front desk. Taken, done with what came of it, or dropped; who was faster is named, and what was typed stays. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findTask, type TaskView } from "../../db/tasks.ts";
import { findClinicById } from "../../db/view-access.ts";
import { countTasks, listTaskPage } from "../../db/view-console-tasks.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, type TaskId, toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { TASK_KINDS } from "../../domain/protocol.ts";
import { TASK_OUTCOMES } from "../../domain/task.ts";
import { changeTask, placeOfNote, type TaskWish } from "../../producers/change-task.ts";
import { readWords } from "../../producers/read-words.ts";
import { writeScript } from "../../producers/write-script.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { cutPage, readListKey } from "./list-page.ts";
import { readCount, readForm, type Typed, typedAs } from "./read-form.ts";
import { withCompanion } from "./open-companion.ts";
import { revealPeople } from "./reveal-people.ts";
import { sayActor } from "./say-change.ts";
import { taskListBody } from "./tasks-list.ts";
import { type TaskPage, taskBody } from "./tasks-page.ts";
import { sayTaskKind, sayTaskOutcome } from "./tasks-words.ts";

const LOOK = requirePermission("tasks.read", { of: "clinic" });
const READ = requirePermission("tasks.read", { of: "task" });
const CHANGE = requirePermission("tasks.change", { of: "task" });
const SHOWN = 50;
const REFRESH_SECONDS = 30;
const LONGEST_NOTE = 1_000;

type Asked = { readonly request: FastifyRequest<{ Params: { task: string } }>; readonly reply: FastifyReply };
type Tried = Pick<TaskPage, "typed" | "faults" | "conflict">;

export function tasksRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/tasks", { config: LOOK }, (request, reply) => showList(deps, request, reply));
    app.get<{ Params: { task: string } }>("/console/tasks/:task", { config: READ }, (request, reply) =>
      showTask(deps, { request, reply }, { typed: typedAs({}), faults: [], conflict: null }),
    );
    for (const verb of ["take", "take-over", "done", "drop"] as const)
      app.post<{ Params: { task: string } }>(`/console/tasks/:task/${verb}`, { config: CHANGE }, (request, reply) =>
        change(deps, { request, reply }, verb),
      );
  };
}

async function showList(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { db } = deps;
  const clinicId = clinicOf(request);
  const query = readForm(request.query);
  const show = query.text("show") === "closed" ? "closed" : "open";
  const kind = TASK_KINDS.find((each) => each === query.text("kind")) ?? null;
  const mine = query.text("mine") === "1" ? "mine" : "all";
  const after = readListKey(query.maybe("after"));
  const wanted = { clinicId, show, kind, assignee: mine === "mine" ? actorOf(request) : null } as const;
  const { shown, next } = cutPage(await listTaskPage(db, wanted, { after, limit: SHOWN + 1 }), SHOWN, ({ order, id }) => [order, id]);
  const people = await revealPeople(deps, request, { rows: shown, where: "console tasks" });
  const tasks = shown.map((task) => ({ ...task, who: people.get(task.patientId) }));
  const { zone } = await findClinicById(db, clinicId);
  const list = {
    show,
    kind,
    mine,
    page: after === null ? "first" : "later",
    zone,
    counts: await countTasks(db, clinicId),
    tasks,
    next,
  } as const;
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Tasks", room: "tasks", refreshSeconds: REFRESH_SECONDS, body: (context) => taskListBody(list, context) },
  );
}

function idOf({ params }: Asked["request"]): TaskId {
  const id = parsePublicId("task", params.task);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

async function getTask({ db }: ConsoleDeps, id: TaskId): Promise<TaskView> {
  const task = await findTask(db, id);
  if (!task) throw new AccessDenied("not-found");
  return task;
}

async function showTask(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const task = await getTask(deps, idOf(request));
  const people = await revealPeople(deps, request, { rows: [task], where: "console task" });
  const page: TaskPage = {
    task,
    who: withCompanion(deps.vault, task, people.get(task.patientId)),
    script: await writeScript(deps, task.id),
    note: task.noteSealed && deps.vault.open(task.noteSealed, placeOfNote(task.id)),
    words: await readWords(deps, task),
    actor: actorOf(request),
    ...tried,
  };
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Task",
      heading: `${sayTaskKind(task.kind)}: ${page.who?.name ?? ""}`,
      room: "tasks",
      status: tried.conflict ? 409 : tried.faults.length > 0 ? 400 : 200,
      body: (context) => taskBody(page, context),
    },
  );
}

type Verb = "take" | "take-over" | "done" | "drop";

async function change(deps: ConsoleDeps, asked: Asked, verb: Verb): Promise<FastifyReply> {
  const { request, reply } = asked;
  const id = idOf(request);
  const typed = readForm(request.body);
  const wish = readWish(typed, verb);
  if ("faults" in wish) return showTask(deps, asked, { typed, faults: wish.faults, conflict: null });
  const result = await changeTask(deps, id, { wish, actor: actorOf(request), ifRevision: readCount(typed.text("revision")) ?? null });
  if (result.kind === "refused") return showTask(deps, asked, { typed, faults: result.faults, conflict: await findConflict(deps, id) });
  if (verb === "take" || verb === "take-over") return reply.redirect(`${deps.basePath}/console/tasks/${toPublicId("task", id)}`, 303);
  const { slug } = await findClinicById(deps.db, clinicOf(request));
  return reply.redirect(deps.basePath + roomPath(slug, "tasks"), 303);
}

/** Who has it now, or closed it, and as what. */
async function findConflict(deps: ConsoleDeps, id: TaskId): Promise<{ by: string; what: string }> {
  const { state, assignee, closedBy, outcome } = await getTask(deps, id);
  if (state === "taken") return { by: sayActor(assignee ?? "somebody"), what: "took this task" };
  if (state === "open") return { by: "Somebody", what: "changed this task" };
  return {
    by: sayActor(closedBy ?? "somebody"),
    what: `closed this task (${outcome === null ? state : sayTaskOutcome(outcome).toLowerCase()})`,
  };
}

function readWish(typed: Typed, verb: Verb): TaskWish | { readonly faults: readonly Fault[] } {
  if (verb === "take" || verb === "take-over") return { kind: verb };
  const name = verb === "done" ? "note" : "reason";
  const text = typed.text(name).replaceAll(/\s+/g, " ");
  const line = text === "" && verb === "done" ? null : parseLine(text, { most: LONGEST_NOTE });
  const outcome = TASK_OUTCOMES.find((each) => each === typed.text("outcome"));
  const faults = [
    ...(line && !line.ok ? [{ path: name, expected: line.expected }] : []),
    ...(verb === "done" && !outcome ? [{ path: "outcome", expected: "what came of it" }] : []),
  ];
  if (faults.length > 0) return { faults };
  const said = line?.ok ? line.value : null;
  if (verb === "done" && outcome) return { kind: "done", outcome, note: said };
  return { kind: "drop", reason: said ?? "" };
}
