/** The same facts give the same plan on every machine: whatever zone its process runs in and whatever month its clocks show. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";

const PRINT_PLANS = fileURLToPath(new URL("../support/print-plans.ts", import.meta.url));
const MACHINES = [
  ["America/New_York", "2026-12-01T00:00:00Z"],
  ["UTC", "2026-12-01T00:00:00Z"],
  ["Asia/Kathmandu", "2026-12-01T00:00:00Z"],
  ["Pacific/Kiritimati", "2026-12-01T00:00:00Z"],
  ["America/New_York", "2026-07-01T00:00:00Z"],
  ["America/New_York", "2027-03-14T06:59:00Z"],
] as const;

const printed: string[] = [];

async function print(zone: string, machineTime: string): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [PRINT_PLANS, machineTime], { env: { TZ: zone }, maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

/** What was printed after the machine's offset. */
function plansIn(text: string): string {
  return text.slice(text.indexOf('"plans"'));
}

beforeAll(async () => {
  for (const [zone, machineTime] of MACHINES) printed.push(await print(zone, machineTime));
}, 120_000);

test("each process ran in its own zone and planned something", () => {
  expect(printed.map((text) => /^\{"offset":(-?\d+)/.exec(text)?.[1])).toEqual(["300", "0", "-345", "-840", "240", "300"]);
  expect(printed[0]?.match(/"state":"planned"/g)?.length).toBeGreaterThan(1_000);
});

test.each(MACHINES.map(([zone, machineTime], index) => [zone, machineTime, index] as const))(
  "in %s, at %s, plans are byte for byte the same",
  (_zone, _machineTime, index) => {
    expect(plansIn(printed[index] ?? "") === plansIn(printed[0] ?? "none")).toBe(true);
  },
);
