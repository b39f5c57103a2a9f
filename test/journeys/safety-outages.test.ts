import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, inject, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { transact } from "../../src/db/transact.ts";
import type { AlertId } from "../../src/domain/ids.ts";
import { PHQ_9 } from "../../src/domain/instruments/phq.ts";
import { answerSurvey } from "../../src/producers/answer-survey.ts";
import { planPatients } from "../../src/producers/plan-patient.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { commitAlert, enrolAna, listPages, worry } from "../workers/support/alarm.ts";
import { openFragileWorld } from "./support/fragile-world.ts";

const WITHIN = { timeout: 20_000, interval: 50 };

describe.skipIf(!inject("redisUrl"))("with Redis away at the moment of the answer", async () => {
  const fragile = await openFragileWorld("redis");
  const { world } = fragile;
  const ana = await enrolAna(world);

  test("the process that took the answer pages by itself", async () => {
    await fragile.redis?.line.cut();
    const id = await worry(world, ana);
    await expect.poll(() => listPages(world, id), WITHIN).toHaveLength(1);
    await expect.poll(() => listPages(world, id), WITHIN).toEqual([expect.stringContaining("sms sent")]);
    await fragile.redis?.line.mend();
  });

  test("an answer to a survey that calls for help is stored, and pages, within the same request", async () => {
    const { deps } = world;
    await transact(deps.db, (tx) => planPatients(tx, [ana.patientId], deps.tokens));
    const { id } = await deps.db
      .selectFrom("surveyInvitations")
      .select("id")
      .where("seriesId", "=", ana.seriesId)
      .where("instrument", "=", "phq-9")
      .orderBy("askedAt")
      .executeTakeFirstOrThrow();
    await fragile.redis?.line.cut();
    const answers = Object.fromEntries(PHQ_9.items.map((item) => [item.id, item.id === "9" ? 3 : 0]));
    const said = { actor: "patient", dryRun: false, ifRevision: null, answers, locale: "en", source: "patient" } as const;
    expect(await answerSurvey(deps, id, said)).toMatchObject({ kind: "changed" });
    const alert = await deps.db
      .selectFrom("alerts")
      .select("id")
      .where("kind", "=", "self-harm-answer")
      .orderBy("storedAt", "desc")
      .executeTakeFirstOrThrow();
    await expect.poll(() => listPages(world, alert.id), WITHIN).toEqual([expect.stringContaining("sms sent")]);
    await fragile.redis?.line.mend();
  });

  test("silent instead of away, it holds the page up for a second at most", async () => {
    fragile.redis?.line.stall();
    const id = await worry(world, ana);
    await expect.poll(() => listPages(world, id), WITHIN).toEqual([expect.stringContaining("sms sent")]);
    fragile.redis?.line.flow();
  });
});

describeOnBackends("a process that dies between the commit of an answer and the page", async (backend) => {
  const world = await openWorld({ backend });

  test("leaves an alert that the workers find and page within seconds", async () => {
    const ana = await enrolAna(world);
    const { clinicId, variables, deps } = world;
    const cause = {
      clinicId,
      ...ana,
      request: undefined,
      sessionId: null,
      kind: "self-harm-answer",
      level: "critical",
      source: "survey-response",
      sourceId: newId(),
    };
    const env = { PATH: process.env["PATH"], ...COMPILE_CACHE, ...variables, AFTERGLOW_FAULT: "before-page" };
    const child = spawn(process.execPath, ["test/workers/support/raise-and-die.ts", JSON.stringify(cause)], { env, stdio: "inherit" });
    const [, signal]: unknown[] = await once(child, "exit");
    expect(signal).toBe("SIGKILL");
    const { id } = await deps.db.selectFrom("alerts").select("id").executeTakeFirstOrThrow();
    expect(await listPages(world, id)).toEqual([]);
    const workers = await world.startWorkers();
    await expect.poll(() => listPages(world, id), WITHIN).toEqual([expect.stringContaining("sms sent")]);
    await workers.stop();
  });
});

describe("with PostgreSQL slow", async () => {
  const world = await openWorld({ backend: "postgres", environment: { DATABASE_CONNECTIONS: "2" } });
  const { db, pageStaff } = world.deps;

  test("a page stands behind nobody who waits for a connection or a lock of the pool that everybody shares", async () => {
    const ana = await enrolAna(world);
    const id = await commitAlert(world, ana);
    const busy = [0, 1].map(() => db.transaction().execute(async (tx) => sleepAWhile(tx)));
    await pageStaff(id);
    const stillBusy = await Promise.race([Promise.all(busy).then(() => false), Promise.resolve(true)]);
    expect(stillBusy).toBe(true);
    await Promise.all(busy);
    expect(await listPages(world, id)).toEqual([expect.stringContaining("sms sent")]);
  });

  async function sleepAWhile(tx: typeof db): Promise<AlertId | null> {
    const { sql } = await import("kysely");
    await sql`select pg_sleep(3)`.execute(tx);
    return null;
  }
});
