/** `task take`, `task done` and `task drop`. */
import { type TaskId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import type { TaskOutcome } from "../domain/task.ts";
import { changeTask, type TaskChanged, type TaskWish } from "../producers/change-task.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { readTaskId } from "./read-task-id.ts";
import { print, printJson } from "./terminal.ts";
import { withStore } from "./with-store.ts";

type Flags = { readonly ifRevision?: string; readonly actor?: string; readonly json?: true };
export type TakeFlags = Flags & { readonly over?: true };
export type DoneFlags = Flags & { readonly outcome: TaskOutcome; readonly note?: string };
export type DropFlags = Flags & { readonly reason: string };

export async function takeTask(text: string, { over, ...flags }: TakeFlags): Promise<ExitCode> {
  return change(text, { kind: over ? "take-over" : "take" }, flags);
}

export async function finishTask(text: string, { outcome, note, ...flags }: DoneFlags): Promise<ExitCode> {
  return change(text, { kind: "done", outcome, note: note === undefined ? null : readText("--note", note) }, flags);
}

export async function dropTask(text: string, { reason, ...flags }: DropFlags): Promise<ExitCode> {
  return change(text, { kind: "drop", reason: readText("--reason", reason) }, flags);
}

const LONGEST_TEXT = 1_000;

function readText(option: string, text: string): string {
  const reading = parseLine(text, { most: LONGEST_TEXT });
  if (!reading.ok) throw new UsageError(`${option}: expected ${reading.expected}.`);
  return reading.value;
}

async function change(text: string, wish: TaskWish, { ifRevision, actor, json }: Flags): Promise<ExitCode> {
  const id = readTaskId(text);
  if (ifRevision !== undefined && !/^\d{1,9}$/.test(ifRevision))
    throw new UsageError(`--if-revision ${ifRevision}: expected the revision that task show prints, such as 1.`);
  const options = { wish, actor: toActor(actor), ifRevision: ifRevision === undefined ? null : Number(ifRevision) };
  const result = await withStore((store) => changeTask(store, id, options));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ task: toPublicId("task", id), ...result });
  else print(sayResult(id, result));
  return EXIT.done;
}

function sayResult(id: TaskId, result: Exclude<TaskChanged, { kind: "refused" }>): string {
  if (result.kind === "same") return "That is how it is already; nothing was stored.";
  const { state, assignee, revision } = result;
  return `${toPublicId("task", id)} is ${state === "taken" ? `taken by ${assignee}` : state}; it is at revision ${revision}.`;
}
