import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { makeProgram } from "../src/cli/program.ts";
import { makeKeys, readConfig } from "../src/config.ts";

const pages = new Map<string, string>();
for (const file of [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...(await readdir("docs", { recursive: true })).filter((name) => name.endsWith(".md")).map((name) => join("docs", name)),
])
  pages.set(file, await readFile(file, "utf8"));

const scripts: Readonly<Record<string, string>> = JSON.parse(await readFile("package.json", "utf8")).scripts;
const program = makeProgram();

/** What stands between backticks, and the lines of fenced blocks. */
function codeOf(page: string): string[] {
  const fences = Array.from(page.matchAll(/^```[a-z]*\n([\s\S]*?)^```/gm), ([, body]) => body ?? "");
  const spans = Array.from(page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g), ([, body]) => body ?? "");
  return [...fences.flatMap((body) => body.split("\n")), ...spans];
}

function findIn(pattern: RegExp): { file: string; found: RegExpMatchArray }[] {
  return [...pages].flatMap(([file, page]) =>
    codeOf(page).flatMap((code) => Array.from(code.matchAll(pattern), (found) => ({ file, found }))),
  );
}

test("the pages are there", () => {
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining(["docs/architecture.md", "docs/glossary.md", "docs/lifecycle.md", "docs/operations.md"]),
  );
});

test("the two commands stand in the README as they are typed", () => {
  const lines = codeOf(pages.get("README.md") ?? "").map((line) => line.trim());
  expect(lines).toContain("npm install && npm run demo");
  expect(lines).toContain("npm install && npm test");
});

/** As GitHub makes the address of a heading. */
function anchorsOf(page: string): Set<string> {
  const headings = page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#{1,6} +(.+)$/gm);
  return new Set(
    Array.from(headings, ([, text]) =>
      (text ?? "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(/\s/g, "-"),
    ),
  );
}

test("every link inside the project leads somewhere", () => {
  let seen = 0;
  const broken: string[] = [];
  for (const [file, page] of pages) {
    const prose = page.replaceAll(/^```[\s\S]*?^```/gm, "");
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/<(?:img|a)[^>]+(?:src|href)="([^"]+)"/g)];
    for (const [, link = ""] of links) {
      if (/^[a-z]+:/.test(link)) continue;
      seen += 1;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      if (!existsSync(target)) broken.push(`${file}: ${link}`);
      else if (anchor && !anchorsOf(pages.get(target) ?? "").has(anchor)) broken.push(`${file}: ${link} (no such heading)`);
    }
  }
  expect(broken).toEqual([]);
  expect(seen).toBeGreaterThan(20);
});

test("every npm script that a page names exists", () => {
  const named = findIn(/\bnpm (?:run (?:-s )?([a-z:-]+)|(test)\b)/g).map(({ file, found }) => ({
    file,
    script: found[1] ?? found[2] ?? "",
  }));
  expect(named.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});

function childOf(command: Command, name: string | undefined): Command | undefined {
  return command.commands.find((each) => each.name() === name);
}

/** The command that the words name, however deep: `clinic closure show`. A word too few leaves a command that has others under it. */
function findCommand(words: readonly string[], under: Command = program): Command | undefined {
  const [word, ...rest] = words;
  if (under.commands.length === 0 || word === undefined || word.startsWith("-")) return under;
  const child = childOf(under, word);
  return child && findCommand(rest, child);
}

/** What is wrong with a command line as a page shows it; undefined when the program would take it. One without options may be named only, and lack what it needs. */
function faultOf(line: string): string | undefined {
  const command = findCommand(line.split(" "));
  if (!command) return "no such command";
  const given: readonly string[] = line.match(/(?<= )--[a-z-]+/g) ?? [];
  const known = ["--help", ...command.options.map(({ long }) => long)];
  const needed = given.length > 0 && !given.includes("--help") ? command.options.filter(({ mandatory }) => mandatory) : [];
  const missing = needed.find(({ long }) => !given.some((option) => option === long));
  return given.find((option) => !known.includes(option)) ?? (missing && `lacks ${missing.long}`);
}

test("every command that a page shows is one that the program takes, options and all", () => {
  const shown = findIn(/\bafterglow(?: --)? ([a-z][a-z-]*(?: [^`|#;&]*)?)/g).map(({ file, found }) => ({
    file,
    line: (found[1] ?? "").trim(),
  }));
  expect(shown.flatMap(({ file, line }) => faultOf(line)?.concat(` (${file}: afterglow ${line})`) ?? [])).toEqual([]);
  expect(shown.length).toBeGreaterThan(15);
});

const wordsOf = (cell: string) => new Set(Array.from(cell.matchAll(/[a-z][a-z-]*/g), ([word]) => word));

test("the README's table names every noun of the program, and every verb in the row of its noun", () => {
  const table = /^## The verbs$([\s\S]*?)^## /m.exec(pages.get("README.md") ?? "")?.[1] ?? "";
  const rows = table.split("\n").map((row) => row.split("|").map(wordsOf));
  const missing = program.commands.flatMap((noun) => {
    const row = rows.find(([, nouns]) => nouns?.has(noun.name()));
    return row ? noun.commands.filter((verb) => !row[2]?.has(verb.name())).map((verb) => `${noun.name()} ${verb.name()}`) : [noun.name()];
  });
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThan(10);
});

const example = await readFile(".env.example", "utf8");
const exampled = new Map(Array.from(example.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm), ([, name = "", value = ""]) => [name, value]));
const schema = /const schema = z\.object\(\{([\s\S]*?)^\}\);/m.exec(await readFile("src/config.ts", "utf8"))?.[1] ?? "";
const variables = Array.from(schema.matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm), ([, name = ""]) => name);

test(".env.example names every variable of the configuration and no other", () => {
  expect([...exampled.keys()].sort()).toEqual(variables.toSorted());
  expect(variables.length).toBeGreaterThan(15);
});

test(".env.example is accepted as it stands, once the keys are made", () => {
  expect(() => readConfig({ ...Object.fromEntries(exampled), ...makeKeys() })).not.toThrow();
});

test("the compose file sets no variable that the program does not read", async () => {
  const { services } = parse(await readFile("docker-compose.yml", "utf8"), { merge: true });
  const ours: Readonly<Record<string, string>>[] = [services.migrate, services.worker, services.http].map(({ environment }) => environment);
  expect(ours.flatMap((environment) => Object.keys(environment)).filter((name) => !variables.includes(name))).toEqual([]);
});

test("the operations page explains every event of the log, and no other", async () => {
  const files = (await readdir("src", { recursive: true })).filter((name) => name.endsWith(".ts"));
  const sources = await Promise.all(files.map((name) => readFile(join("src", name), "utf8")));
  const events = sources.flatMap((source) =>
    Array.from(source.matchAll(/\blog(?:ger)?\??\.(?:info|warn|error)\(\s*"([a-z]+(?:[.-][a-z-]+)+)"/g), ([, event = ""]) => event),
  );
  const table = /^## The log$([\s\S]*?)^## /m.exec(pages.get("docs/operations.md") ?? "")?.[1] ?? "";
  const explained = Array.from(table.matchAll(/^\| (`[^|]+`) \|/gm), ([, cell = ""]) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, event]) => event),
  );
  expect(new Set(explained.flat())).toEqual(new Set(events));
  expect(events.length).toBeGreaterThan(8);
});

test("every metric that a page names is one that the web process shows", async () => {
  const metrics = (await readFile("src/http/metrics.ts", "utf8")) + (await readFile("src/http/make-histograms.ts", "utf8"));
  const named = findIn(/\bafterglow_(?!now|queues|template)([a-z_]+)/g).map(({ found }) => found[1] ?? "");
  expect(named.filter((name) => !metrics.includes(`"${name.replace(/_bucket$/, "")}"`))).toEqual([]);
  expect(named.length).toBeGreaterThan(3);
});

test("decisions are numbered without a gap and say context, decision and consequences", () => {
  const records = [...pages].filter(([file]) => file.startsWith("docs/decisions/")).toSorted(([a], [b]) => (a < b ? -1 : 1));
  expect(records.length).toBeGreaterThan(10);
  for (const [index, [file, page]] of records.entries()) {
    expect(file).toMatch(new RegExp(`/${String(index + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
    expect(page).toMatch(new RegExp(`^# ${index + 1}\\. .+\\n\\n## Context\\n[\\s\\S]+\\n## Decision\\n[\\s\\S]+\\n## Consequences\\n`));
  }
});
