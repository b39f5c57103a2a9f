/** One task: whom to call and what to say, with what is known beside it, and how it ends. */
import { readZone } from "../../db/clinics.ts";
import type { TaskView } from "../../db/tasks.ts";
import type { Fault } from "../../domain/fault.ts";
import { toPublicId } from "../../domain/ids.ts";
import { isOpenTask, TASK_OUTCOMES } from "../../domain/task.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { sayState } from "../../producers/explain-conditions.ts";
import type { Script } from "../../producers/write-script.ts";
import { html, type Html } from "../html.ts";
import { csrfForm } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { facts, notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import type { Typed } from "./read-form.ts";
import type { Named } from "./reveal-people.ts";
import { sayActor, sayRule, withoutCommands } from "./say-change.ts";
import { clockAt, moment } from "./say-moment.ts";
import { saySpan } from "./say-span.ts";
import { sayTaskKind, sayTaskOutcome, TASK_OUTCOME_WORDS } from "./tasks-words.ts";

export type TaskPage = {
  readonly task: TaskView;
  readonly who: Named | undefined;
  readonly script: Script;
  readonly note: string | null;
  /** What the patient wrote with the answer that made it. */
  readonly words: string | null;
  readonly actor: string;
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  /** Who changed it while it was looked at. */
  readonly conflict: { readonly by: string; readonly what: string } | null;
};

export function taskBody(page: TaskPage, context: ConsoleContext): Html {
  const { task, conflict } = page;
  const mayChange = context.mayDo("tasks.change") && isOpenTask(task.state);
  return html`${conflict ? sayConflict(conflict) : null}${calls(page)}<div class="columns wide-left">
<div class="stack">${scriptOf(page)}${mayChange ? ending(page, context) : closedNote(page)}</div>
<div class="stack">${about(page, context)}</div></div>`;
}

function sayConflict({ by, what }: { by: string; what: string }): Html {
  return notice(
    "warn",
    html`<p><strong>${by} ${what} while you had it open.</strong> Nothing of yours was stored; what you typed still stands below.</p>`,
  );
}

function calls({ task: { recipient, holdCode }, who }: TaskPage): Html {
  const people = [
    ...(recipient === "escort" ? [] : [{ words: "the patient", phone: who?.phone ?? null }]),
    ...(who?.escort ? [{ words: `${who.escort.name} (driver)`, phone: who.escort.phone }] : []),
  ].flatMap(({ words, phone }) =>
    phone === null
      ? []
      : [
          html`<a class="button call" href="tel:${phone}"><span>Call ${words}</span> <span class="nowrap">${toNationalPhone(phone)}</span></a>`,
        ],
  );
  return html`${holdCode === null ? null : notice("bad", html`<p>The patient is on hold (${holdCode}): ask before you call.</p>`)}<div class="calls">${people}</div>${people.length === 0 ? notice("plain", html`<p>No phone is stored: look into the chart.</p>`) : null}`;
}

function scriptOf({ script, words }: TaskPage): Html {
  const said = words === null ? null : html`<h3>What they wrote</h3><blockquote>${words}</blockquote>`;
  if (script.kind === "unwritten")
    return panel("Script", html`<div class="body">${said}<p class="quiet">There is no script: it lacks ${script.missing}.</p></div>`);
  return panel(script.title, html`<div class="body">${said}<p class="script">${script.script}</p></div>`);
}

const LANGUAGES: { readonly [locale: string]: string } = { en: "English", es: "Spanish" };

function about({ task, who }: TaskPage, context: ConsoleContext): Html {
  const {
    id,
    patientId,
    patientZone,
    patientLocale,
    now,
    session,
    sessionStatus,
    sessionStartsAt,
    sessionZone,
    dueBy,
    openedAt,
    state,
    watched,
  } = task;
  const zone = readZone(task.clinicZone);
  const isLate = isOpenTask(state) && dueBy < now;
  const rows = facts([
    [
      "Due",
      html`${isLate ? html`<span class="late">overdue by ${saySpan((now - dueBy) / 1000)}</span>, ` : null}${moment(zone, dueBy, now)}`,
    ],
    ["State", standing(task)],
    [
      "Patient",
      html`<a href="${context.basePath}/console/patients/${toPublicId("patient", patientId)}">${who?.name ?? ""}</a> <span class="quiet">${who?.chart ?? ""}</span>`,
    ],
    ["Their clock", `${clockAt(readZone(patientZone), now)}, ${patientZone}; speaks ${LANGUAGES[patientLocale] ?? patientLocale}`],
    ["Driver", who?.escort ? `${who.escort.name}${who.escort.phone === null ? ", no phone" : ""}` : "nobody is named"],
    [
      "Visit",
      session === null || sessionStartsAt === null
        ? null
        : html`${session}, ${sessionStatus ?? ""} <span class="quiet">${moment(readZone(sessionZone ?? task.clinicZone), sessionStartsAt, now)}</span>`,
    ],
    ["Watched", watched ? "yes: tell the clinician when nobody answers" : null],
    ["Why it is here", why(task)],
    ["Opened", html`<span class="quiet">${moment(zone, openedAt, now)}</span>`],
  ]);
  const take = context.mayDo("tasks.change") && isOpenTask(state) ? takes(task, context) : null;
  return panel(sayTaskKind(task.kind), html`<div class="body" id="${toPublicId("task", id)}">${rows}${take}</div>`);
}

function standing({ state, assignee }: TaskView): Html {
  if (state === "taken") return pill("blue", `${sayActor(assignee ?? "somebody")} has it`);
  return pill(state === "open" ? "amber" : "plain", state === "open" ? "nobody has it" : state);
}

function why({ rule, touchpointState: state, touchpointReason: reason }: TaskView): string | null {
  if (rule === null || state === null) return null;
  return state === "tasked"
    ? `The protocol asks for it: ${sayRule(rule).toLowerCase()}.`
    : `${sayRule(rule)} could not be sent. ${withoutCommands(sayState({ state, reason, channel: "email" }))}`;
}

function takes({ id, state, revision, assignee }: TaskView, context: ConsoleContext): Html {
  const form = (verb: string, words: string) =>
    csrfForm(context, {
      action: `/console/tasks/${toPublicId("task", id)}/${verb}`,
      body: html`<input type="hidden" name="revision" value="${revision}"><button>${words}</button>`,
    });
  return state === "open" ? form("take", "Take it") : form("take-over", `Take it over from ${sayActor(assignee ?? "somebody")}`);
}

function ending({ task: { id, revision }, typed, faults, conflict }: TaskPage, context: ConsoleContext): Html {
  const fields = formFields(typed, conflict ? [] : faults);
  const action = (verb: string) => `/console/tasks/${toPublicId("task", id)}/${verb}`;
  const kept = html`<input type="hidden" name="revision" value="${revision}">`;
  const outcome = fields.radios(
    "outcome",
    "What came of it",
    TASK_OUTCOMES.map((value) => ({ value, label: TASK_OUTCOME_WORDS[value] })),
  );
  const note = fields.area("note", "Note", { hint: "Kept sealed.", rows: 2 });
  const done = csrfForm(context, {
    action: action("done"),
    name: "form",
    body: html`${kept}${outcome}${note}<button class="first">Done</button>`,
  });
  const reason = fields.text("reason", "Why it need not be done", { required: true });
  const drop = csrfForm(context, {
    action: action("drop"),
    name: "form",
    body: html`${kept}${reason}<button class="danger">Drop it</button>`,
  });
  return panel(
    "How it ends",
    html`<div class="body">${fields.rest()}${done}<details${typed.text("reason") === "" ? null : html` open`}><summary>It need not be done</summary>${drop}</details></div>`,
  );
}

/** Somebody else was faster, and the task takes no note any more: what was typed can be copied. */
function kept({ typed }: TaskPage): Html | null {
  const text = typed.text("note") || typed.text("reason");
  if (text === "") return null;
  return html`<div class="field"><label for="kept">What you typed</label><p class="hint" id="kept-hint">It is stored nowhere: copy it to where it belongs.</p><textarea id="kept" readonly rows="3" aria-describedby="kept-hint">${text}</textarea></div>`;
}

function closedNote(page: TaskPage): Html | null {
  const { task, note } = page;
  if (isOpenTask(task.state)) return null;
  const { outcome, closedBy, closedAt, now } = task;
  const rows = facts([
    ["Outcome", outcome === null ? task.state : sayTaskOutcome(outcome)],
    [
      "Closed",
      closedAt === null
        ? null
        : html`${moment(readZone(task.clinicZone), closedAt, now)}${closedBy === null ? null : html` by ${sayActor(closedBy)}`}`,
    ],
    ["Note", note],
  ]);
  return panel("What came of it", html`<div class="body">${rows}${kept(page)}</div>`);
}
