import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { at } from "../support/world.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
  await stepClock(clinic.db, at("2027-01-10T18:00:00Z"));
});

const due = sql`select id from claimable_touchpoints where channel <> 'task' and try_at <= afterglow_now() and legal_at @> afterglow_now()`;
const count = async (which: ReturnType<typeof sql>) =>
  (await sql<{ number: number }>`select count(*)::integer as number from touchpoints where id in (${due}) and ${which}`.execute(clinic.db))
    .rows[0]?.number;

describe("queue", () => {
  test("lists every queue, and says which one is paused", async () => {
    expect(await clinic.run(["queue", "pause", "send-sms", "--actor", "Maria"])).toMatchObject({ code: 0 });
    const { stdout } = await clinic.run(["queue", "list"]);
    expect(stdout).toMatch(/^send-sms +paused /m);
    expect(stdout).toMatch(/^send-email +open /m);
    expect((await clinic.run(["status"])).stdout).toMatch(/^queues .*send-sms paused/m);
    expect(linesOf((await clinic.run(["status", "--json"])).stdout)).toMatchObject([
      { queues: { paused: ["send-sms"], jobs: { "handle-reply": {} } } },
    ]);
    expect((await clinic.run(["queue", "pause", "send-sms"])).stdout).toBe("send-sms is paused already.\n");
    expect(await clinic.run(["queue", "resume", "send-sms"])).toMatchObject({ code: 0 });
    expect(linesOf((await clinic.run(["queue", "list", "--json"])).stdout)).toContainEqual(
      expect.objectContaining({ name: "send-sms", isPaused: false }),
    );
  });

  test("changes nothing in a dry run, and never pauses the queue that pages people", async () => {
    expect((await clinic.run(["queue", "pause", "plan-series", "--dry-run"])).stdout).toContain("Nothing was changed");
    expect((await clinic.run(["queue", "list"])).stdout).not.toContain("paused");
    expect(await clinic.run(["queue", "pause", "page-staff"])).toMatchObject({ code: 1 });
    expect((await clinic.run(["queue", "retry", "send-emial"])).stderr).toContain("did you mean send-email?");
    expect((await clinic.run(["queue", "retry", "send-email"])).stdout).toBe("Nothing of send-email has failed.\n");
  });

  test("hints again what is due, of one channel or of both, and leaves it in a dry run", async () => {
    await sql`update touchpoints set hinted_at = clock_timestamp() where id in (${due})`.execute(clinic.db);
    const hinted = await count(sql`hinted_at is not null`);
    expect(hinted).toBeGreaterThan(0);
    const rehearsed = await clinic.run(["queue", "requeue", "--dry-run"]);
    expect(rehearsed.stdout).toMatch(/^Would be: hinted again: \d+ by /);
    expect(await count(sql`hinted_at is not null`)).toBe(hinted);
    const mails = await count(sql`channel = 'email'`);
    const [result] = linesOf((await clinic.run(["queue", "requeue", "--channel", "email", "--json"])).stdout);
    expect(result).toMatchObject({ due: mails ? [{ channel: "email", count: mails }] : [], rested: [] });
    expect(await count(sql`hinted_at is not null`)).toBe((hinted ?? 0) - (mails ?? 0));
  });

  test("tries now what rests after a failed attempt, where that is asked for, and never what waits for its own moment", async () => {
    const { rows } = await sql<{ id: string }>`
      update touchpoints set attempts = 1, try_at = afterglow_now() + interval '20 minutes' where id = (select id from (${due}) d order by id limit 1) returning id`.execute(
      clinic.db,
    );
    const later = await sql<{
      number: number;
    }>`select count(*)::integer as number from touchpoints where state = 'planned' and try_at > afterglow_now()`.execute(clinic.db);
    expect(linesOf((await clinic.run(["queue", "requeue", "--json"])).stdout)).toMatchObject([{ rested: [] }]);
    const [result] = linesOf((await clinic.run(["queue", "requeue", "--backed-off", "--json"])).stdout);
    expect(result).toMatchObject({ rested: [{ count: 1 }] });
    const after = await sql<{
      number: number;
    }>`select count(*)::integer as number from touchpoints where state = 'planned' and try_at > afterglow_now()`.execute(clinic.db);
    expect(after.rows[0]?.number).toBe((later.rows[0]?.number ?? 0) - 1);
    expect(rows.length).toBe(1);
  });
});
