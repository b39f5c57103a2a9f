import { once } from "node:events";
import { expect, test } from "vitest";
import { startCli } from "./run-cli.ts";
import { seedClinic } from "./seed-clinic.ts";

test("status is shown again and again until Ctrl-C, and that is no failure", { timeout: 60_000 }, async () => {
  const clinic = await seedClinic();
  const child = startCli(["status", "--watch"], clinic.env);
  let shown = "";
  child.stdout?.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  await expect.poll(() => shown.match(/^clinic time/gm)?.length ?? 0, { timeout: 40_000 }).toBeGreaterThan(1);
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
  expect(await clinic.run(["status", "--watch", "--json"])).toMatchObject({ code: 2 });
});
