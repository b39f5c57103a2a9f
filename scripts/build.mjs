#!/usr/bin/env node
// npm run build: the sources as JavaScript under dist/, which bin/afterglow.mjs then prefers. Data folders stay where they are.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

// A compiler that remembers a build whose output is gone would write nothing.
for (const leftover of ["dist", "tsconfig.build.tsbuildinfo"]) rmSync(`${root}${leftover}`, { recursive: true, force: true });

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
if (error) console.error(error.message);
process.exit(status ?? 1);
