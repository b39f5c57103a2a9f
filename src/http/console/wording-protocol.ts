/** A protocol as a clinician reads it: what it plans, what it tells patients, and every rule along the course. */
import type { CalendarOffset } from "../../domain/calendar.ts";
import { formatWallClock } from "../../domain/calendar.ts";
import type { Anchor, Protocol, Rule } from "../../domain/protocol.ts";
import { html, type Html } from "../html.ts";
import { roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { facts, panel, pill } from "./console-parts.ts";
import { sayRule } from "./say-change.ts";

type Stage = { readonly title: string; readonly has: (rule: Rule) => boolean };

const CHANGES: readonly Anchor[] = ["session.moved", "session.off", "session.missed", "session.ready", "series.ended", "contact.quiet"];

/** In the order in which a course meets them; a rule stands at the first that has it. */
const STAGES: readonly Stage[] = [
  { title: "When the series is booked", has: ({ anchor }) => anchor === "series.enqueued" },
  { title: "When something changes", has: ({ anchor }) => CHANGES.includes(anchor) },
  { title: "When a survey waits for its answer", has: ({ anchor }) => anchor === "survey.asked" },
  { title: "Before the first visit", has: ({ anchor, offset }) => anchor === "series.start" && offset.sign < 0 },
  { title: "Before a week of visits", has: ({ anchor }) => anchor === "week.start" },
  { title: "Before each visit", has: ({ anchor, offset }) => anchor === "session.start" && (offset.sign < 0 || lengthOf(offset) === 0) },
  { title: "During and after each visit", has: ({ anchor }) => anchor.startsWith("session.") },
  { title: "After the last visit", has: () => true },
];

const ANY_TIME: ReadonlySet<string> = new Set(["When something changes", "When a survey waits for its answer"]);

function lengthOf({ days, minutes }: CalendarOffset): number {
  return days * 1440 + minutes;
}

export function protocolTimeline({ rules }: Protocol, context: ConsoleContext): Html {
  const stages = STAGES.map((stage, index) => ({
    title: stage.title,
    rules: rules
      .filter((rule) => STAGES.findIndex(({ has }) => has(rule)) === index)
      .toSorted((a, b) => a.offset.sign * lengthOf(a.offset) - b.offset.sign * lengthOf(b.offset)),
  })).filter((stage) => stage.rules.length > 0);
  // Changes and unanswered surveys may come at any time: they are read after the course.
  const inOrder = [...stages.filter(({ title }) => !ANY_TIME.has(title)), ...stages.filter(({ title }) => ANY_TIME.has(title))];
  return html`${inOrder.map((stage) => panel(stage.title, html`<ol class="timeline rules">${stage.rules.map((rule) => ruleRow(rule, context))}</ol>`))}`;
}

function ruleRow(rule: Rule, { basePath, clinic }: ConsoleContext): Html {
  const { id, template, recipient, channels, deliver, importance, needs, when, survey, repeat } = rule;
  const marks = [
    ...(needs === undefined ? [] : [`needs ${needs}`]),
    ...when.map((each) => each.replaceAll("-", " ")),
    ...(repeat === undefined ? [] : [`every ${sayLength(repeat.every)}`]),
    ...(survey === undefined ? [] : ["asks a survey"]),
  ];
  const how = channels
    .map((channel) => (channel === "sms" ? "text" : channel === "task" ? "call" : "email"))
    .join(deliver === "all" ? " and " : ", else ");
  return html`<li id="rule-${id}"><span class="when">${sayWhen(rule)}</span><span><a href="${basePath}${roomPath(clinic.slug, "wording")}/templates/${template}">${sayRule(id)}</a> <span class="quiet">${how} to ${recipient === "staff" ? "the desk" : `the ${recipient}`}</span>${importance === "critical" ? html` ${pill("red", "critical")}` : null}${marks.length === 0 ? null : html`<br><span class="small quiet">${marks.join(" · ")}</span>`}</span></li>`;
}

const FROM: { readonly [A in Anchor]: string } = {
  "series.enqueued": "booking",
  "series.start": "the first visit",
  "series.end": "the last visit",
  "session.start": "the visit",
  "session.end": "its end",
  "session.dose": "the dose",
  "session.discharge": "going home",
  "week.start": "the week",
  "session.moved": "the move",
  "session.off": "the change",
  "session.missed": "the missed visit",
  "session.ready": "being ready",
  "series.ended": "its end",
  "contact.quiet": "a long silence",
  "survey.asked": "the question",
};

function sayWhen({ offset, anchor, at, days }: Rule): string {
  const length = days === "staffed" ? sayLength(offset).replace(" day", " staffed day") : sayLength(offset);
  const far = lengthOf(offset) === 0 ? `at ${FROM[anchor]}` : `${length} ${offset.sign < 0 ? "before" : "after"} ${FROM[anchor]}`;
  return at === undefined ? far : `${far}, ${formatWallClock(at)}`;
}

/** `3 days`, `2 h 30 min`. */
export function sayLength({ days, minutes }: CalendarOffset): string {
  const parts = [
    ...(days > 0 ? [days % 7 === 0 ? count(days / 7, "week") : count(days, "day")] : []),
    ...(minutes >= 60 ? [`${Math.floor(minutes / 60)} h`] : []),
    ...(minutes % 60 > 0 ? [`${minutes % 60} min`] : []),
  ];
  return parts.join(" ") || "at once";
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

export function protocolFacts({ summary, phases, spacing, instructions, sources, requires }: Protocol): Html {
  const length = (offset: CalendarOffset | undefined, words: string) => (offset === undefined ? null : `${sayLength(offset)} ${words}`);
  const plan = phases.map(({ count: sessions, kind, perWeek, everyWeeks, minutes, onRequest }) => {
    const often = onRequest ? "on request" : `${perWeek} a week${everyWeeks > 1 ? ` every ${everyWeeks} weeks` : ""}`;
    return html`<li>${sessions ?? "As many as needed:"} ${kind}, ${often}, ${minutes} min</li>`;
  });
  const told = facts([
    ["Solid food", length(instructions.solids, "before")],
    ["Drinks", length(instructions.liquids, "before")],
    ["Nasal products", length(instructions.nasalProducts, "before")],
    ["Arrive", length(instructions.arriveEarly, "early")],
    ["Stays", length(instructions.observation, "after the dose")],
    ["No driving", length(instructions.restriction, "and a night's sleep")],
    ["Comes with", `a ${instructions.companion}`],
    ["Between visits", `${sayLength(spacing.least)} to ${sayLength(spacing.most)}`],
    ["Needs first", requires.length === 0 ? null : requires.join(", ")],
  ]);
  return html`<p>${summary}</p><div class="columns">${panel("Visits", html`<div class="body"><ul>${plan}</ul></div>`)}${panel("What patients are told", html`<div class="body">${told}</div>`)}</div>
<details><summary>Sources</summary><ul class="small quiet">${sources.map((source) => html`<li>${source}</li>`)}</ul></details>`;
}
