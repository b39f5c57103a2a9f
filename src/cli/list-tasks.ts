/** `task list`. */
import { readZone } from "../db/clinics.ts";
import { listTasks, MOST_TASKS, type TaskView } from "../db/tasks.ts";
import type { StoreDeps } from "../deps.ts";
import { dayOf } from "../domain/calendar.ts";
import { toLocal } from "../domain/place-in-time.ts";
import type { TaskKind } from "../domain/protocol.ts";
import { isOpenTask, type TaskState } from "../domain/task.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { type Identity, maskChart, revealPatients } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { isOverdue, toTaskFields } from "./task-fields.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ListFlags = {
  readonly clinic?: string;
  readonly state?: TaskState;
  readonly kind?: TaskKind;
  readonly due?: "today" | "overdue";
  readonly assignee?: string;
  readonly reveal?: true;
  readonly actor?: string;
  readonly json?: true;
};

/** Due first. Patients are the end of their chart number, unless `reveal` says otherwise. */
export async function listOpenTasks({ json, ...flags }: ListFlags): Promise<ExitCode> {
  const lines = await withStore((store) => readLines(store, flags));
  if (json) for (const { task, identity } of lines) printJson({ ...toTaskFields(task), ...identity });
  else showAsText(lines);
  if (lines.length >= MOST_TASKS) say(`warning: only the first ${MOST_TASKS} are listed; ask for one clinic or one kind`);
  return EXIT.done;
}

type Line = { readonly task: TaskView; readonly identity: Pick<Identity, "chart"> & Partial<Identity> };

async function readLines(
  store: StoreDeps,
  { clinic: slug, state, kind, due, assignee, reveal, actor }: Omit<ListFlags, "json">,
): Promise<Line[]> {
  const clinic = slug === undefined ? null : await getClinic(store.db, slug);
  const found = await listTasks(store.db, {
    clinicId: clinic?.id ?? null,
    states: state === undefined ? ["open", "taken"] : [state],
    kind: kind ?? null,
    assignee: assignee === undefined ? null : toActor(assignee),
  });
  const tasks = found.filter((task) => due === undefined || isDue(task, due));
  if (!reveal) return tasks.map((task) => ({ task, identity: { chart: maskChart(task, store.vault) } }));
  const identities = await revealPatients(store, tasks, { actor: toActor(actor), where: "task list" });
  return tasks.flatMap((task, index) => (identities[index] ? [{ task, identity: identities[index] }] : []));
}

/** What is overdue is due today as well. */
function isDue(task: TaskView, due: "today" | "overdue"): boolean {
  if (due === "overdue") return isOverdue(task);
  const zone = readZone(task.clinicZone);
  return dayOf(toLocal(zone, task.dueBy)) <= dayOf(toLocal(zone, task.now));
}

function showAsText(lines: readonly Line[]): void {
  const rows = toTable(lines.map(toCells));
  for (const [index, row] of rows.entries()) print(lines[index] && isOverdue(lines[index].task) ? paint.red(row) : row);
  const overdue = lines.filter(({ task }) => isOverdue(task)).length;
  print(lines.length === 0 ? "No tasks." : `${count(lines.length, "task")}${overdue > 0 ? `, ${overdue} overdue` : ""}`);
}

function toCells({ task, identity }: Line): string[] {
  const { clinicZone, dueBy, kind, template, session, state, assignee, outcome, holdCode, id } = task;
  const standing = isOpenTask(state) ? (assignee === null ? state : `taken by ${assignee}`) : [state, outcome].filter(Boolean).join(": ");
  return [
    `due ${sayWhen(readZone(clinicZone), dueBy)}`,
    isOverdue(task) ? "OVERDUE" : "",
    kind,
    template,
    session === null ? "" : `session ${session}`,
    `chart ${identity.chart}`,
    ...(identity.name === undefined ? [] : [identity.name, sayPhone(task, identity)]),
    holdCode === null ? "" : `on hold: ${holdCode}`,
    standing,
    `tsk_${id}`,
  ];
}

/** Of whoever is to be called. */
function sayPhone({ recipient }: TaskView, { phone, escort }: Line["identity"]): string {
  if (recipient === "escort" && escort) return `escort ${escort.name} ${escort.phone ?? "without a phone"}`;
  return phone ?? "no phone";
}
