/** `task show`: everything that whoever does a task needs before them. */
import { readZone } from "../db/clinics.ts";
import { findTask, type TaskView } from "../db/tasks.ts";
import type { StoreDeps } from "../deps.ts";
import { isOpenTask } from "../domain/task.ts";
import { placeOfNote } from "../producers/change-task.ts";
import { readWords } from "../producers/read-words.ts";
import { type Script, writeScript } from "../producers/write-script.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { sayState } from "../producers/explain-conditions.ts";
import { Refusal } from "./failures.ts";
import { readTaskId } from "./read-task-id.ts";
import { type Identity, revealPatients } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { isOverdue, toTaskFields } from "./task-fields.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ShowFlags = { readonly actor?: string; readonly json?: true };

/** Names the patient, and gives the phone: that is what it is for. The audit keeps who looked. */
export async function showTask(text: string, { actor, json }: ShowFlags): Promise<ExitCode> {
  const id = readTaskId(text);
  const shown = await withStore(async (store) => {
    const task = await findTask(store.db, id);
    return task && read(store, task, toActor(actor));
  });
  if (!shown) throw new Refusal([{ path: "task", value: text, expected: "the id of a task that is stored" }], "nothing to show");
  if (json) printJson(toJson(shown));
  else showAsText(shown);
  return EXIT.done;
}

type Shown = {
  readonly task: TaskView;
  readonly identity: Identity;
  readonly script: Script;
  readonly note: string | null;
  readonly words: string | null;
};

async function read(store: StoreDeps, task: TaskView, actor: string): Promise<Shown> {
  const [identity] = await revealPatients(store, [task], { actor, where: "task show" });
  if (!identity) throw new Error(`Task ${task.id} has lost its patient`);
  const note = task.noteSealed && store.vault.open(task.noteSealed, placeOfNote(task.id));
  return { task, identity, script: await writeScript(store, task.id), note, words: await readWords(store, task) };
}

function toJson({ task, identity, script, note, words }: Shown) {
  return { ...toTaskFields(task), ...identity, known: Object.fromEntries(listKnown(task)), script, note, words };
}

function showAsText({ task, identity, script, note, words }: Shown): void {
  const { kind, state, assignee, outcome, clinicZone, dueBy } = task;
  const standing = isOpenTask(state) && assignee !== null ? `taken by ${assignee}` : [state, outcome].filter(Boolean).join(": ");
  print(`${paint.bold(`tsk_${task.id}`)}  ${kind}, ${standing}, revision ${task.revision}`);
  const due = `due ${sayWhen(readZone(clinicZone), dueBy)} ${clinicZone}`;
  print(isOverdue(task) ? paint.red(`${due}, OVERDUE`) : due);
  if (task.holdCode !== null) print(paint.red(`The patient is on hold (${task.holdCode}): ask before you call.`));
  print();
  const rows: [string, string][] = [
    ["patient", `${identity.name}, chart ${identity.chart}`],
    ["phone", identity.phone ?? "none is stored"],
    ["companion", sayCompanion(identity)],
    ...listKnown(task),
    ...(words === null ? [] : [["wrote", words.replaceAll("\n", " / ")] satisfies [string, string]]),
    ...(note === null ? [] : [["note", note] satisfies [string, string]]),
  ];
  for (const line of toTable(rows)) print(line);
  print();
  if (script.kind === "unwritten") return print(`There is no script: it lacks ${script.missing}.`);
  print(paint.bold(script.title));
  if (script.script) print(`\n${script.script}`);
}

/** What is known without asking, each in a few words. */
function listKnown(task: TaskView): [string, string][] {
  const { patientZone, patientLocale, now, session, sessionStatus, sessionStartsAt, sessionZone, watched } = task;
  const known: [string, string][] = [
    ["patient's time", `${sayWhen(readZone(patientZone), now)} ${patientZone}, speaks ${LANGUAGES[patientLocale] ?? patientLocale}`],
  ];
  if (session !== null && sessionStartsAt !== null && sessionZone !== null)
    known.push(["session", `${session}, ${sessionStatus}, ${sayWhen(readZone(sessionZone), sessionStartsAt)} ${sessionZone}`]);
  if (watched) known.push(["watched", "silence from this patient matters: tell the clinician when nobody answers"]);
  const why = whyItIsHere(task);
  if (why !== null) known.push(["why", why]);
  return known;
}

function sayCompanion({ escort, forVisit }: Identity): string {
  if (forVisit) return `${forVisit.name}, ${forVisit.phone ?? "no phone is stored"}, named for this visit by the patient`;
  return escort ? `${escort.name}, ${escort.phone ?? "no phone is stored"}` : "nobody is named";
}

const LANGUAGES: Readonly<Record<string, string>> = { en: "English", es: "Spanish" };

function whyItIsHere({ rule, touchpointState: state, touchpointReason: reason }: TaskView): string | null {
  if (rule === null || state === null) return null;
  return state === "tasked" ? `rule ${rule}` : `rule ${rule} could not speak. ${sayState({ state, reason, channel: "email" })}`;
}
