import { sql } from "kysely";
import { expect, test } from "vitest";
import { hintEarlyOnes } from "../../src/workers/hint-early-ones.ts";
import { sendSms } from "../../src/queues/send-hints.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, makeSenders, readTouchpoint } from "./support/clinic-at-work.ts";

describeOnBackends("a hint that comes before its moment", async (backend) => {
  const world = await openWorld({ backend });
  const { db, queues } = world.deps;
  const countJobs = async () => {
    const { waiting = 0, delayed = 0 } = await queues.queue(sendSms).counts();
    return waiting + delayed;
  };

  async function hintAnaEarly(bySeconds: number) {
    await forgetTouchpoints(world);
    const [sms] = await findWelcomes(world, [await enqueueAna(world)], "sms");
    if (!sms) expect.unreachable();
    await sql`update clinic_clock set mode = 'real'`.execute(db);
    await sql`
      update touchpoints set hinted_at = clock_timestamp(), try_at = k.at, first_try_at = k.at, send_by = k.at + interval '1 hour', expires_at = k.at + interval '2 hours',
        legal_at = tstzmultirange(tstzrange(k.at, k.at + interval '1 hour'))
      from (select clock_timestamp() + make_interval(secs => ${bySeconds}) as at) k where id = ${sms}`.execute(db);
    const senders = await makeSenders(world);
    const before = await countJobs();
    const counts = await hintEarlyOnes(world.deps, senders.sms)({ touchpointIds: [sms] });
    return { sms, counts, added: (await countJobs()) - before };
  }

  test("sends nothing, and is given again", async () => {
    const { sms, counts, added } = await hintAnaEarly(30);
    expect(counts).toMatchObject({ skipped: 1 });
    expect(added).toBe(1);
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "planned", attempts: 0 });
  });

  test("at its moment sends, and is not given again", async () => {
    const { sms, added } = await hintAnaEarly(0);
    expect(added).toBe(0);
    expect(await readTouchpoint(world, sms)).toMatchObject({ state: "sent" });
  });
});
