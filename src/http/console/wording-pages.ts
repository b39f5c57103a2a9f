/** The pages of protocols and wording: lists, who approved what when, one template with its two languages, and what a change would do. */
import type { Release } from "../../db/template-releases.ts";
import { LOCALES, type Locale } from "../../domain/clinic.ts";
import type { Instant } from "../../domain/calendar.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import type { TemplateFinding } from "../../messages/check-templates.ts";
import type { TemplateParts, TemplateSources } from "../../messages/template-sources.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, panel, pill, type Tone } from "./console-parts.ts";
import { tabs } from "./list-page.ts";
import { sayRule } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { type Preview, previews } from "./wording-preview.ts";
import { EMAIL_PARTS, fieldOf, type Wording } from "./wording-sources.ts";

export function wordingPath({ basePath, clinic }: ConsoleContext, rest = ""): string {
  return `${basePath}${roomPath(clinic.slug, "wording")}${rest}`;
}

export function wordingTabs(here: "protocols" | "templates" | "history", context: ConsoleContext): Html {
  return tabs("Protocols and wording", [
    { href: wordingPath(context), label: "Protocols", isHere: here === "protocols" },
    { href: wordingPath(context, "/templates"), label: "Templates", isHere: here === "templates" },
    { href: wordingPath(context, "/history"), label: "Who approved what", isHere: here === "history" },
  ]);
}

export type ProtocolEntry = {
  readonly key: string;
  readonly title: string;
  readonly name: string;
  readonly standing: "in-force" | "changed" | "draft";
  readonly approvedBy: string | null;
  readonly approvedAt: Instant | null;
};

const STANDINGS: { readonly [S in ProtocolEntry["standing"]]: readonly [Tone, string] } = {
  "in-force": ["green", "in force"],
  changed: ["amber", "in force; what ships has changed since"],
  draft: ["plain", "draft, not approved"],
};

export function standingPill(standing: ProtocolEntry["standing"]): Html {
  const [tone, words] = STANDINGS[standing];
  return pill(tone, words);
}

type Moments = { readonly zone: Zone; readonly now: Instant };

export function protocolList(entries: readonly ProtocolEntry[], { zone, now }: Moments, context: ConsoleContext): Html {
  const row = ({ key, title, name, standing, approvedBy, approvedAt }: ProtocolEntry) =>
    html`<li><div class="main"><p><a href="${wordingPath(context, `/protocols/${key}`)}"><strong>${title}</strong></a> <span class="quiet small">${name}</span></p></div><p>${standingPill(standing)}</p><p class="state small quiet">${approvedBy === null || approvedAt === null ? "" : html`${approvedBy}, ${moment(zone, approvedAt, now)}`}</p></li>`;
  return html`${wordingTabs("protocols", context)}<div class="panel"><ul class="rows">${entries.map(row)}</ul></div>`;
}

export type TemplateEntry = { readonly stem: string; readonly channels: readonly string[]; readonly release: Release | null };

export function templateList(entries: readonly TemplateEntry[], { zone, now }: Moments, context: ConsoleContext): Html {
  const row = ({ stem, channels, release }: TemplateEntry) =>
    html`<li><div class="main"><a href="${wordingPath(context, `/templates/${stem}`)}"><strong>${sayRule(stem)}</strong></a></div><p class="quiet small">${channels.join(", ")}</p><p class="state small quiet">${release === null ? "as approved" : html`${pill("blue", "published")} ${release.approvedBy}, ${moment(zone, release.releasedAt, now)}`}</p></li>`;
  const list = html`<div class="panel"><ul class="rows dense">${entries.map(row)}</ul></div>`;
  return html`${wordingTabs("templates", context)}${entries.length === 0 ? empty("Nothing is approved yet", "Templates appear here with the first protocol that a clinician approves.") : list}`;
}

export type HistoryEntry = { readonly at: Instant; readonly what: Html; readonly by: string };

export function historyList(entries: readonly HistoryEntry[], { zone, now }: Moments, context: ConsoleContext): Html {
  const row = ({ at, what, by }: HistoryEntry) =>
    html`<li><span class="when">${moment(zone, at, now)}</span><span>${what} <span class="quiet">${by}</span></span></li>`;
  return html`${wordingTabs("history", context)}${entries.length === 0 ? empty("Nothing was approved yet", "Approvals, published wordings and what was taken back stand here.") : html`<div class="panel"><ol class="timeline">${entries.map(row)}</ol></div>`}`;
}

export function templatePage(
  { wording, preview, done }: { wording: Wording; preview: readonly Preview[]; done: string | undefined },
  moments: Moments,
  context: ConsoleContext,
): Html {
  const { stem, release, approvals, differs, releases } = wording;
  const said =
    done === "published"
      ? "The wording is in force: the next message says it."
      : done === "rolled-back"
        ? "The release is taken back."
        : done === "same"
          ? "Every message says this already: nothing was stored."
          : null;
  const standing = release
    ? html`<p>Published by ${release.approvedBy}, ${moment(moments.zone, release.releasedAt, moments.now)}.</p>`
    : html`<p>As approved with ${approvals.map(({ protocol }) => protocol.title).join(", ")} by ${approvals[0]?.approvedBy ?? ""}.</p>`;
  const buttons = context.mayDo("templates.publish")
    ? html`<div class="buttons"><a class="button" href="${wordingPath(context, `/templates/${stem}/edit`)}">Change the wording</a><a class="button" href="${wordingPath(context, `/templates/${stem}/edit?from=shipped`)}">Start from what ships</a>${release ? html`<a class="button" href="${wordingPath(context, `/templates/${stem}/rollback`)}">Roll back</a>` : null}</div>`
    : null;
  const history =
    releases.length === 0 ? null : panel("Published", html`<ol class="timeline">${releases.map((each) => releaseRow(each, moments))}</ol>`);
  return html`${said === null ? null : notice("good", html`<p>${said}</p>`)}${differs === "differs" ? notice("warn", html`<p>The approved protocols say this in different words; below stands that of ${approvals[0]?.protocol.title ?? ""}. A published wording makes them the same.</p>`) : null}
${standing}${buttons}${previews(preview)}<p class="small quiet">Sample data: nobody in it exists. Texts are checked for words that would say what is treated.</p>${history}`;
}

function releaseRow({ approvedBy, releasedAt, rolledBackAt, hash }: Release, { zone, now }: Moments): Html {
  return html`<li><span class="when">${moment(zone, releasedAt, now)}</span><span>${approvedBy} <code class="quiet">${hash.slice(0, 8)}</code>${rolledBackAt === null ? null : html` ${pill("plain", "taken back")} <span class="quiet small">${moment(zone, rolledBackAt, now)}</span>`}</span></li>`;
}

const LANGUAGES: { readonly [L in Locale]: string } = { en: "English", es: "Spanish" };
const PART_WORDS: { readonly [part: string]: string } = {
  sms: "Text",
  subject: "Subject of the email",
  text: "Email, plain",
  mjml: "Email, designed (MJML)",
  task: "Call or task",
};
const PART_ROWS: { readonly [part: string]: number } = { sms: 4, subject: 1, text: 10, mjml: 12, task: 8 };

function partsOf({ email, sms, task }: TemplateParts): readonly (readonly [part: string, source: string])[] {
  return [
    ...(sms === undefined ? [] : [["sms", sms] as const]),
    ...(email ? EMAIL_PARTS.map((part) => [part, email[part]] as const) : []),
    ...(task === undefined ? [] : [["task", task] as const]),
  ];
}

/** Every part in both languages, as source; what was typed stays. */
export function editPage(
  { stem, sources, findings }: { stem: string; sources: TemplateSources; findings: readonly TemplateFinding[] },
  context: ConsoleContext,
): Html {
  const fields = LOCALES.map((locale) => {
    const parts = sources[stem]?.[locale];
    return parts
      ? panel(LANGUAGES[locale], html`<div class="body">${partsOf(parts).map(([part, source]) => sourceField(locale, part, source))}</div>`)
      : html``;
  });
  const body = html`<div class="two">${fields}</div><div class="buttons"><button class="first">See it with sample data</button><a class="button" href="${wordingPath(context, `/templates/${stem}`)}">Leave it as it is</a></div>`;
  const action = `${roomPath(context.clinic.slug, "wording")}/templates/${stem}/preview`;
  return html`${sayFindings(findings)}<p class="quiet">Names in double braces are set in at sending. Both languages are published together.</p>${csrfForm(context, { action, name: "stack", body })}`;
}

function sourceField(locale: Locale, part: string, source: string): Html {
  const name = fieldOf(locale, part);
  return html`<div class="field"><label for="${name}">${PART_WORDS[part] ?? part}</label><textarea class="mono" id="${name}" name="${name}" rows="${PART_ROWS[part] ?? 6}" lang="${locale}" spellcheck="true">
${source.trimEnd()}</textarea></div>`;
}

export function sayFindings(findings: readonly TemplateFinding[]): Html | null {
  const faults = findings.filter(({ severity }) => severity === "fault");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  const list = (found: readonly TemplateFinding[]) =>
    html`<ul>${found.slice(0, 20).map(({ path, value, expected }) => html`<li><code>${path}</code>${value === undefined ? null : html` <strong>${value}</strong>`}: expected ${expected}</li>`)}</ul>`;
  return html`${faults.length > 0 ? notice("bad", html`<p><strong>This must not go out.</strong> Nothing was published.</p>${list(faults)}`) : null}${warnings.length > 0 ? notice("warn", list(warnings)) : null}`;
}

export type Proposal = {
  readonly stem: string;
  readonly sources: TemplateSources;
  readonly preview: readonly Preview[];
  readonly findings: readonly TemplateFinding[];
  readonly affected: { readonly messages: number; readonly tasks: number } | null;
  readonly stepUp: Html | null;
};

/** What the wording would say, and whom it concerns; the sources travel along, so that exactly this is published. */
export function proposalPage({ stem, sources, preview, findings, affected, stepUp }: Proposal, context: ConsoleContext): Html {
  const kept = LOCALES.flatMap((locale) => {
    const parts = sources[stem]?.[locale];
    return parts
      ? partsOf(parts).map(([part, source]) => html`<input type="hidden" name="${fieldOf(locale, part)}" value="${source.trim()}">`)
      : [];
  });
  const counted =
    affected === null
      ? html`<p>Every message says this already.</p>`
      : html`<p><strong>${affected.messages}</strong> ${affected.messages === 1 ? "message" : "messages"} still to be written and <strong>${affected.tasks}</strong> open ${affected.tasks === 1 ? "task" : "tasks"} will say it. What was sent stays as it was.</p>`;
  const action = (verb: string) => `${roomPath(context.clinic.slug, "wording")}/templates/${stem}/${verb}`;
  const publish =
    affected === null
      ? null
      : csrfForm(context, {
          action: action("publish"),
          name: "form",
          body: html`${kept}${stepUp}<button class="first">Publish both languages</button>`,
        });
  const back = csrfForm(context, { action: action("edit"), body: html`${kept}<button>Change it again</button>` });
  return html`${sayFindings(findings)}${previews(preview)}${panel("Publish", html`<div class="body">${counted}${publish}${back}</div>`)}`;
}

export function rollbackPage(
  {
    stem,
    release,
    inForce,
    messages,
    stepUp,
  }: { stem: string; release: Release; inForce: Release | null; messages: number; stepUp: Html | null },
  context: ConsoleContext,
): Html {
  const after = inForce === null ? "each protocol's approved wording" : `the release approved by ${inForce.approvedBy}`;
  const body = html`${stepUp}<div class="buttons"><button class="danger">Take it back</button><a class="button" href="${wordingPath(context, `/templates/${stem}`)}">Leave it</a></div>`;
  return html`<p>The release approved by ${release.approvedBy} is taken back, and ${after} is in force. <strong>${messages}</strong> ${messages === 1 ? "message" : "messages"} still to be written.</p>${csrfForm(context, { action: `${roomPath(context.clinic.slug, "wording")}/templates/${stem}/rollback`, name: "form", body })}`;
}
