#!/usr/bin/env node
// npm test: the whole suite, on whatever this machine has. The Redis half runs when redis-server is on the PATH or REDIS_URL is set; otherwise its absence is
// said in the last lines, by name; so is a missing browser. The closing line is `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const dir = mkdtempSync(join(tmpdir(), "afterglow-report-"));
const report = join(dir, "report.json");
const named = process.argv.slice(2);
const { status } = spawnSync("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...named], {
  stdio: "inherit",
  env: { ...process.env, TZ: "Pacific/Kiritimati" },
});

const hasRedis = Boolean(process.env.REDIS_URL) || spawnSync("redis-server", ["--version"]).status === 0;
// The same places as test/support/browser.ts looks in.
const chromium =
  process.env.CHROMIUM_PATH ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const results = JSON.parse(readFileSync(report, "utf8"));
  passed = results.numPassedTests;
  failed =
    results.numFailedTests + results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  skipped = results.numPendingTests + results.numTodoTests;
} catch {
  failed = 1;
}
rmSync(dir, { recursive: true, force: true });

// Of files that were named nothing is said but what they did.
const isWhole = named.length === 0;
if (isWhole && hasRedis) console.log("\nThe Redis half of the suite ran.");
if (!hasRedis) console.log("\nNOT RUN: the Redis half of the suite. There is no redis-server on the PATH and REDIS_URL is not set.");
if (isWhole && chromium) console.log("The pages were looked at in a real browser.");
if (!chromium) console.log("NOT RUN: the pages in a browser. There is no Chromium at /usr/bin/chromium and CHROMIUM_PATH is not set.");
if (skipped > 0) console.log(`${skipped} tests were skipped; each says why in its name.`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = status === 0 && failed === 0 ? 0 : 1;
