/** `afterglow task …` */
import { type Command, Option } from "commander";
import type { TaskKind } from "../domain/protocol.ts";
import { TASK_OUTCOMES, TASK_STATES } from "../domain/task.ts";
import { declare, end } from "./declare.ts";
import type { DropFlags, DoneFlags, TakeFlags } from "./change-task.ts";
import type { ListFlags } from "./list-tasks.ts";
import type { ShowFlags } from "./show-task.ts";

const ID = "tsk_0197c3a4-5a1e-7c00-8f00-0123456789ab";

/** As `TASK_KINDS` of the protocol, which is loaded only when a command runs; a test compares the two. */
export const KINDS = [
  "call",
  "record-outcome",
  "find-driver",
  "file-form",
  "review",
  "settle-unknown",
  "verify",
  "reply",
  "survey",
  "decide",
  "tell-system",
] as const satisfies readonly TaskKind[];

export function declareTaskCommands(program: Command): void {
  const task = declare(program, {
    usage: "task",
    does: "The front desk's work: calls, outcomes to record, drivers to find, forms to file",
    examples: ["task list --clinic aspen-ridge --due today", `task show ${ID}`, `task done ${ID} --outcome reached`],
  });
  declareReading(task);
  declareChanging(task);
}

function declareReading(task: Command): void {
  declare(task, {
    usage: "list",
    does: "List tasks, due first; patients by the end of their chart number, unless told to reveal them",
    examples: ["task list", "task list --clinic aspen-ridge --kind call --due today", 'task list --assignee "Maria Lopez" --reveal --json'],
  })
    .option("--clinic <slug>", "of this clinic only")
    .addOption(new Option("--state <state>", "in this state only, instead of all that wait").choices(TASK_STATES))
    .addOption(new Option("--kind <kind>", "of this kind only").choices(KINDS))
    .addOption(new Option("--due <when>", "due by the end of the clinic's day, or overdue").choices(["today", "overdue"]))
    .option("--assignee <name>", "taken by this person")
    .option("--reveal", "with chart number, name and phone; the audit keeps who looked")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object a task")
    .action(async (options: ListFlags) => end(await (await import("./list-tasks.ts")).listOpenTasks(options)));
  declare(task, {
    usage: "show <id>",
    does: "Show a task with the patient's phone, what is known, and what to say; the audit keeps who looked",
    examples: [`task show ${ID}`, `task show ${ID} --actor "Maria Lopez" --json`],
  })
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (id: string, options: ShowFlags) => end(await (await import("./show-task.ts")).showTask(id, options)));
}

function declareChanging(task: Command): void {
  const change = (command: Command) =>
    command
      .option("--if-revision <number>", "refuse when the task has changed since it was looked at (task show prints its revision)")
      .option("--json", "print one object");
  change(
    declare(task, {
      usage: "take <id>",
      does: "Take a task, so that nobody else does it too; a repeat changes nothing",
      examples: [`task take ${ID} --actor "Maria Lopez"`, `task take ${ID} --actor "Maria Lopez" --over`],
    })
      .requiredOption("--actor <name>", "who takes it")
      .option("--over", "from whoever has it"),
  ).action(async (id: string, options: TakeFlags) => end(await (await import("./change-task.ts")).takeTask(id, options)));
  change(
    declare(task, {
      usage: "done <id>",
      does: "Close a task with what came of it; final, a repeat changes nothing",
      examples: [
        `task done ${ID} --outcome voicemail`,
        `task done ${ID} --outcome reached --note "brings her sister" --actor "Maria Lopez"`,
      ],
    })
      .addOption(new Option("--outcome <outcome>", "what came of it").choices(TASK_OUTCOMES).makeOptionMandatory())
      .option("--note <text>", "what was said; kept encrypted")
      .option("--actor <name>", "who did it, for the audit"),
  ).action(async (id: string, options: DoneFlags) => end(await (await import("./change-task.ts")).finishTask(id, options)));
  change(
    declare(task, {
      usage: "drop <id>",
      does: "Close a task that need not be done; final, a repeat changes nothing",
      examples: [`task drop ${ID} --reason "has moved to another clinic"`],
    })
      .requiredOption("--reason <text>", "why not; kept encrypted")
      .option("--actor <name>", "who says so, for the audit"),
  ).action(async (id: string, options: DropFlags) => end(await (await import("./change-task.ts")).dropTask(id, options)));
}
