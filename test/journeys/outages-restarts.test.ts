import { sql } from "kysely";
import { expect, test } from "vitest";
import { describeOnBackends } from "../support/world.ts";
import { openFragileWorld } from "./support/fragile-world.ts";
import { killChildrenAfterAll, startWorkerChild, type WorkerChild } from "./support/worker-child.ts";

/** Starting a process is most of the time; the engine differs only in how hints reach it. */
const RESTARTS = { redis: 20, postgres: 6 } as const;
/** Two at a time, as a deployment does that replaces half of what runs. */
const LANES = 2;
const MESSAGES = 600;

describeOnBackends("rolling restarts under load", async (backend) => {
  const restarts = RESTARTS[backend];
  killChildrenAfterAll();
  const { world, db, makeDue, allSentOnce } = await openFragileWorld(backend);

  test("lose nothing and double nothing, and each old process goes in good order", { timeout: 400_000 }, async () => {
    await makeDue(MESSAGES);
    // Spread over the restarts: every tick of a lane makes some more of them due.
    await sql`update touchpoints set try_at = send_by - interval '1 minute', hinted_at = null`.execute(db);
    const lanes = Array.from({ length: LANES }, async () => {
      let present = await startReady();
      const ends: Awaited<WorkerChild["exited"]>[] = [];
      for (let restart = 0; restart < restarts / LANES; restart++) {
        await makeSomeDue();
        const next = await startReady();
        await makeSomeDue();
        present.child.kill("SIGTERM");
        ends.push(await present.exited);
        present = next;
      }
      return { ends, present };
    });
    const results = await Promise.all(lanes);
    expect(new Set(results.flatMap(({ ends }) => ends).map((end) => JSON.stringify(end)))).toEqual(new Set(["[0,null]"]));
    await sql`update touchpoints set try_at = (select afterglow_now()) where state = 'planned' and try_at > (select afterglow_now())`.execute(
      db,
    );
    await allSentOnce();
    for (const { present } of results) present.child.kill("SIGTERM");
    for (const { present } of results) expect(await present.exited).toEqual([0, null]);
    expect((await sql`select from workers where stopped_at is null`.execute(db)).rows).toEqual([]);
  });

  async function startReady(): Promise<WorkerChild> {
    const next = startWorkerChild(world);
    await next.until("worker.started");
    return next;
  }

  async function makeSomeDue(): Promise<void> {
    const some = Math.ceil((2 * MESSAGES) / (2 * restarts));
    await sql`
      update touchpoints set try_at = (select afterglow_now()) where id in (
        select id from touchpoints where state = 'planned' and try_at > (select afterglow_now()) limit ${some} for update skip locked)`.execute(
      db,
    );
  }
});
