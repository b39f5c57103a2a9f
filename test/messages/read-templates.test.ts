import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { templateSourcesSchema } from "../../src/messages/template-sources.ts";
import { readShipped } from "./sources.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "templates-"));
  for (const folder of ["email", "sms", "task"]) await mkdir(join(dir, folder));
});

afterEach(() => rm(dir, { recursive: true }));

const write = (path: string, text: string) => writeFile(join(dir, path), text);

test("a stem has its parts beside each other, in each language", async () => {
  await write("email/note.en.subject.txt", "Subject\n");
  await write("email/note.en.mjml", "<mjml/>\n");
  await write("sms/note.es.txt", "Texto\n");
  await write("task/note.es.txt", "Llamar\n\nDiga hola\n");
  expect(await readTemplates(dir)).toEqual({
    note: { en: { email: { subject: "Subject", mjml: "<mjml/>", text: "" } }, es: { sms: "Texto", task: "Llamar\n\nDiga hola" } },
  });
});

test("a partial is set in where it is named, so that what is stored needs no files", async () => {
  await write("email/_top.mjml", "<mj-raw />\n");
  await write("email/_end.en.txt", "Bye");
  await write("email/note.en.mjml", '<mjml><mj-include path="./_top.mjml" /></mjml>');
  await write("email/note.en.txt", 'Hello\n{% include "_end.en.txt" %}');
  const { note } = await readTemplates(dir);
  expect(note?.en?.email).toEqual({ subject: "", mjml: "<mjml><mj-raw /></mjml>", text: "Hello\nBye" });
});

test("a file that fits no pattern and a partial that is not there are named together", async () => {
  await write("sms/note.fr.txt", "x");
  await write("email/Note.en.txt", "x");
  await write("email/note.en.txt", '{% include "_gone.txt" %}');
  await expect(readTemplates(dir)).rejects.toMatchObject({
    faults: [{ path: "email/Note.en.txt" }, { path: "email/note.en.txt", value: "_gone.txt" }, { path: "sms/note.fr.txt" }],
  });
});

test("the shipped templates can be stored and read back unchanged", async () => {
  const sources = await readShipped();
  expect(templateSourcesSchema.parse(JSON.parse(JSON.stringify(sources)))).toEqual(sources);
  expect(JSON.stringify(sources)).not.toMatch(/mj-include|\{% include/);
});
