import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { makeReadinessCheck } from "../../src/http/check-readiness.ts";
import { HEART_TIMES } from "../../src/workers/heartbeat.ts";
import { startWorkers } from "../../src/workers/start-workers.ts";
import { describeOnBackends } from "../support/world.ts";
import { openFragileWorld, tooLoud } from "./support/fragile-world.ts";

const WITHIN = { timeout: 60_000 };
const EACH = 30;
/** A supervisor would not be as impatient; what it would do stays the same. */
const QUICK = {
  ...HEART_TIMES,
  lookEvery: 50,
  beatEvery: 200,
  answerWithin: 500,
  lostAfter: 1_000,
  giveUpAfter: { refused: 60_000, silent: 4_000 },
};

describeOnBackends("a PostgreSQL", async (backend) => {
  const { world, db, postgres, makeDue, allSentOnce, allAccountedFor } = await openFragileWorld(backend);
  const readiness = makeReadinessCheck({ ...world.deps, config: { ROLE: "all" } });
  const databaseIs = (word: "ok" | "down") => expect.poll(async () => (await readiness()).database, WITHIN).toBe(word);
  const said = (event: string, from = 0) => world.logged.slice(from).filter((line) => line.includes(`"${event}"`)).length;
  const workers = await startWorkers({ ...world.deps, heartTimes: QUICK });

  afterEach(() => {
    expect(tooLoud(world.logged)).toEqual([]);
  });

  test("messages go out while all is well, and readiness says so", { timeout: 90_000 }, async () => {
    await makeDue(EACH);
    await allSentOnce();
    await expect.poll(readiness, WITHIN).toEqual({ database: "ok", migrations: "ok", queue: "ok", work: "ok" });
  });

  test("restarted, it makes readiness red and the worker stand still; everything goes out once when it is back", {
    timeout: 120_000,
  }, async () => {
    await makeDue(10 * EACH);
    const before = world.logged.length;
    await postgres.stop();
    await databaseIs("down");
    await expect.poll(() => said("worker.paused", before), WITHIN).toBe(1);
    await postgres.start();
    await databaseIs("ok");
    await expect.poll(() => said("worker.resumed", before), WITHIN).toBe(1);
    await allAccountedFor();
  });

  test("read-only, as a server that was not promoted yet, it is waited for", { timeout: 120_000 }, async () => {
    await makeDue(10 * EACH);
    const before = world.logged.length;
    await postgres.rule("alter role clinic set default_transaction_read_only = on");
    await endSessions(db);
    await expect.poll(() => said("worker.paused", before), WITHIN).toBe(1);
    await databaseIs("down");
    await postgres.rule("alter role clinic reset default_transaction_read_only");
    await endSessions(db);
    await expect.poll(() => said("worker.resumed", before), WITHIN).toBe(1);
    await allAccountedFor();
  });

  test("without a connection to spare it is asked again, and again, until it has one", { timeout: 120_000 }, async () => {
    await makeDue(10 * EACH);
    const before = world.logged.length;
    await postgres.rule("alter role clinic connection limit 0");
    await postgres.rule("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'clinic'");
    await expect.poll(() => said("worker.paused", before), WITHIN).toBe(1);
    await databaseIs("down");
    await postgres.rule("alter role clinic connection limit -1");
    await expect.poll(() => said("worker.resumed", before), WITHIN).toBe(1);
    await allAccountedFor();
  });

  test("when it says nothing any more the worker gives up, and the one that is started in its place sends", {
    timeout: 120_000,
  }, async () => {
    await makeDue(EACH);
    postgres.line.stall();
    expect(await workers.failed).toMatchObject({ name: "HeartbeatLost" });
    expect(said("worker.failed")).toBe(1);
    // What a supervisor does, and the end of the process with it.
    await postgres.line.cut();
    await workers.stop();
    await postgres.line.mend();
    await world.startWorkers();
    await allAccountedFor();
  });
});

/** As a pooler does that goes over to another server. */
async function endSessions(db: Database): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user and pid <> pg_backend_pid() and application_name <> 'test-direct'`.execute(
    db,
  );
}
