import { execFile } from "node:child_process";
import { copyFile, cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanEnvironment, NOW, ROOT } from "./run-cli.ts";

const run = promisify(execFile);
/** As if this were Node 18: what the program asks first. */
const OLD = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.0'})";
const options = { env: { ...cleanEnvironment() } };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "afterglow-entry-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test("on a Node that is too old, with no newer one beside it, the program says what to do", async () => {
  await copyFile(`${ROOT}bin/afterglow.mjs`, join(folder, "afterglow.mjs"));
  const ended = run(process.execPath, ["--import", OLD, join(folder, "afterglow.mjs"), "--version"], options);
  await expect(ended).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("needs Node 22.18 or newer; this is 18.20.0") });
});

test("what runs is the build where there is one, with the data folders beside it", { timeout: 120_000 }, async () => {
  for (const part of [
    "bin",
    "src",
    "scripts",
    "protocols",
    "templates",
    "examples",
    "package.json",
    "tsconfig.json",
    "tsconfig.build.json",
  ])
    await cp(`${ROOT}${part}`, join(folder, part), { recursive: true });
  await symlink(`${ROOT}node_modules`, join(folder, "node_modules"));
  await run(process.execPath, [join(folder, "scripts/build.mjs")], options);
  await rm(join(folder, "src"), { recursive: true });
  const args = ["series", "preview", "examples/ana-iv.yaml", "--clinic", "examples/clinic.yaml", "--now", NOW, "--json"];
  const built = await run(process.execPath, ["bin/afterglow.mjs", ...args], { ...options, cwd: folder });
  const sources = await run(process.execPath, ["bin/afterglow.mjs", ...args], { ...options, cwd: ROOT });
  expect(built.stdout).toBe(sources.stdout);
  expect(built.stdout.length).toBeGreaterThan(1_000);
});
