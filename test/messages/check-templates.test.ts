import { expect, test } from "vitest";
import { checkTemplates, type TemplateFinding } from "../../src/messages/check-templates.ts";
import { extremeExamples } from "../../src/messages/example-facts.ts";
import { compileTemplates } from "../../src/messages/compile-template.ts";
import { renderEmail, renderSms } from "../../src/messages/render-message.ts";
import type { EmailSource, TemplateSources } from "../../src/messages/template-sources.ts";
import { mjml, note, readShipped } from "./sources.ts";

const LINK = "{{ link }}";
const sound: EmailSource = {
  subject: "Your visit {{ session.when }}",
  mjml: mjml(`<mj-text>Your visit is at {{ session.time }}.</mj-text><mj-button href="${LINK}">See it</mj-button>`),
  text: `Your visit is at {{ session.time }}. ${LINK}`,
};

const faults = (findings: TemplateFinding[]) => findings.filter(({ severity }) => severity === "fault");
const faultsOf = async (sources: TemplateSources) => faults(await checkTemplates(sources));
const found = (path: string, value: string | undefined, expected: string) =>
  expect.objectContaining({
    path,
    expected: expect.stringContaining(expected),
    ...(value !== undefined && { value: expect.stringContaining(value) }),
  });

test("every shipped template holds in both languages, whatever the names, times, settings and options", async () => {
  const sources = await readShipped();
  expect(Object.keys(sources).length).toBeGreaterThanOrEqual(46);
  expect(await faultsOf(sources)).toEqual([]);
});

test("every shipped text takes at most two segments at its longest, and every email says how to reach somebody", async () => {
  const sources = await readShipped();
  const templates = await compileTemplates(sources);
  for (const [template, { en }] of Object.entries(sources))
    for (const locale of ["en", "es"] as const)
      for (const { facts, now, lacks } of extremeExamples({ template, locale })) {
        if (lacks.length) continue;
        if (en?.sms !== undefined) expect(renderSms(templates, facts, { now }).segments, `${template}.${locale}`).toBeLessThanOrEqual(2);
        if (en?.email) expect(renderEmail(templates, facts, { now }).text, `${template}.${locale}`).toMatch(/\(303\) 555-0142/);
      }
});

test("a sound email has no faults", async () => {
  expect(await faultsOf(note({ email: sound }))).toEqual([]);
});

test("a forbidden word in a text, a subject or a neutral body is found, in its file", async () => {
  expect(await faultsOf(note({ sms: "{{ clinic.name }}: your ketamine visit" }))).toContainEqual(
    found("sms/note.en.txt", "ketamine", "neutral"),
  );
  expect(await faultsOf(note({ email: { ...sound, subject: "Your infusion" } }))).toContainEqual(
    found("email/note.en.subject.txt", "infusion", "neutral"),
  );
  expect(await faultsOf(note({ email: { ...sound, text: `${sound.text} Therapy.` } }))).toContainEqual(
    found("email/note.es.txt", "therapy", "neutral"),
  );
  const body = sound.mjml.replace("Your visit", "Your treatment");
  expect(await faultsOf(note({ email: { ...sound, mjml: body } }))).toContainEqual(found("email/note.en.mjml", "treatment", "neutral"));
});

test("a body may say more where the patient accepted it; a subject never", async () => {
  const said = "{% if detail %} Your treatment.{% endif %}";
  const body = sound.mjml.replace("</mj-text>", `${said}</mj-text>`);
  expect(await faultsOf(note({ email: { ...sound, text: sound.text + said, mjml: body } }))).toEqual([]);
  expect(await faultsOf(note({ email: { ...sound, subject: `Visit${said}` } }))).toContainEqual(
    found("email/note.en.subject.txt", "treatment", "neutral"),
  );
});

test("a third segment is a fault, a second for an ordinary visit a warning", async () => {
  expect(await faultsOf(note({ sms: `{{ clinic.name }}: ${"word ".repeat(60)}` }))).toContainEqual(
    found("sms/note.en.txt", "3 segments", "at most two"),
  );
  const findings = await checkTemplates(note({ sms: `{{ clinic.name }}: ${"word ".repeat(35)}` }));
  expect(faults(findings)).toEqual([]);
  expect(findings).toContainEqual(expect.objectContaining({ severity: "warning", path: "sms/note.en.txt" }));
});

test("a text begins with the clinic's name and teaches no carrier keyword but STOP and HELP", async () => {
  expect(await faultsOf(note({ sms: "Your visit is tomorrow" }))).toContainEqual(
    found("sms/note.en.txt", undefined, "clinic's name first"),
  );
  expect(await faultsOf(note({ sms: "{{ clinic.name }}: reply CANCEL to cancel" }))).toContainEqual(
    found("sms/note.en.txt", "CANCEL", "carriers"),
  );
  expect(await faultsOf(note({ sms: "{{ clinic.name }}: Reply STOP to stop texts, HELP for help." }))).toEqual([]);
});

test("a value that may be absent is printed only behind a condition", async () => {
  const bare = await faultsOf(note({ sms: "{{ clinic.name }}: at {{ session.place }}" }));
  expect(bare).toContainEqual(found("sms/note.en.txt", "session.place", "{% if session.place %}"));
  expect(await faultsOf(note({ sms: "{{ clinic.name }}{% if session.place %}: at {{ session.place }}{% endif %}" }))).toEqual([]);
});

test("a cut-off that the protocol does not have is found when the protocol is given", async () => {
  const sources = note({ sms: "{{ clinic.name }}: no drops after {{ prep.nasal_until }}" });
  const [first] = extremeExamples({ template: "note", locale: "en" });
  const { nasalProducts: _, ...instructions } = first?.facts.instructions ?? expect.fail("no example");
  expect(await faultsOf(sources)).toEqual([]);
  expect(faults(await checkTemplates(sources, { instructions }))).toContainEqual(found("sms/note.en.txt", "prep.nasal_until", "{% if"));
});

test("a missing language, part or channel is found", async () => {
  expect(await faultsOf({ note: { en: { sms: "{{ clinic.name }}: hello" } } })).toContainEqual(
    found("sms/note.es.txt", undefined, "every language"),
  );
  expect(await faultsOf(note({ email: { ...sound, text: "" } }))).toContainEqual(found("email/note.en.txt", undefined, "not empty"));
  expect(await faultsOf(note({ email: { ...sound, subject: "" } }))).toContainEqual(
    found("email/note.en.subject.txt", undefined, "not empty"),
  );
  const asked = await checkTemplates(note({ email: sound }), { stems: [{ stem: "note", channels: ["email", "sms"] }] });
  expect(asked).toContainEqual(found("sms/note.en.txt", undefined, "every language"));
});

test("both parts of an email carry the link and the same facts", async () => {
  expect(await faultsOf(note({ email: { ...sound, text: "At {{ session.time }}." } }))).toContainEqual(
    found("email/note.en.txt", undefined, "{{ link }}"),
  );
  const silent = sound.mjml.replace(" at {{ session.time }}", "");
  expect(await faultsOf(note({ email: { ...sound, mjml: silent } }))).toContainEqual(found("email/note.en.mjml", "session.", "same facts"));
});
