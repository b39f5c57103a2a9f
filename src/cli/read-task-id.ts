/** A task's id as somebody typed it. */
import { parsePublicId, type TaskId } from "../domain/ids.ts";
import { UsageError } from "./failures.ts";

/** Throws {@link UsageError} for anything else. */
export function readTaskId(text: string): TaskId {
  const id = parsePublicId("task", text);
  if (id) return id;
  throw new UsageError(`${text}: expected the id of a task, such as tsk_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow task list).`);
}
