import { sql } from "kysely";
import { expect, test } from "vitest";
import { FAULT_POINTS } from "../../src/fault-point.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { enqueueAna } from "../workers/support/clinic-at-work.ts";
import { killChildrenAfterEach, startWorkerChild } from "./support/worker-child.ts";

const WITHIN = { timeout: 60_000 };

type Row = { id: string; channel: string; state: string; resends: number; accepted: number };

describeOnBackends("a worker process killed at a named step", async (backend) => {
  // One that did not die would do the work of those that follow.
  killChildrenAfterEach();
  const world = await openWorld({ backend });
  const { db } = world.deps;

  /** What time would do, at once: those who no longer beat are dead, and hints that nobody took are lost. */
  async function letTimePass(): Promise<void> {
    await sql`update workers set beat_at = clock_timestamp() - interval '21 seconds' where stopped_at is null`.execute(db);
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '11 seconds' where hinted_at is not null`.execute(db);
  }

  /** Each touchpoint with how often a provider took it: mails by their Message-ID, texts by the attempt that their callback names. */
  async function readRows(): Promise<Row[]> {
    const mails = world.smtp.mails().map(({ raw }) => /^Message-ID:\s*<tp-([0-9a-f-]{36})/im.exec(raw.toString())?.[1] ?? "none");
    const texts = world.twilio.messages().map(({ statusCallback }) => statusCallback?.split("/").at(-1) ?? "none");
    const { rows } = await sql<Row>`
      select t.id, t.channel, t.state, t.resends,
        (select count(*) from unnest(${mails}::uuid[]) m where m = t.id)
          + (select count(*) from unnest(${texts}::uuid[]) x join deliveries d on d.id = x where d.touchpoint_id = t.id) as accepted
      from touchpoints t where t.rule = 'welcome' and t.channel <> 'task'`.execute(db);
    return rows;
  }

  /** Steps at which nothing is in the hands of a provider: whoever comes next must send, and nothing may stay unknown. */
  const HARMLESS: ReadonlySet<string> = new Set(["after-commit-of-plan", "before-hint", "after-load", "before-claim"]);

  /** Sending pages nobody; safety-outages.test.ts dies at that step. */
  test.each(FAULT_POINTS.filter((point) => point !== "before-page"))(
    "%s: leaves nothing doubled and nothing lost, and whoever comes next finishes the work",
    { timeout: 120_000 },
    async (point) => {
      const before = new Set((await readRows()).map(({ id }) => id));
      const ana = await enqueueAna(world);
      if (point === "after-commit-of-plan")
        await sql`update patients set plan_revision = plan_revision + 1, unplanned_since = clock_timestamp() - interval '6 seconds' where id = ${ana}`.execute(
          db,
        );
      const { exited, lines } = startWorkerChild(world, { AFTERGLOW_FAULT: point });
      expect(await exited, lines.join("\n")).toEqual([null, "SIGKILL"]);
      const readMine = async () => (await readRows()).filter(({ id }) => !before.has(id));
      expect((await readMine()).filter(({ accepted }) => accepted > 1)).toEqual([]);
      await letTimePass();
      const next = await world.startWorkers();
      const isOver = ({ state }: Row) => state === "sent" || state === "unknown" || state === "held";
      await expect.poll(async () => (await readMine()).map(isOver), WITHIN).toEqual([true, true]);
      await next.stop();
      for (const { state, accepted, resends } of await readMine()) {
        expect(accepted).toBeLessThanOrEqual(1 + resends);
        if (state === "sent") expect(accepted).toBeGreaterThan(0);
        if (HARMLESS.has(point)) expect({ state, accepted }).toEqual({ state: "sent", accepted: 1 });
      }
      expect((await sql`select from patients where plan_revision <> planned_revision`.execute(db)).rows).toEqual([]);
    },
  );
});
