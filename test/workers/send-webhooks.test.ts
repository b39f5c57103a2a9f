import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createWebhookChannel } from "../../src/channels/webhook.ts";
import { machineNow, newId } from "../../src/clock.ts";
import { appendEvents } from "../../src/db/events.ts";
import { transact } from "../../src/db/transact.ts";
import { loadStaffedClinics } from "../../src/db/staffed-clinics.ts";
import { listEndpoints } from "../../src/db/webhooks.ts";
import { type Instant, instant } from "../../src/domain/calendar.ts";
import { parsePublicId, toPublicId, type WebhookId } from "../../src/domain/ids.ts";
import { addStaffedTime } from "../../src/domain/staffed-time.ts";
import { WEBHOOK_KINDS, type WebhookKind } from "../../src/domain/webhook.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { acknowledgeAlert } from "../../src/producers/acknowledge-alert.ts";
import { answerSession } from "../../src/producers/answer-session.ts";
import { callAboutSystems } from "../../src/producers/call-about-system.ts";
import { addWebhook, redeliverWebhook, removeWebhook, rotateWebhook, testWebhook } from "../../src/producers/change-webhooks.ts";
import { raiseByStaff } from "../../src/producers/raise-by-staff.ts";
import { sendWebhooks, type WebhookDeps } from "../../src/workers/send-webhooks.ts";
import { type Enqueued, enqueueExample, openClinic, sessionsOf, startWeb, type Web } from "../http/support/aspen-ridge-web.ts";
import { type Heard, isSigned, openReceiver, type WebhookReceiver } from "../support/webhook-receiver.ts";

let web: Web;
let ehr: WebhookReceiver;
let ana: Enqueued;
let clinicId: Awaited<ReturnType<typeof clinicOf>>;
let machine: Instant;
let deps: WebhookDeps;
const added: WebhookId[] = [];
const HOUR_MS = 3_600_000;

async function clinicOf({ db }: Web) {
  return (await db.selectFrom("clinics").select("id").executeTakeFirstOrThrow()).id;
}

beforeAll(async () => {
  web = await startWeb();
  await openClinic(web, ["iv-ketamine"]);
  ehr = await openReceiver();
  ana = await enqueueExample(web, "ana-iv");
  clinicId = await clinicOf(web);
  const webhooks = createWebhookChannel({ hosts: [ehr.host], isProduction: false, deadlineMs: 2_000 });
  afterAllCloses.push(() => webhooks.close());
  deps = { ...web, webhooks, machineNow: () => machine };
});
const afterAllCloses: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of afterAllCloses) await close();
});

afterEach(async () => {
  for (const id of added.splice(0)) await removeWebhook(web, id, "test");
  ehr.heard.length = 0;
  ehr.answerWith(204);
});

async function listen(kinds: readonly WebhookKind[] = WEBHOOK_KINDS): Promise<{ id: WebhookId; secret: string }> {
  const made = await addWebhook(web, { clinicId, url: ehr.url, kinds, rules: { hosts: [ehr.host], isProduction: false }, actor: "test" });
  if (made.kind !== "made") throw new Error("Refused");
  const id = parsePublicId("webhook", made.webhook);
  if (!id) throw new Error("No id");
  added.push(id);
  machine = instant(machineNow() + 60_000);
  return { id, secret: made.secret };
}

const read = ({ body }: Heard): { id: string; kind: string; at: string; clinic: string; data: Record<string, string> } => JSON.parse(body);
const kindsHeard = () => ehr.heard.map((heard) => read(heard).kind);

/** Writes a fact of a session as producers do, in a transaction that the test ends. */
async function beginFact(): Promise<{ commit(): Promise<void>; id: string }> {
  const [session] = await sessionsOf(web, ana);
  if (!session) throw new Error("No session");
  const written = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const done = transact(web.db, async (tx) => {
    await appendEvents(tx, [{ kind: "session.moved", clinicId, subjectId: session, actor: "test" }]);
    written.resolve();
    await end.promise;
  });
  await written.promise;
  return {
    id: session,
    commit: async () => {
      end.resolve();
      await done;
    },
  };
}

describe("another system", () => {
  test("hears what happened, signed, in ids, with nothing about anybody's health", async () => {
    const { secret } = await listen();
    const [session] = await sessionsOf(web, ana);
    if (!session) expect.unreachable();
    await answerSession(web, { sessionId: session, answers: ["confirmed"], via: "sms", actor: "patient" });
    const raised = await raiseByStaff(web, ana.patientId, {
      kind: "worsening",
      level: "medium",
      clinicId,
      actor: "staff:maria",
      dryRun: false,
      ifRevision: null,
    });
    if (raised.kind !== "changed") expect.unreachable();
    await acknowledgeAlert(web, raised.value.alert, { actor: "staff:lena", wish: "acknowledge" });
    await sendWebhooks(deps);
    expect(kindsHeard().toSorted()).toEqual(["alert.acknowledged", "alert.raised", "session.confirmed"]);
    for (const heard of ehr.heard) {
      expect(isSigned(heard, secret)).toBe(true);
      expect(heard.headers["afterglow-event-id"]).toBe(read(heard).id);
      expect(heard.body).not.toMatch(/worsening|medium|ketamine|infusion|lena|maria|Ana/i);
      expect(Object.keys(read(heard)).toSorted()).toEqual(["at", "clinic", "data", "id", "kind"]);
      for (const id of Object.values(read(heard).data)) expect(id).toMatch(/^(ses|ser|pat|alr)_[0-9a-f-]{36}$/);
    }
    const confirmed = ehr.heard.map(read).find(({ kind }) => kind === "session.confirmed");
    expect(confirmed?.data).toEqual({
      session: toPublicId("session", session),
      series: toPublicId("series", ana.seriesId),
      patient: toPublicId("patient", ana.patientId),
    });
  });

  test("hears a fact once, however often the audit is read, and nothing from before it listened", async () => {
    await (await beginFact()).commit();
    // Moments are compared by the millisecond.
    const written = machineNow();
    await expect.poll(machineNow, { interval: 1 }).toBeGreaterThan(written);
    await listen();
    await sendWebhooks(deps);
    expect(ehr.heard).toEqual([]);
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    await sql`update webhook_relay set event_id = 0`.execute(web.db);
    await sendWebhooks(deps);
    expect(kindsHeard()).toEqual(["session.moved"]);
  });

  test("hears only the kinds that it listens to, and only of its clinic", async () => {
    await listen(["alert.raised"]);
    await transact(web.db, (tx) => appendEvents(tx, [{ kind: "alert.raised", clinicId: newId(), subjectId: newId(), actor: "test" }]));
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    expect(ehr.heard).toEqual([]);
  });

  test("is told once when two workers send at the same time", async () => {
    await listen();
    for (let fact = 0; fact < 20; fact++) await (await beginFact()).commit();
    await Promise.all([sendWebhooks(deps), sendWebhooks(deps), sendWebhooks(deps)]);
    await sendWebhooks(deps);
    const ids = ehr.heard.map((heard) => read(heard).id);
    expect([ids.length, new Set(ids).size]).toEqual([20, 20]);
  });
});

describe("a fact that is committed after a later one", () => {
  const cursor = async () => (await web.db.selectFrom("webhookRelay").select("eventId").executeTakeFirstOrThrow()).eventId;
  const newest = async () =>
    Number(
      (
        await web.db
          .selectFrom("events")
          .select(({ fn }) => fn.max("id").as("id"))
          .executeTakeFirst()
      )?.id,
    );

  test("is told all the same", async () => {
    await listen();
    const slow = await beginFact();
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    expect(kindsHeard()).toHaveLength(1);
    await slow.commit();
    await sendWebhooks(deps);
    await sendWebhooks(deps);
    expect(kindsHeard()).toHaveLength(2);
    expect(await cursor()).toBe(await newest());
  });

  test("would be lost by a reader that goes on from the newest fact it saw", async () => {
    await listen();
    const slow = await beginFact();
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    await sql`update webhook_relay set event_id = ${await newest()}, seen_id = null, holders = '{}'`.execute(web.db);
    await slow.commit();
    await sendWebhooks(deps);
    expect(kindsHeard()).toHaveLength(1);
  });

  test("would be lost by a reader that goes on from the newest fact below the oldest running transaction, when the later fact is of an older transaction", async () => {
    await listen();
    const locked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const older = transact(web.db, async (tx) => {
      // Takes its number now, and writes the audit later.
      await sql`select from patients where id = ${ana.patientId} for no key update`.execute(tx);
      locked.resolve();
      await go.promise;
      await appendEvents(tx, [{ kind: "session.moved", clinicId, subjectId: ana.seriesId, actor: "test" }]);
    });
    await locked.promise;
    const slow = await beginFact();
    go.resolve();
    await older;
    const naive = async () => {
      const { rows } = await sql<{ id: number }>`
        select max(id) as id from events where xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`.execute(web.db);
      return rows[0]?.id;
    };
    // The oldest transaction is one of the whole server, on which other tests have databases of their own.
    await expect.poll(naive, { timeout: 20_000 }).toBe(await newest());
    await sendWebhooks(deps);
    expect(await cursor()).toBeLessThan(await newest());
    await slow.commit();
    await sendWebhooks(deps);
    expect(kindsHeard()).toHaveLength(2);
  });
});

describe("what is not taken", () => {
  test("is tried again with the same id, later each time, until it is", async () => {
    const { id } = await listen();
    ehr.answerWith(500);
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    await sendWebhooks(deps);
    expect(ehr.heard).toHaveLength(1);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ id, waiting: 1, dead: 0, failing: "answered 500", deliveredAt: null }]);
    machine = instant(machine + 10_000);
    await sendWebhooks(deps);
    machine = instant(machine + 10_000);
    await sendWebhooks(deps);
    expect(ehr.heard).toHaveLength(2);
    ehr.answerWith(200);
    machine = instant(machine + 20_000);
    await sendWebhooks(deps);
    expect(new Set(ehr.heard.map((heard) => heard.headers["afterglow-event-id"])).size).toBe(1);
    expect(new Set(ehr.heard.map((heard) => heard.headers["afterglow-signature"])).size).toBe(3);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ waiting: 0, dead: 0, failing: null, deliveredAt: machine }]);
  });

  test("is given up after a day, which the list shows and the log says", async () => {
    await listen();
    ehr.answerWith(503);
    await (await beginFact()).commit();
    const began = machine;
    let tries = 0;
    for (; machine <= began + 25 * HOUR_MS; machine = instant(machine + HOUR_MS / 2)) tries += await sendWebhooks(deps);
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ waiting: 0, dead: 1 }]);
    expect(web.logged.some((line) => line.includes("webhook.dead"))).toBe(true);
    ehr.answerWith(200);
    expect(await sendWebhooks(deps)).toBe(0);
  });

  test("is told again when staff ask for it, under the id that it had, for another day", async () => {
    const { id } = await listen();
    await giveUp();
    const [first] = ehr.heard;
    ehr.heard.length = 0;
    ehr.answerWith(200);
    expect(await redeliverWebhook(web, id, "staff:maria")).toMatchObject({ kind: "queued", count: 1 });
    machine = instant(machineNow() + 60_000);
    await sendWebhooks(deps);
    expect(ehr.heard.map((heard) => heard.headers["afterglow-event-id"])).toEqual([first?.headers["afterglow-event-id"]]);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ waiting: 0, dead: 0, failing: null }]);
    expect(await redeliverWebhook(web, id, "staff:maria")).toMatchObject({ kind: "same", count: 0 });
  });

  test("a redirect is not followed", async () => {
    await listen();
    const elsewhere = await openReceiver();
    ehr.answerWith((response) => void response.writeHead(307, { location: elsewhere.url }).end());
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    expect([ehr.heard.length, elsewhere.heard.length]).toEqual([1, 0]);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ waiting: 1 }]);
  });

  test("somebody who never answers is let go of at the deadline, and the row waits", async () => {
    await listen();
    ehr.answerWith(() => undefined);
    await (await beginFact()).commit();
    const channel = createWebhookChannel({ hosts: [ehr.host], isProduction: false, deadlineMs: 50 });
    await sendWebhooks({ ...deps, webhooks: channel });
    await channel.close();
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ waiting: 1, failing: "timeout" }]);
  });

  test("what a process claimed that died is tried by the next one, after the claim has run out", async () => {
    await listen();
    await (await beginFact()).commit();
    const died = { ...deps.webhooks, send: () => Promise.reject(new Error("power cut")) };
    await expect(sendWebhooks({ ...deps, webhooks: died })).rejects.toThrow("power cut");
    expect(await sendWebhooks(deps)).toBe(0);
    machine = instant(machine + 60_000);
    expect(await sendWebhooks(deps)).toBe(1);
    expect(ehr.heard).toHaveLength(1);
  });
});

/** A fact that nobody takes for a day. */
async function giveUp(): Promise<void> {
  ehr.answerWith(503);
  await (await beginFact()).commit();
  const began = machine;
  for (; machine <= began + 25 * HOUR_MS; machine = instant(machine + HOUR_MS)) await sendWebhooks(deps);
}

describe("what was given up", () => {
  const tasks = () => web.db.selectFrom("tasks").selectAll().where("kind", "=", "tell-system").where("closedAt", "is", null).execute();
  afterEach(() => sql`delete from tasks where kind = 'tell-system'`.execute(web.db));

  test("is a task for the front desk, in staffed hours, whose script tells nothing of anybody's health", async () => {
    await listen();
    await giveUp();
    const [task] = await tasks();
    if (!task) expect.unreachable();
    expect(task).toMatchObject({
      template: "system-not-told",
      patientId: ana.patientId,
      clinicId,
      state: "open",
      importance: "high",
      locale: "en",
    });
    const staffed = (await loadStaffedClinics(web.db, [clinicId])).get(clinicId);
    if (!staffed) expect.unreachable();
    expect(task.dueBy).toBe(addStaffedTime(staffed, task.openedAt, 4 * HOUR_MS));
    const { rows } = await sql<{ shown: unknown }>`select to_jsonb(k) as shown from tasks k where id = ${task.id}`.execute(web.db);
    expect(JSON.stringify(rows)).not.toMatch(/ketamine|infusion|dose|survey|alert/i);
    const sources = await readTemplates("templates");
    for (const locale of ["en", "es"] as const) {
      const words = sources["system-not-told"]?.[locale]?.task ?? "";
      expect(words).toMatch(/patient\.ref/);
      expect(words).not.toMatch(/ketamin|infusi|dose|dosis|survey|encuesta|alert|symptom|síntoma/i);
    }
  });

  test("is one task a clinic however much is given up, and one more a day later", async () => {
    await listen();
    await giveUp();
    await giveUp();
    expect(await tasks()).toHaveLength(1);
    await sql`update tasks set state = 'done', outcome = 'other', closed_by = 'staff:maria', closed_at = opened_at where kind = 'tell-system'`.execute(
      web.db,
    );
    await giveUp();
    expect(await tasks()).toHaveLength(0);
    await sql`update tasks set opened_at = opened_at - interval '25 hours' where kind = 'tell-system'`.execute(web.db);
    await giveUp();
    expect(await tasks()).toHaveLength(1);
  });

  test("is one task when two workers give up at the same moment", async () => {
    await listen();
    const dead = [{ clinicId, data: { patient: toPublicId("patient", ana.patientId) } }];
    const opened = await Promise.all(Array.from({ length: 6 }, () => transact(web.db, (tx) => callAboutSystems(tx, dead))));
    expect(opened.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(await tasks()).toHaveLength(1);
  });

  test("would be several without the clinic's lock", async () => {
    const both = Promise.withResolvers<void>();
    let looked = 0;
    const look = () =>
      transact(web.db, async (tx) => {
        const { rows } = await sql`select from tasks where clinic_id = ${clinicId} and kind = 'tell-system'`.execute(tx);
        if (++looked === 2) both.resolve();
        await both.promise;
        return rows.length === 0;
      });
    expect(await Promise.all([look(), look()])).toEqual([true, true]);
  });

  test("of a test that was asked for by hand is no task", async () => {
    const { id } = await listen();
    ehr.answerWith(503);
    await testWebhook(web, id, "staff:maria");
    const began = machine;
    for (; machine <= began + 25 * HOUR_MS; machine = instant(machine + HOUR_MS)) await sendWebhooks(deps);
    expect(await listEndpoints(web.db, clinicId)).toMatchObject([{ dead: 1 }]);
    expect(await tasks()).toEqual([]);
  });
});

describe("a secret", () => {
  test("that was rotated signs beside the new one for a day, and then no more", async () => {
    const { id, secret } = await listen();
    const rotated = await rotateWebhook(web, id, { actor: "test", now: machine });
    if (rotated.kind !== "rotated") expect.unreachable();
    await testWebhook(web, id, "test");
    machine = instant(machine + 2_000);
    await sendWebhooks(deps);
    const [both] = ehr.heard;
    if (!both) expect.unreachable();
    expect([isSigned(both, secret), isSigned(both, rotated.secret), isSigned(both, "whsec_other")]).toEqual([true, true, false]);
    machine = instant(machine + 24 * HOUR_MS);
    await testWebhook(web, id, "test");
    await sendWebhooks(deps);
    const after = ehr.heard[1];
    if (!after) expect.unreachable();
    expect([isSigned(after, secret), isSigned(after, rotated.secret)]).toEqual([false, true]);
    expect(kindsHeard()).toEqual(["webhook.test", "webhook.test"]);
  });

  test("stands nowhere in the database as it is", async () => {
    const { secret } = await listen();
    const { rows } = await sql<{ row: string }>`select row_to_json(e)::text as row from webhook_endpoints e`.execute(web.db);
    expect(rows.some(({ row }) => row.includes(secret) || row.includes(Buffer.from(secret).toString("hex")))).toBe(false);
  });

  test("nobody who was removed is told what waited", async () => {
    const { id } = await listen();
    ehr.answerWith(500);
    await (await beginFact()).commit();
    await sendWebhooks(deps);
    await removeWebhook(web, id, "test");
    machine = instant(machine + HOUR_MS);
    ehr.answerWith(200);
    expect(await sendWebhooks(deps)).toBe(0);
    expect((await removeWebhook(web, id, "test")).kind).toBe("refused");
    expect((await testWebhook(web, id, "test")).kind).toBe("refused");
  });
});
