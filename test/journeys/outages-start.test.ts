import { describe, expect, inject, test } from "vitest";
import type { Backend } from "../support/world.ts";
import { openFragileWorld } from "./support/fragile-world.ts";
import { killChildrenAfterAll, startWorkerChild } from "./support/worker-child.ts";

const backend: Backend = inject("redisUrl") ? "redis" : "postgres";

describe("a worker process that finds something missing at its start", async () => {
  killChildrenAfterAll();
  const { world, postgres, redis, makeDue, allSentOnce } = await openFragileWorld(backend);
  const missing = [["PostgreSQL", postgres.line] as const, ...(redis ? [["Redis", redis.line] as const] : [])];

  test.each(missing)("says that %s is, tries again, and works as soon as it is there", { timeout: 120_000 }, async (name, line) => {
    await makeDue(5);
    await line.cut();
    const process = startWorkerChild(world);
    await process.until("trying again");
    expect(process.lines.filter((each) => each.includes("trying again"))).toEqual([expect.stringContaining(name)]);
    expect(process.lines.join()).not.toContain("worker.started");
    await line.mend();
    await process.until("worker.started");
    await allSentOnce();
    process.child.kill("SIGTERM");
    expect(await process.exited).toEqual([0, null]);
  });

  test("told to stop while it waits, it goes at once", { timeout: 120_000 }, async () => {
    await postgres.line.cut();
    const process = startWorkerChild(world);
    await process.until("trying again");
    process.child.kill("SIGTERM");
    expect(await process.exited).toEqual([0, null]);
    await postgres.line.mend();
  });
});
