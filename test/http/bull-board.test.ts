import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "kysely";
import { z } from "zod";
import { machineNow, newId } from "../../src/clock.ts";
import { onlyIds } from "../../src/http/bull-board.ts";
import { startHttp } from "../../src/http/start-http.ts";
import { connectQueues, type Queues } from "../../src/queues/backend.ts";
import { defineQueue } from "../../src/queues/contract.ts";
import { sendSms } from "../../src/queues/send-hints.ts";
import { bringIn, clerk, type Clerk, freeBaseUrl } from "../console/support/console-visitor.ts";
import { DESKTOP, describeInBrowser } from "../support/browser.ts";
import { type Backend, describeOnBackends, emptyRedis } from "../support/world.ts";
import { openClinic, startWeb, type Web } from "./support/aspen-ridge-web.ts";

const BOARD = "/console/queues";
const TOUCHPOINT = newId<"touchpoint">();

/** The web process of the house on queues of its own, on the engine that is asked for. */
async function startOn(backend: Backend): Promise<{ web: Web; queues: Queues }> {
  const { url, port } = await freeBaseUrl();
  const web = await startWeb({ changes: { PUBLIC_BASE_URL: url } });
  if (backend === "postgres") return { web, queues: web.queues };
  const queues = await connectQueues({ redisUrl: await emptyRedis(), databaseUrl: "postgres://127.0.0.1:1/none", log: web.log });
  const server = await startHttp({ ...web, queues, config: { ...web.config, PORT: port } });
  afterAll(async () => {
    await server.close();
    await queues.close();
  });
  return { web: { ...web, queues, url: server.url }, queues };
}

describeOnBackends("the dashboard", async (backend) => {
  let web: Web;
  let queues: Queues;
  let admin: Clerk;
  let nurse: Clerk;

  beforeAll(async () => {
    ({ web, queues } = await startOn(backend));
    await openClinic(web, []);
    admin = await clerk(web, "admin");
    nurse = await clerk(web, "nurse");
    await queues.queue(sendSms).add([{ data: { touchpointIds: [TOUCHPOINT] }, delayMs: 0 }]);
    const forged = defineQueue({ name: "send-sms", data: z.unknown(), concurrency: 1 });
    await queues.queue(forged).add([{ data: { touchpointIds: ["Ana Ortiz"], "Ana Ortiz": 1 }, delayMs: 0 }]);
  });

  const ask = (who: Clerk, method: string, path: string) =>
    fetch(web.url + path, {
      method,
      redirect: "manual",
      headers: { cookie: who.cookie, "x-xsrf-token": who.csrf, "sec-fetch-site": "same-origin" },
    });

  test("leads whoever may act to where it acts, and whoever may look to where it shows", async () => {
    expect((await ask(admin, "GET", BOARD)).headers.get("location")).toBe(`${BOARD}/act`);
    expect((await ask(nurse, "GET", BOARD)).headers.get("location")).toBe(`${BOARD}/look`);
    expect((await ask(nurse, "GET", `${BOARD}/act`)).status).toBe(403);
    const desk = await clerk(web, "front-desk");
    expect((await ask(desk, "GET", `${BOARD}/look`)).status).toBe(403);
    expect((await ask(desk, "GET", `${BOARD}/look/api/queues`)).status).toBe(403);
    const stranger = await fetch(`${web.url}${BOARD}/look`, { redirect: "manual" });
    expect(stranger.headers.get("location")).toContain("/console/sign-in");
    expect((await fetch(`${web.url}${BOARD}/look/api/queues`)).status).toBe(401);
  });

  test("loads nothing from strangers, and may run no script but its own", async () => {
    const answer = await ask(nurse, "GET", `${BOARD}/look`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self';/);
    expect(await answer.text()).not.toContain("googleapis");
  });

  test("shows the ids of a job and nothing else that somebody may have put there", async () => {
    const answer = await ask(nurse, "GET", `${BOARD}/look/api/queues?activeQueue=send-sms&status=waiting&page=1`);
    const body = await answer.text();
    expect(body).toContain(TOUCHPOINT);
    expect(body).not.toContain("Ana Ortiz");
  });

  test("changes nothing where one may only look, and needs the token of a page of ours where one may act", async () => {
    const pause = (mode: string) => `${BOARD}/${mode}/api/queues/send-sms/pause`;
    expect((await ask(nurse, "PUT", pause("look"))).status).toBe(403);
    expect((await ask(admin, "PUT", pause("look"))).status).not.toBe(200);
    expect(
      (await fetch(web.url + pause("act"), { method: "PUT", headers: { cookie: admin.cookie, "sec-fetch-site": "same-origin" } })).status,
    ).toBe(403);
    expect(await queues.controls("send-sms").isPaused()).toBe(false);
    expect((await ask(admin, "PUT", pause("act"))).status).toBe(200);
    expect(await queues.controls("send-sms").isPaused()).toBe(true);
    expect((await ask(admin, "PUT", `${BOARD}/act/api/queues/send-sms/resume`)).status).toBe(200);
    await ask(admin, "PUT", `${BOARD}/act/api/queues/page-staff/pause`);
    expect(await queues.controls("page-staff").isPaused()).toBe(false);
    const { rows } = await sql<{ data: unknown }>`select data from events where kind = 'queue.board-used' order by id`.execute(web.db);
    expect(rows[0]?.data).toEqual({ queue: "send-sms", route: "/act/api/queues/:queueName/pause" });
  });

  test("an own page of operations pauses, retries and shows the same queues", async () => {
    const controls = queues.controls("send-sms");
    const worker = await queues.work(sendSms, () => Promise.reject(new Error("no")));
    await expect.poll(async () => (await controls.counts())["failed"], { timeout: 10_000 }).toBe(2);
    await worker.close();
    const page = await admin.get("/console/clinics/aspen-ridge/ops");
    expect(page.body).toContain(backend === "redis" ? "on Redis" : "on PostgreSQL");
    expect(page.body).toContain("verb=retry");
    await controls.retryFailed(machineNow());
    expect((await controls.counts())["failed"]).toBe(0);
    expect((await controls.counts())["waiting"]).toBe(2);
  });

  describeInBrowser(`the dashboard in a browser, on ${backend}`, (surfer) => {
    test("draws itself under its own policy and shows a job", async () => {
      const page = await surfer.open(DESKTOP);
      const refused: string[] = [];
      page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) refused.push(message.text());
      });
      await bringIn(page, web, admin);
      await queues.queue(sendSms).add([{ data: { touchpointIds: [TOUCHPOINT] }, delayMs: 0 }]);
      await page.goto(`${web.url}${BOARD}`);
      await page.getByText("send-sms").first().waitFor();
      if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/board-${backend}.png` });
      await page.goto(`${web.url}${BOARD}/act/queue/send-sms`);
      await page.getByText(TOUCHPOINT).first().waitFor();
      if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/board-queue-${backend}.png` });
      expect(refused).toEqual([]);
    });
  });
});

test("what is no id is not shown, wherever it stands", () => {
  expect(onlyIds({ touchpointIds: [TOUCHPOINT, "Ana"], n: 3, "Ana Ortiz": { deep: "x" } })).toEqual({
    touchpointIds: [TOUCHPOINT, "(not shown)"],
    n: 3,
    "(not shown)": { deep: "(not shown)" },
  });
  expect(onlyIds(null)).toBeNull();
});
