/** Every message that a new series would send, as it would read, and the button that enqueues exactly that. */
import type { Instant } from "../../domain/calendar.ts";
import { countTextsPerWeek } from "../../domain/texts-per-week.ts";
import type { ResolvedSession } from "../../domain/resolve-sessions.ts";
import { sayReason } from "../../producers/explain-conditions.ts";
import type { PreviewedMessage } from "../../producers/preview-messages.ts";
import { html, type Html } from "../html.ts";
import { capital } from "./change-room.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, pill } from "./console-parts.ts";
import type { Typed } from "./read-form.ts";
import { sayAddressee, sayRule, withoutCommands } from "./say-change.ts";
import { moment, sayDate } from "./say-moment.ts";

export type SeriesPreview = {
  readonly typed: Typed;
  readonly patientName: string;
  readonly messages: readonly PreviewedMessage[];
  readonly sessions: readonly ResolvedSession[];
  readonly warnings: readonly string[];
  readonly now: Instant;
  readonly undoMinutes: number;
};

export function noPreview(): Html {
  return html`<section class="panel" id="preview" aria-label="Preview" aria-live="polite">${empty("Nothing to show yet", "Every message stands here, in the patient's language and local time, before anything is stored.")}</section>`;
}

const NOISE = new Set(["merged", "already-told", "past", "newer-stage", "no-outcome"]);
/** What a page can carry; whoever needs more sees it on the patient's page. */
const SHOWN = 120;

export function seriesPreview(preview: SeriesPreview, context: ConsoleContext): Html {
  const { messages, sessions, warnings, now } = preview;
  const letters = messages.filter(({ row: { channel, reason } }) => channel !== "task" && !NOISE.has(reason ?? ""));
  const tasks = messages.filter(({ row: { channel, state } }) => channel === "task" && state !== "suppressed").length;
  const sent = letters.filter(({ row: { state } }) => state !== "suppressed").length;
  const told = warnings.map((warning) => notice("warn", html`<p>${capital(withoutCommands(warning))}.</p>`));
  const more = letters.length - SHOWN;
  return html`<section class="panel" id="preview" aria-label="Preview" aria-live="polite"><header><h2>${sent} ${sent === 1 ? "message" : "messages"}, ${sessions.length} ${sessions.length === 1 ? "visit" : "visits"}</h2><span class="quiet">${sayWeeks(preview)}</span></header>
${told.length > 0 ? html`<div class="body">${told}</div>` : null}
<div class="body"><ol class="dates">${sessions.map(({ zone, startsAt }) => html`<li>${moment(zone, startsAt, now)}</li>`)}</ol></div>
<ol class="letters">${letters.slice(0, SHOWN).map((each) => letter(each, preview))}</ol>
<p class="body quiet">${more > 0 ? html`${more} more messages come later. ` : null}${tasks} ${tasks === 1 ? "call or task" : "calls and tasks"} for the desk besides.</p>
${confirmForm(preview, context)}</section>`;
}

function sayWeeks({ messages }: SeriesPreview): string {
  const weeks = countTextsPerWeek(messages.map(({ row }) => row));
  const most = weeks.toSorted((one, other) => other.texts - one.texts)[0];
  return most === undefined ? "no texts" : `at most ${most.texts} texts a week (${sayDate(most.monday, most.monday)})`;
}

function letter({ row, text }: PreviewedMessage, { patientName, now }: SeriesPreview): Html {
  const { channel, recipient, rule, zone, dueAt, state, reason, session, awaits } = row;
  const standing =
    state === "planned"
      ? awaits === null
        ? null
        : pill("plain", `after ${awaits}`)
      : state === "held"
        ? pill("amber", "held")
        : pill("amber", "cannot be sent");
  const why = state === "planned" ? null : sayReason(reason);
  return html`<li><span class="when">${moment(zone, dueAt, now)}</span><div><p><strong>${sayRule(rule)}</strong> <span class="quiet">${sayAddressee(channel, recipient, patientName)}${session === null ? null : ` · visit ${session}`}</span></p>${why === null ? null : html`<p class="small quiet">${capital(why)}</p>`}${words(text)}</div>${standing}</li>`;
}

function words(text: PreviewedMessage["text"]): Html | null {
  if (text === null) return null;
  switch (text.kind) {
    case "sms":
      return html`<blockquote>${text.body}</blockquote>${text.segments > 1 ? html`<p class="small quiet">${text.segments} segments</p>` : null}`;
    case "email":
      return html`<details><summary>${text.subject}</summary><blockquote>${text.text}</blockquote></details>`;
    case "unwritten":
      return html`<p class="small quiet">There is no wording for this yet: ${text.missing}</p>`;
  }
}

/** What was previewed is what is enqueued: the same fields, read by the same parser. */
function confirmForm({ typed, undoMinutes }: SeriesPreview, context: ConsoleContext): Html {
  const kept = typed.entries.map(([name, text]) => html`<input type="hidden" name="${name}" value="${text}">`);
  return csrfForm(context, {
    action: roomPath(context.clinic.slug, "series"),
    name: "confirm",
    body: html`${kept}<button class="first" name="step" value="go">Enqueue the series</button><span class="quiet small">Nothing is stored yet. Afterwards nothing leaves for ${undoMinutes} minutes, in which it can be taken back.</span>`,
  });
}
