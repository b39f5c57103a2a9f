import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

/** Which rooms a room may import; every room but domain also imports config.ts, clock.ts, log.ts and version.ts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  local: [],
  db: ["domain"],
  queues: ["domain"],
  messages: ["domain"],
  channels: ["domain"],
  producers: ["domain", "db", "queues", "messages"],
  workers: ["domain", "db", "queues", "messages", "producers", "channels"],
  http: ["domain", "db", "queues", "messages", "producers"],
  cli: ["domain", "db", "queues", "messages", "producers"],
};
const OPEN_TO_ALL = new Set(["config.ts", "clock.ts", "log.ts", "version.ts", "package-root.ts", "deps.ts", "fault-point.ts"]);
/** Where the program is put together. */
const COMPOSITION = new Set(["main.ts", "deps.ts", "cli/worker.ts"]);
const ROOMS = Object.keys(MAY_IMPORT);

type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean };

async function listFiles(): Promise<string[]> {
  const found = await readdir("src", { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative("src", join(entry.parentPath, entry.name)));
}

async function listImports(file: string): Promise<Import[]> {
  const text = await readFile(join("src", file), "utf8");
  return Array.from(
    text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm),
    ([, type, from, lazy]) => ({
      file,
      target: normalize(join(dirname(file), from ?? lazy ?? "")),
      typeOnly: type !== undefined,
    }),
  );
}

const files = await listFiles();
const imports = (await Promise.all(files.map(listImports))).flat();
const roomOf = (file: string) => (file.includes("/") ? (file.split("/")[0] ?? "") : "");
const isComposition = (file: string) => COMPOSITION.has(file) || /^cli\/demo[\w-]*\.ts$/.test(file);

test("the house rules see the whole house", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(400);
  expect(new Set(files.map(roomOf))).toEqual(new Set(["", ...ROOMS]));
});

test("a room imports only the rooms below it", () => {
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [roomOf(file), roomOf(target)];
    if (from === "" || from === to || isComposition(file)) return false;
    if (to === "") return from === "domain" || from === "local" || !(OPEN_TO_ALL.has(target) || target.startsWith(".."));
    return !MAY_IMPORT[from]?.includes(to);
  });
  expect(wrong).toEqual([]);
});

test("only the composition root and the command line ask for the dependencies, and others only for their types", () => {
  const wrong = imports.filter(
    ({ file, target, typeOnly }) => target === "deps.ts" && !typeOnly && roomOf(file) !== "cli" && file !== "main.ts",
  );
  expect(wrong).toEqual([]);
});

test("no file imports itself through others", () => {
  const next = Map.groupBy(
    imports.filter(({ typeOnly }) => !typeOnly),
    ({ file }) => file,
  );
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    expect(path.includes(file), `a cycle: ${[...path, file].join(" -> ")}`).toBe(false);
    if (done.has(file)) return;
    for (const { target } of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(files.filter((file) => !done.has(file))).toEqual([]);
});

test("only the clock reads the computer's clock, and only the configuration reads the environment", async () => {
  const offenders: string[] = [];
  for (const file of files) {
    const text = await readFile(join("src", file), "utf8");
    if (file !== "clock.ts" && roomOf(file) !== "local" && /new Date\(\)|Date\.now\(\)|DateTime\.(now|local|utc)\(\)/.test(text))
      offenders.push(`${file}: clock`);
    if (file !== "config.ts" && roomOf(file) !== "local" && /process\.env/.test(text)) offenders.push(`${file}: environment`);
  }
  expect(offenders).toEqual([]);
});

test("no barrel, no drawer, and no file without a name of its own", () => {
  expect(files.filter((file) => /(^|\/)(index|utils?|helpers?|common|types|misc|managers?|services?)\.ts$/.test(file))).toEqual([]);
});
