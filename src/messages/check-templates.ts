/**
 * Tries every template in every locale with every extreme, as it would be sent: what cannot be written, says a forbidden word, costs a third segment, lacks a
 * translation or tells the HTML reader something else than the text reader is found here, by file name, before anybody approves it.
 */
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { Fault } from "../domain/fault.ts";
import type { Channel, Protocol, Recipient, SessionKind } from "../domain/protocol.ts";
import { compileSound, type Templates } from "./compile-template.ts";
import { type Example, extremeExamples } from "./example-facts.ts";
import { type Exposure, findForbiddenWords, findTaughtKeywords } from "./forbidden-words.ts";
import { RenderError } from "./render-error.ts";
import { renderEmail, renderSms, renderTask } from "./render-message.ts";
import type { TemplateParts, TemplateSources } from "./template-sources.ts";
import { toVariables } from "./variables.ts";

/** A fault forbids approval, a warning is shown; `path` is the file, such as `sms/day-before.es.txt`. */
export type TemplateFinding = Fault & { readonly severity: "fault" | "warning" };
/** What a rule asks of a template. */
export type TemplateUse = {
  readonly stem: string;
  readonly channels: readonly Channel[];
  readonly kinds?: readonly SessionKind[];
  readonly recipient?: Recipient;
};
export type CheckOptions = {
  /** What a protocol's rules ask; left out: every stem with the parts that any of its locales has. */
  readonly stems?: readonly TemplateUse[];
  /** The protocol's own; then a text that prints a cut-off which the protocol does not have is a fault. */
  readonly instructions?: Protocol["instructions"];
};

type Finder = (finding: Fault & { readonly severity?: "warning" }) => void;

/** Everything found, each thing once a file; empty when all is well. */
export async function checkTemplates(sources: TemplateSources, { stems, instructions }: CheckOptions = {}): Promise<TemplateFinding[]> {
  const findings = new Map<string, TemplateFinding>();
  const find: Finder = (finding) => {
    const key = `${finding.path} ${finding.value ?? ""} ${finding.expected}`;
    if (!findings.has(key)) findings.set(key, { severity: "fault", ...finding });
  };
  const { templates, faults } = await compileSound(sources);
  for (const fault of faults) find(fault);
  const tried = new Set<string>();
  for (const { stem, channels, kinds = DEFAULT_KINDS, recipient } of stems ?? usesOf(sources)) {
    findMissing(sources, { stem, channels, find });
    const wanted = { template: stem, ...(instructions && { instructions }), ...(recipient && { recipient }) };
    for (const kind of kinds) {
      // Several rules may say the same to the same people.
      const fresh = channels.filter((channel) => isFirst(tried, [stem, kind, recipient, channel].join(" ")));
      if (fresh.length === 0) continue;
      const examples = LOCALES.flatMap((locale) => extremeExamples({ ...wanted, locale, kind }));
      for (const example of examples) for (const channel of fresh) tryExample(templates, example, { channel, find });
    }
  }
  return [...findings.values()];
}

function isFirst(known: Set<string>, key: string): boolean {
  return known.size < known.add(key).size;
}

const DEFAULT_KINDS: readonly SessionKind[] = ["dosing"];
const PARTS: readonly Channel[] = ["email", "sms", "task"];

function usesOf(sources: TemplateSources): TemplateUse[] {
  return Object.entries(sources).map(([stem, byLocale]) => ({
    stem,
    channels: PARTS.filter((channel) => Object.values(byLocale).some((parts: TemplateParts) => parts[channel] !== undefined)),
  }));
}

function fileOf(stem: string, locale: Locale, channel: Channel): string {
  return `${channel}/${stem}.${locale}.${channel === "email" ? "mjml" : "txt"}`;
}

function findMissing(
  sources: TemplateSources,
  { stem, channels, find }: { stem: string; channels: readonly Channel[]; find: Finder },
): void {
  for (const locale of LOCALES)
    for (const channel of channels)
      if (sources[stem]?.[locale]?.[channel] === undefined)
        find({ path: fileOf(stem, locale, channel), expected: "this file: the text in every language" });
}

function tryExample(templates: Templates, example: Example, { channel, find }: { channel: Channel; find: Finder }): void {
  const { template, locale } = example.facts;
  if (templates.find(template, locale)?.[channel] === undefined) return;
  try {
    tryChannel(templates, example, { channel, find });
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    const [group = ""] = error.field.split(".");
    if (example.lacks.includes(group)) return;
    const expected = `{% if ${error.field} %} around it, since it may have no value (${example.name})`;
    find({ path: fileOf(template, locale, channel), value: `{{ ${error.field} }}`, expected });
  }
}

type Trial = { readonly path: string; readonly find: Finder };

function tryChannel(templates: Templates, example: Example, { channel, find }: { channel: Channel; find: Finder }): void {
  const { facts, now } = example;
  const path = fileOf(facts.template, facts.locale, channel);
  if (channel === "email") {
    const { subject, html, text } = renderEmail(templates, facts, { now });
    findInSubject(subject, { path: path.replace(/mjml$/, "subject.txt"), find });
    findInBodies(example, { html, text }, { path, find });
  } else if (channel === "sms") findInSms(renderSms(templates, facts, { now }), example, { path, find });
  else {
    const { title, script } = renderTask(templates, facts, { now });
    if (title.length > 240)
      find({ path, value: title.slice(0, 80), expected: "a first line of at most 240 characters, even with long names" });
    if (!script) find({ path, value: title.slice(0, 80), expected: "a script or what is to be done, under the first line" });
    findLeftovers(`${title}\n${script}`, { path, find });
  }
}

function findInSubject(subject: string, { path, find }: Trial): void {
  if (subject.length > 120)
    find({ path, value: subject.slice(0, 80), expected: "a subject of at most 120 characters, even with long names" });
  findWords(subject, { path, find, exposure: "outside" });
}

function findInSms(sms: { body: string; segments: number }, { facts, name }: Example, { path, find }: Trial): void {
  const cost = `${sms.segments} segments, ${sms.body.length} characters (${name})`;
  if (sms.segments > 2) find({ path, value: cost, expected: "at most two segments" });
  if (sms.segments > 1 && name === "ordinary") find({ path, value: cost, expected: "one segment where possible", severity: "warning" });
  if (!sms.body.startsWith(facts.clinic.name)) find({ path, value: sms.body.slice(0, 40), expected: "the clinic's name first" });
  for (const word of findTaughtKeywords(sms.body))
    find({ path, value: word, expected: "an answer that carriers do not take for an opt-out or opt-in" });
  findWords(sms.body, { path, find, exposure: NAMES_HELP.has(facts.template) ? "body" : "outside" });
}

/** They answer what somebody has just written, and say where help is. */
const NAMES_HELP: ReadonlySet<string> = new Set(["answer-crisis", "answer-received"]);

function findInBodies({ facts, now }: Example, { html, text }: { html: string; text: string }, { path, find }: Trial): void {
  const textPath = path.replace(/mjml$/, "txt");
  if (!text.includes(facts.link)) find({ path: textPath, expected: "{{ link }}" });
  if (!html.includes(`href="${facts.link}"`)) find({ path, expected: "a button or link to {{ link }}" });
  const seen = visibleText(html);
  for (const [name, value] of factsToCompare({ facts, now }))
    if (seen.includes(value) !== text.includes(value))
      find({ path, value: `{{ ${name} }}`, expected: "the same facts in the HTML and in the text part" });
  if (facts.patient.detailAccepted) return;
  findWords(seen, { path, find, exposure: "body" });
  findWords(text, { path: textPath, find, exposure: "body" });
}

function findWords(text: string, { path, find, exposure }: Trial & { exposure: Exposure }): void {
  for (const word of WORDS[exposure](text)) find({ path, value: word, expected: "neutral words" });
  findLeftovers(text, { path, find });
}

function findLeftovers(text: string, { path, find }: Trial): void {
  const [leftover] = /\{\{|\{%|\bundefined\b|\bnull\b|\bNaN\b/.exec(text) ?? [];
  if (leftover) find({ path, value: leftover, expected: "a text in which nothing is left to fill in" });
}

/** Clock times, days and names as strings: what a reader of either part must find. */
function factsToCompare({ facts, now }: Pick<Example, "facts" | "now">): [string, string][] {
  const { session, clinic, restriction } = toVariables(facts, { now });
  return [session, clinic, restriction].flatMap((group, index) =>
    Object.entries(group ?? {}).flatMap(([name, value]) =>
      typeof value === "string" && value.length > 2 && !UNCOMPARED.includes(name)
        ? [[`${["session", "clinic", "restriction"][index]}.${name}`, value] satisfies [string, string]]
        : [],
    ),
  );
}

/** A link's address stands only in the markup, a day said in passing need not be said twice, and what is for conditions is never printed. */
const UNCOMPARED = ["dial", "join_url", "when", "day_short", "was_when", "was_day_short", "kind", "changed_because"];

const REMEMBERED = 5_000;

/** The answer for a text, worked out once: six of seven examples lead to a text that another one led to. */
function once<Answer extends object | string>(answer: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    let found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= REMEMBERED) known.clear();
    known.set(text, (found = answer(text)));
    return found;
  };
}

const WORDS: { readonly [E in Exposure]: (text: string) => readonly string[] } = {
  body: once((text) => findForbiddenWords(text, "body")),
  outside: once((text) => findForbiddenWords(text, "outside")),
};

const ENTITIES: { readonly [entity: string]: string } = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'" };

const visibleText = once((html) => {
  const body = html.slice(html.indexOf("<body"));
  return body
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\s+/g, " ");
});
