/** `template list`, `template check` and `template render`. */
import { LOCALES, type Locale } from "../domain/clinic.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { type Channel, CHANNELS } from "../domain/protocol.ts";
import { checkTemplates } from "../messages/check-templates.ts";
import { compileTemplates } from "../messages/compile-template.ts";
import { ordinaryExample } from "../messages/example-facts.ts";
import { renderEmail, renderSms, renderTask } from "../messages/render-message.ts";
import { selectTemplates, type TemplateParts, type TemplateSources } from "../messages/template-sources.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { readTemplateFolder } from "./protocol-templates.ts";
import { count, sayFaults, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint, toTable } from "./terminal.ts";

export type TemplateOptions = { readonly templates?: string; readonly json?: true };
export type RenderOptions = TemplateOptions & { readonly locale: Locale; readonly channel?: Channel; readonly html?: true };

export async function listTemplates({ templates, json }: TemplateOptions): Promise<ExitCode> {
  const sources = await readTemplateFolder(templates);
  const listed = Object.keys(sources)
    .sort()
    .map((stem) => ({ stem, ...partsOf(sources, stem) }));
  if (json) for (const each of listed) printJson(each);
  else
    for (const line of toTable(listed.map(({ stem, channels, locales }) => [stem, channels.join(", "), locales.join(", ")]))) print(line);
  return EXIT.done;
}

function partsOf(sources: TemplateSources, stem: string): { channels: Channel[]; locales: Locale[] } {
  const byLocale = sources[stem] ?? {};
  const has = (channel: Channel) => Object.values(byLocale).some((parts: TemplateParts) => parts[channel] !== undefined);
  return { channels: CHANNELS.filter(has), locales: LOCALES.filter((locale) => byLocale[locale] !== undefined) };
}

/** Exit code 1 when there is a fault; a warning is no fault. */
export async function checkAllTemplates({ templates, json }: TemplateOptions): Promise<ExitCode> {
  const sources = await readTemplateFolder(templates);
  const findings = await checkTemplates(sources);
  const faults = findings.filter(({ severity }) => severity === "fault");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (json) for (const finding of findings) printJson(finding);
  for (const warning of json ? [] : warnings) say(tint.dim(`warning: ${toLine(warning)}`));
  if (faults.length > 0) sayFaults(faults, "such messages must not go out");
  else
    (json ? say : print)(
      `${count(Object.keys(sources).length, "template")} checked in ${LOCALES.join(" and ")}: sound, ${count(warnings.length, "warning")}.`,
    );
  return faults.length > 0 ? EXIT.refused : EXIT.done;
}

/** Written for the ordinary example: three visits next week, a patient and a clinic that do not exist. */
export async function renderTemplate(stem: string, { locale, channel, html, templates: folder, json }: RenderOptions): Promise<ExitCode> {
  const sources = await readTemplateFolder(folder);
  const parts = sources[stem]?.[locale];
  if (!parts) throw new Refusal([unknownStem(stem, sources)], "nothing to show");
  const channels = CHANNELS.filter((each) => parts[each] !== undefined && (channel ?? (html ? "email" : each)) === each);
  if (channels.length === 0)
    throw new UsageError(`${stem} has no ${channel ?? "email"}; it has ${partsOf(sources, stem).channels.join(", ")}.`);
  const templates = await compileTemplates(selectTemplates(sources, [stem]));
  const { facts, now } = ordinaryExample({ template: stem, locale });
  const written = {
    ...(channels.includes("email") && { email: renderEmail(templates, facts, { now }) }),
    ...(channels.includes("sms") && { sms: renderSms(templates, facts, { now }) }),
    ...(channels.includes("task") && { task: renderTask(templates, facts, { now }) }),
  };
  if (json) printJson({ stem, locale, ...written });
  else if (html) print(written.email?.html);
  else show(written);
  return EXIT.done;
}

type Written = { email?: ReturnType<typeof renderEmail>; sms?: ReturnType<typeof renderSms>; task?: ReturnType<typeof renderTask> };

function show({ email, sms, task }: Written): void {
  if (email) print(`${paint.bold("email")}\nSubject: ${email.subject}\n\n${email.text}\n`);
  if (sms) print(`${paint.bold("sms")} (${count(sms.segments, "segment")}, ${sms.encoding})\n${sms.body}\n`);
  if (task) print(`${paint.bold("task")}\n${task.title}\n\n${task.script}\n`);
}

function unknownStem(stem: string, sources: TemplateSources) {
  const meant = findNearestWord(stem, Object.keys(sources));
  return { path: "template", value: stem, expected: `a template (afterglow template list)${meant ? `; did you mean ${meant}?` : ""}` };
}
