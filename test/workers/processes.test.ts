import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { describeOnBackends, openWorld, type World } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, readTouchpoint } from "./support/clinic-at-work.ts";

async function startProcess({
  variables,
}: World): Promise<{ child: ChildProcess; workerId: string; untilSaid: (word: string) => Promise<unknown> }> {
  const env = { PATH: process.env["PATH"], ...COMPILE_CACHE, TZ: "Pacific/Kiritimati", ...variables };
  const child = spawn(process.execPath, ["test/workers/support/worker-process.ts"], { env, stdio: ["ignore", "pipe", "inherit"] });
  afterKill.push(child);
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
  const untilSaid = async (word: string): Promise<string> => {
    await expect.poll(() => said.some((line) => line.startsWith(word)), { timeout: 25_000 }).toBe(true);
    return said.find((line) => line.startsWith(word)) ?? "";
  };
  return { child, workerId: (await untilSaid("ready")).slice("ready ".length), untilSaid };
}

const afterKill: ChildProcess[] = [];
afterAll(() => {
  for (const child of afterKill) child.kill("SIGKILL");
});

describeOnBackends("a worker process", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;

  test("killed in the middle of a send leaves an unknown, and nobody sends it again", async () => {
    const ana = await enqueueAna(world);
    const [[email], [sms]] = [await findWelcomes(world, [ana], "email"), await findWelcomes(world, [ana], "sms")];
    if (!email || !sms) expect.unreachable();
    world.smtp.setFaults([{ does: "hang-after-accepting" }]);
    const { child, workerId } = await startProcess(world);
    await world.smtp.waitForMails(1, { withinMs: 20_000 });
    await expect.poll(async () => (await readTouchpoint(world, sms)).state, { timeout: 10_000 }).toBe("sent");
    expect(await readTouchpoint(world, email)).toMatchObject({ state: "sending" });
    child.kill("SIGKILL");
    await once(child, "exit");
    world.smtp.setFaults([]);
    expect((await sweepDue(world.deps))?.abandoned).toBe(0);
    expect(await readTouchpoint(world, email)).toMatchObject({ state: "sending" });
    await sql`update workers set beat_at = clock_timestamp() - interval '21 seconds' where id = ${workerId}`.execute(db);
    expect((await sweepDue(world.deps))?.abandoned).toBe(1);
    expect(await readTouchpoint(world, email)).toMatchObject({ state: "unknown", reason: "worker-lost", attempts: 1 });
    const next = await world.startWorkers();
    await sql`update touchpoints set hinted_at = clock_timestamp() - interval '11 seconds' where hinted_at is not null`.execute(db);
    await expect
      .poll(
        async () =>
          (
            await sql`select from touchpoints where state in ('planned', 'sending') and try_at <= (select afterglow_now()) and awaits is null`.execute(
              db,
            )
          ).rows,
        { timeout: 15_000 },
      )
      .toEqual([]);
    await next.stop();
    expect(world.smtp.mails()).toHaveLength(1);
    expect(await readTouchpoint(world, email)).toMatchObject({ state: "unknown", attempts: 1 });
  });

  test("told to stop claims nothing more, waits for the answer it expects, leaves nothing in flight and exits", async () => {
    await forgetTouchpoints(world);
    const ana = await enqueueAna(world);
    const [email] = await findWelcomes(world, [ana], "email");
    if (!email) expect.unreachable();
    world.smtp.setFaults([{ does: "drip", everyMs: 5 }]);
    const { child, workerId, untilSaid } = await startProcess(world);
    await expect.poll(async () => (await readTouchpoint(world, email)).state, { timeout: 20_000 }).toBe("sending");
    child.kill("SIGTERM");
    const exited = once(child, "exit");
    await untilSaid("stopped");
    expect(await exited).toEqual([0, null]);
    expect(await readTouchpoint(world, email)).toMatchObject({ state: "sent" });
    expect((await sql`select from touchpoints where state = 'sending'`.execute(db)).rows).toEqual([]);
    expect((await sql`select from workers where id = ${workerId} and stopped_at is not null`.execute(db)).rows).toHaveLength(1);
    expect(world.smtp.mails()).toHaveLength(1);
    world.smtp.setFaults([]);
  });
});
