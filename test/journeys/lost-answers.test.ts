import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startHttp } from "../../src/http/start-http.ts";
import { findFreePort } from "../../src/local/free-port.ts";
import { insertProviderEvent } from "../../src/db/provider-events.ts";
import { writeBounce } from "../channels/support/bounces.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, readTouchpoint } from "../workers/support/clinic-at-work.ts";
import { age, readAttempts } from "../workers/support/lost-answers.ts";

describeOnBackends("answers that are lost, and reports that come all the same", async (backend) => {
  const port = await findFreePort();
  const world = await openWorld({ backend, environment: { PUBLIC_BASE_URL: `http://127.0.0.1:${port}`, PORT: String(port) } });
  const { db, config, vault } = world.deps;
  const server = await startHttp({ ...world.deps, config });
  afterAll(() => server.close());
  await world.startWorkers();

  beforeEach(async () => {
    await world.twilio.settle();
    await sql`delete from provider_events`.execute(db);
    await forgetTouchpoints(world);
  });

  async function welcome(channel: "email" | "sms", before: () => void) {
    before();
    const patientId = await enqueueAna(world);
    const [id] = await findWelcomes(world, [patientId], channel);
    if (!id) expect.unreachable();
    // The sweep hints what is due; a stepped clock that was set back does not ring.
    await sql`select pg_notify('afterglow_clock', '')`.execute(db);
    return { patientId, id };
  }

  const untilSaid = (id: Parameters<typeof readAttempts>[1], providerState: string) =>
    expect.poll(async () => (await readAttempts(world, id)).at(-1)?.providerState, { timeout: 25_000 }).toBe(providerState);

  test("Ana's text arrives, and its delivery says so", async () => {
    const { id } = await welcome("sms", () => undefined);
    await untilSaid(id, "delivered");
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent", attempts: 1 });
    expect(world.twilio.callbacks().map(({ answer }) => answer)).not.toContain(403);
  });

  test("reports that come twice, in the wrong order and before the answer lead to the same", async () => {
    const statuses = ["delivered", "sent", "queued", "delivered", "sent"] as const;
    const { id } = await welcome("sms", () => world.twilio.setFaults([{ does: "report", statuses, when: "before-answer" }]));
    await untilSaid(id, "delivered");
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent", attempts: 1 });
    expect(await readAttempts(world, id)).toMatchObject([{ state: "sent", providerMessageId: world.twilio.messages()[0]?.sid }]);
  });

  test("a text whose answer is lost is settled by its report, and sent once", async () => {
    const { id } = await welcome("sms", () => world.twilio.setFaults([{ does: "drop", when: "after-accepting", times: 1 }]));
    await expect.poll(async () => (await readTouchpoint(world, id)).state, { timeout: 25_000 }).toBe("sent");
    expect(await readTouchpoint(world, id)).toMatchObject({ attempts: 1 });
    expect(world.twilio.messages()).toHaveLength(1);
  });

  test("a text whose answer and whose reports are lost is looked up by the workers themselves, and sent once", async () => {
    const { id } = await welcome("sms", () =>
      world.twilio.setFaults([
        { does: "drop", when: "after-accepting", on: "create", times: 1 },
        { does: "report", statuses: [] },
      ]),
    );
    await expect.poll(async () => (await readTouchpoint(world, id)).state, { timeout: 25_000 }).toBe("unknown");
    await age(world, 61);
    await expect.poll(async () => (await readTouchpoint(world, id)).state, { timeout: 25_000 }).toBe("sent");
    expect(world.twilio.messages()).toHaveLength(1);
  });

  test("a mail whose answer is lost goes out once more where the rule allows it, and never a third time", async () => {
    const { id } = await welcome("email", () => world.smtp.setFaults([{ does: "drop-after-accepting", times: 2 }]));
    await db.updateTable("touchpoints").set({ onUnknown: "resend" }).where("id", "=", id).execute();
    for (const attempts of [1, 2]) {
      await expect.poll(async () => readTouchpoint(world, id), { timeout: 25_000 }).toMatchObject({ state: "unknown", attempts });
      await age(world, 61);
      await sql`select pg_notify('afterglow_clock', '')`.execute(db);
    }
    await expect.poll(async () => readTouchpoint(world, id), { timeout: 25_000 }).toMatchObject({ state: "held", reason: "unknown" });
    expect(world.smtp.mails()).toHaveLength(2);
  });

  test("a mail that bounces is recorded with its delivery", async () => {
    const { id } = await welcome("email", () => undefined);
    await expect.poll(async () => (await readTouchpoint(world, id)).state, { timeout: 25_000 }).toBe("sent");
    const mail = writeBounce({ touchpointId: id, to: "somebody@elsewhere.test" });
    await insertProviderEvent(
      db,
      { provider: "smtp", deliveryId: null, fingerprint: createHash("sha256").update(mail).digest(), body: mail.toString("latin1") },
      vault,
    );
    await untilSaid(id, "bounced");
  });
});
