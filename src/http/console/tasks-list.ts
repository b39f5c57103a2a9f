/** The call list: what is due first stands on top, with a number to tap. */
import type { ListedTask, TaskCount } from "../../db/view-console-tasks.ts";
import { toPublicId } from "../../domain/ids.ts";
import { readZone } from "../../db/clinics.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { isOpenTask } from "../../domain/task.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, pill } from "./console-parts.ts";
import { pageLinks, tabs } from "./list-page.ts";
import type { Named } from "./reveal-people.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { saySpan } from "./say-span.ts";
import { sayTask, sayTaskKind, sayTaskOutcome } from "./tasks-words.ts";

export type TaskList = {
  readonly show: "open" | "closed";
  readonly kind: string | null;
  readonly mine: "mine" | "all";
  readonly page: "first" | "later";
  readonly zone: Zone;
  readonly counts: readonly TaskCount[];
  readonly tasks: readonly (ListedTask & { readonly who: Named | undefined })[];
  readonly next: string | null;
};

export function taskListBody(list: TaskList, context: ConsoleContext): Html {
  const { tasks, page, next } = list;
  const rows = html`<div class="panel"><ul class="rows tasks">${tasks.map((task) => taskRow(task, list, context))}</ul></div>`;
  return html`${filters(list, context)}${tasks.length === 0 ? nothing(list) : rows}${pageLinks(pathOf(list, context), next, page)}`;
}

type Chosen = Pick<TaskList, "show" | "kind" | "mine">;

function pathOf({ show, kind, mine }: Chosen, { basePath, clinic }: ConsoleContext): string {
  const query = new URLSearchParams({
    ...(show === "closed" && { show }),
    ...(kind !== null && { kind }),
    ...(mine === "mine" && { mine: "1" }),
  }).toString();
  return `${basePath}${roomPath(clinic.slug, "tasks")}${query === "" ? "" : `?${query}`}`;
}

function filters(list: TaskList, context: ConsoleContext): Html {
  const { counts, show, kind, mine } = list;
  const all = counts.reduce((sum, { open }) => sum + open, 0);
  const late = counts.reduce((sum, { overdue }) => sum + overdue, 0);
  const views = tabs("Which tasks", [
    {
      href: pathOf({ show: "open", kind: null, mine: "all" }, context),
      label: "All open",
      isHere: show === "open" && kind === null && mine === "all",
      count: all,
    },
    { href: pathOf({ show: "open", kind: null, mine: "mine" }, context), label: "Mine", isHere: show === "open" && mine === "mine" },
    ...counts.map((each) => ({
      href: pathOf({ show: "open", kind: each.kind, mine: "all" }, context),
      label: sayTaskKind(each.kind),
      isHere: show === "open" && kind === each.kind,
      count: each.open,
    })),
    { href: pathOf({ show: "closed", kind: null, mine: "all" }, context), label: "Closed", isHere: show === "closed" },
  ]);
  return html`${views}${late > 0 && show === "open" ? html`<p><span class="late">${late} overdue</span> <span class="quiet">of ${all}. Due times are counted in the hours in which the clinic answers its phone.</span></p>` : null}`;
}

function nothing({ show, mine, kind }: TaskList): Html {
  if (show === "closed") return empty("Nothing was closed yet", "What was done stands here, with what came of it.");
  if (mine === "mine") return empty("You have taken nothing", "Take a task from the list, so that nobody else calls too.");
  return kind === null
    ? empty("Nothing is to be done", "Calls, forms and questions that a person has to settle appear here, due first.")
    : empty("None of this kind", "Look at all that is open.");
}

function taskRow(task: TaskList["tasks"][number], { zone, show }: TaskList, context: ConsoleContext): Html {
  const { id, kind, template, session, sessionStartsAt, sessionZone, importance, holdCode, watched, now, recipient } = task;
  const visit =
    session === null || sessionStartsAt === null
      ? null
      : html`, visit ${session} <span class="quiet">${moment(readZone(sessionZone ?? task.clinicZone), sessionStartsAt, now)}</span>`;
  return html`<li id="${toPublicId("task", id)}"><p class="when">${show === "open" ? due(task, zone) : closedAt(task, zone)}</p>
<div class="main"><p><a href="${context.basePath}/console/tasks/${toPublicId("task", id)}"><strong>${sayTask(kind, template)}</strong></a>${importance === "critical" ? html` ${pill("red", "critical")}` : null}${holdCode === null ? null : html` ${pill("amber", `on hold: ${holdCode}`)}`}${watched ? html` ${pill("blue", "watched")}` : null}</p>
<p>${task.who?.name ?? ""} <span class="quiet">${task.who?.chart ?? ""}</span>${visit}</p></div>
<p class="state small">${phoneOf(task.who, recipient)}${standing(task)}</p>
${task.state === "open" && context.mayDo("tasks.change") ? take(task, context) : null}</li>`;
}

function due({ dueBy, now, state }: ListedTask, zone: Zone): Html {
  const isLate = isOpenTask(state) && dueBy < now;
  return isLate
    ? html`<span class="late">overdue</span> <span class="small quiet">by ${saySpan((now - dueBy) / 1000)}</span>`
    : html`<span class="quiet">by</span> ${moment(zone, dueBy, now)}`;
}

function closedAt({ closedAt: at, now }: ListedTask, zone: Zone): Html {
  return html`<span class="quiet">${at === null ? "" : moment(zone, at, now)}</span>`;
}

function phoneOf(who: Named | undefined, recipient: string | null): Html | null {
  const person = recipient === "escort" ? who?.escort : who;
  if (!person) return null;
  const whom = recipient === "escort" ? html`${person.name} ` : null;
  return person.phone === null
    ? html`${whom}<span class="quiet">no phone</span> `
    : html`${whom}<a href="tel:${person.phone}">${toNationalPhone(person.phone)}</a> `;
}

function standing({ state, assignee, outcome, closedBy }: ListedTask): Html | null {
  if (state === "open") return null;
  if (state === "taken") return pill("blue", `${sayActor(assignee ?? "somebody")} has it`);
  const what = state === "dropped" ? "dropped" : outcome === null ? state : sayTaskOutcome(outcome);
  return html`${pill("plain", what)}${closedBy === null ? null : html` <span class="quiet">${sayActor(closedBy)}</span>`}`;
}

function take({ id, revision }: ListedTask, context: ConsoleContext): Html {
  const body = html`<input type="hidden" name="revision" value="${revision}"><button>Take<span class="hidden"> this task</span></button>`;
  return csrfForm(context, { action: `/console/tasks/${toPublicId("task", id)}/take`, name: "take", body });
}
