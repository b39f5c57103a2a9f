#!/usr/bin/env node
// npm run check: format, lint (type-aware), types, house rules, protocols and templates. Everything runs; the first failure decides the exit code.
import { spawnSync } from "node:child_process";

const steps = [
  ["format", "biome", ["format", "."]],
  ["lint", "oxlint", ["--type-aware", "--deny-warnings", "src", "test", "bench", "scripts"]],
  ["types", "tsc", ["-p", "tsconfig.json"]],
  ["house", "vitest", ["run", "--config", "vitest.house.config.ts"]],
  ["protocols", "node", ["bin/afterglow.mjs", "protocol", "check"]],
  ["templates", "node", ["bin/afterglow.mjs", "template", "check"]],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    shell: false,
    env: { ...process.env, DATABASE_URL: "" },
  });
  const ok = status === 0;
  console.log(`${ok ? "ok    " : "FAILED"}  ${name}`);
  if (!ok) {
    failed += 1;
    process.stdout.write(`${stdout ?? ""}${stderr ?? ""}\n`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
