import { expect, test } from "vitest";
import { compileTemplates } from "../../src/messages/compile-template.ts";
import { TemplateError } from "../../src/messages/template-error.ts";
import { hashTemplates, selectTemplates } from "../../src/messages/template-sources.ts";
import { compileSms, mjml, note } from "./sources.ts";

const email = { subject: "Hello", mjml: mjml("<mj-text>Hello</mj-text>"), text: "Hello" };

test.each([
  ["{{ session.colour }}", "session.colour"],
  ["{{ patient.name }}", "patient.name"],
  ["{{ first_name }}", "first_name"],
  ["{{ session.day | upcase }}", "upcase"],
  ["{{ session.day | nonsense }}", "nonsense"],
  ["{{ session.kind }}", "session.kind"],
  ["{{ 'words' }}", "words"],
  ["{% assign x = 1 %}", "assign"],
  ["{% include 'other' %}", "include"],
  ["{% for s in sessions %}{{ s.day }}{% endfor %}", "for s in sessions"],
  ["{% for i in (1..100000000) %}x{% endfor %}", "1..100000000"],
  ["{% if session.colour %}x{% endif %}", "session.colour"],
  ["{% if session %}never closed", "if"],
  ["{{ clinic.constructor }}", "clinic.constructor"],
])("a text message with %s is refused when it is compiled", async (text, value) => {
  const failure = compileSms(`Clinic: ${text}`);
  await expect(failure).rejects.toThrow(TemplateError);
  await expect(failure).rejects.toMatchObject({
    faults: [{ path: "sms/note.en.txt", value: expect.stringContaining(value) }, { path: "sms/note.es.txt" }],
  });
});

test("all faults of all files come at once", async () => {
  const sources = note({ email: { ...email, subject: "{{ nobody }}", mjml: mjml("<mj-sky/>") }, sms: "{{ nothing }}" });
  const paths = await compileTemplates(sources).then(
    () => [],
    (error: unknown) => (error instanceof TemplateError ? error.faults.map(({ path }) => path) : []),
  );
  expect(paths.filter((path) => path.includes(".en."))).toEqual(["email/note.en.subject.txt", "email/note.en.mjml", "sms/note.en.txt"]);
});

test("MJML is checked strictly and never reads a file", async () => {
  const refused = (body: string) => compileTemplates(note({ email: { ...email, mjml: mjml(body) } }));
  await expect(refused("<mj-text colour='red'>x</mj-text>")).rejects.toThrow(/valid MJML/);
  await expect(refused('<mj-include path="/etc/passwd" />')).rejects.toThrow(/partials/);
});

test("equal sources compile once, whatever the order they were read in", async () => {
  const one = { a: { en: { sms: "A" }, es: { sms: "A" } }, b: { es: { task: "B", sms: "b" } } };
  const other = { b: { es: { sms: "b", task: "B" } }, a: { es: { sms: "A" }, en: { sms: "A" } } };
  expect(hashTemplates(other)).toBe(hashTemplates(one));
  expect(await compileTemplates(other)).toBe(await compileTemplates(one));
  expect(hashTemplates({ ...one, a: { en: { sms: "A!" } } })).not.toBe(hashTemplates(one));
});

test("a refused release is compiled again when it is tried again", async () => {
  await expect(compileSms("{{ gone }}")).rejects.toThrow(TemplateError);
  await expect(compileSms("{{ gone }}")).rejects.toThrow(TemplateError);
});

test("an approval keeps the stems it names, in every language, and no other", () => {
  const sources = { ...note({ sms: "x" }), other: { en: { sms: "y" } } };
  expect(selectTemplates(sources, ["note", "note", "missing"])).toEqual(note({ sms: "x" }));
});
