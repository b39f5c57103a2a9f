/** Patients answer their texts, through the carrier, the webhook, the queue and the workers, and get their answers as texts. */
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { loadForSending } from "../../src/db/send-rows.ts";
import { newId } from "../../src/clock.ts";
import { startHttp } from "../../src/http/start-http.ts";
import { describeOnBackends, at, openWorld } from "../support/world.ts";
import { enrol, rowsOf } from "../producers/support/enrolled.ts";
import { answersAbout, sayText, workAbout, write } from "../producers/support/texting.ts";
import { findFreePort } from "../../src/local/free-port.ts";

/** On a machine that has much else to do. */
const SLOWLY = { timeout: 30_000 };

describeOnBackends("Ana, Ben and Dee answer their texts", async (backend) => {
  const port = await findFreePort();
  const world = await openWorld({
    backend,
    environment: { HOST: "127.0.0.1", PORT: String(port), PUBLIC_BASE_URL: `http://127.0.0.1:${port}` },
  });
  const { db } = world.deps;
  const http = await startHttp(world.deps);
  afterAll(() => http.close());
  const phones = { ana: "+13035550181", ben: "+13035550182", dee: "+13035550183" };
  const [ana, ben, dee] = [
    await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: phones.ana } })),
    await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: phones.ben } })),
    await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: phones.dee } })),
  ];
  const say = async (from: string, body: string) => {
    const { status } = await world.twilio.sendInbound({ from, to: world.clinic.sms.address, body }, `${http.url}/webhooks/twilio/inbound`);
    expect(status).toBe(200);
  };
  const textsTo = (to: string) =>
    world.twilio
      .messages()
      .filter((message) => message.to === to)
      .map(({ body }) => body);

  test("what was asked is answered, each once, in the words of the clinic", { timeout: 120_000 }, async () => {
    await setSteppedClock(db, at("2027-01-08T17:00:00Z"));
    await sql`update touchpoints set state = 'superseded' where state = 'planned' and try_at <= (select afterglow_now())`.execute(db);
    for (const one of [ana, ben, dee]) await sayText(world, one, "day-before");
    await world.startWorkers();
    await say(phones.ana, "1");
    await say(phones.ben, "2");
    await say(phones.dee, "stop texting me please");
    await expect
      .poll(() => textsTo(phones.ana), SLOWLY)
      .toContainEqual(expect.stringMatching(/^Aspen Ridge Clinic: thank you, your visit on Monday, 9:00 AM is confirmed\. http/));
    await expect
      .poll(() => textsTo(phones.ben), SLOWLY)
      .toContain(
        "Aspen Ridge Clinic: we will call you about your visit on Monday. Until then it stays as planned. (303) 555-0100, Monday to Thursday, 8:00 AM to 5:00 PM; Friday, 8:00 AM to 4:00 PM",
      );
    await expect
      .poll(() => textsTo(phones.dee), SLOWLY)
      .toContain("Aspen Ridge Clinic: you will get no more texts from us. Questions: (303) 555-0100");
    const confirmations = textsTo(phones.ana).filter((body) => body.includes("is confirmed"));
    expect(confirmations).toHaveLength(1);
    expect([await answersAbout(world, ana), await answersAbout(world, ben)]).toEqual([["1 confirmed sms"], ["1 asks-to-move sms"]]);
    expect(await workAbout(world, dee)).toEqual(["call opted-out normal"]);
  });

  test("a cry for help is answered at night, though the number has opted out", { timeout: 60_000 }, async () => {
    await setSteppedClock(db, at("2027-01-09T09:00:00Z"));
    await say(phones.dee, "I want to die");
    await expect.poll(() => textsTo(phones.dee), SLOWLY).toContainEqual(expect.stringContaining("call or text 988 now"));
    expect(await db.selectFrom("alerts").select(["kind", "level"]).execute()).toEqual([{ kind: "self-harm-words", level: "critical" }]);
  });
});

describe("with the queue down", async () => {
  const world = await openWorld({ backend: "postgres" });
  const { db } = world.deps;
  const away = () => Promise.reject(new Error("away"));
  const paged: string[] = [];
  const http = await startHttp({
    ...world.deps,
    config: { ...world.deps.config, PORT: 0, PUBLIC_BASE_URL: "http://127.0.0.1:9" },
    queues: {
      backend: "postgres",
      queue: ({ name }) => ({ name, add: away, counts: away }),
      controls: world.deps.queues.controls,
      probe: away,
    },
    pageStaff: async (id) => void paged.push(id),
  });
  afterAll(() => http.close());
  const ana = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: "+13035550184" } }));

  test("the process that took the text raises the alarm, has staff paged, and obeys a STOP", async () => {
    for (const body of ["suicide", "STOP"]) {
      const { signTwilioRequest } = await import("../../src/local/twilio-poster.ts");
      const { ACCOUNT_SID, AUTH_TOKEN } = await import("../support/world.ts");
      const params = {
        AccountSid: ACCOUNT_SID,
        MessageSid: `SM${(body === "STOP" ? "1" : "2").repeat(32)}`,
        From: "+13035550184",
        To: world.clinic.sms.address,
        Body: body,
      };
      const signature = signTwilioRequest(AUTH_TOKEN, "http://127.0.0.1:9/webhooks/twilio/inbound", params);
      const answer = await fetch(`${http.url}/webhooks/twilio/inbound`, {
        method: "POST",
        headers: { "x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(params),
      });
      expect(answer.status).toBe(200);
    }
    await expect.poll(() => paged.length, SLOWLY).toBe(1);
    await expect.poll(async () => (await db.selectFrom("optOuts").select("source").execute()).length, SLOWLY).toBe(1);
    expect(await workAbout(world, ana)).toContain("call opted-out normal");
  });
});

describe("a STOP while a text is on its way out", async () => {
  const world = await openWorld({ backend: "postgres" });
  const { db } = world.deps;
  const claimOf = async (id: string) => {
    const [row] = await loadForSending(
      db,
      [(await db.selectFrom("touchpoints").select("id").where("id", "=", newIdOf(id)).executeTakeFirstOrThrow()).id],
      "sms",
    );
    if (!row) throw new Error("Not to be sent");
    return {
      id: row.id,
      deliveryId: newId<"delivery">(),
      contentHash: Buffer.from("x"),
      addressIndex: row.addressIndex,
      version: row.version,
    };
  };
  const newIdOf = (id: string) => sql<never>`${id}`;
  const dueText = async (phone: string) => {
    const one = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone } }));
    await setSteppedClock(db, at("2027-01-10T17:00:00Z"));
    const row = (await rowsOf(db, one)).find(
      ({ rule, channel, recipient, state }) => rule === "day-before" && channel === "sms" && recipient === "patient" && state === "planned",
    );
    if (!row) throw new Error("Nothing planned");
    await setSteppedClock(db, row.tryAt);
    return { one, row };
  };
  const workerId = newId<"worker">();

  test("written before the claim, the text that a worker has loaded is not sent any more", async () => {
    const { row } = await dueText("+13035550185");
    const claim = await claimOf(row.id);
    await write(world, "+13035550185", "STOP");
    expect(await claimTouchpoints(db, [claim], { workerId, channel: "sms" })).toEqual([]);
  });

  test("and without the opt-out that very claim succeeds", async () => {
    const { row } = await dueText("+13035550186");
    const claim = await claimOf(row.id);
    expect(await claimTouchpoints(db, [claim], { workerId, channel: "sms" })).toHaveLength(1);
  });

  test("written after the claim, the text is unwanted and never planned again", async () => {
    const { one, row } = await dueText("+13035550187");
    await claimTouchpoints(db, [await claimOf(row.id)], { workerId, channel: "sms" });
    await write(world, "+13035550187", "STOP");
    const after = (await rowsOf(db, one)).find(({ id }) => id === row.id);
    expect([after?.state, after?.unwantedAt === null]).toEqual(["sending", false]);
  });
});
