import { expect, inject, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { makeReportHints } from "../../src/http/report-hints.ts";
import { startHttp } from "../../src/http/start-http.ts";
import { makeLog } from "../../src/log.ts";
import { connectQueues } from "../../src/queues/backend.ts";
import { recordDelivery, REPORTS_PER_JOB } from "../../src/queues/record-delivery.ts";
import { openTcpProxy } from "../queues/support/tcp-proxy.ts";
import { ACCOUNT_SID, AUTH_TOKEN, describeOnBackends, openWorld } from "../support/world.ts";
import { post, REPORT, sign } from "./support/twilio-report.ts";

const silent = makeLog({ level: "silent" });

describeOnBackends("hints for reports", async (backend) => {
  const world = await openWorld({ backend });
  const { config, queues } = world.deps;
  const deps = { queues, log: silent };

  test("that come together go together, and none is left behind", async () => {
    const heard: string[][] = [];
    const worker = await queues.work(recordDelivery, async ({ eventIds }) => void heard.push(eventIds));
    const hints = makeReportHints(deps);
    const ids = Array.from({ length: REPORTS_PER_JOB + 3 }, () => newId<"provider-event">());
    for (const id of ids) hints.add(id);
    await hints.flush();
    await expect.poll(() => heard.flat().length, { timeout: 10_000 }).toBe(ids.length);
    expect(heard.flat().toSorted()).toEqual(ids.toSorted());
    expect(heard).toHaveLength(2);
    await worker.close();
  });

  test("go out by themselves after a moment", async () => {
    const heard: string[] = [];
    const worker = await queues.work(recordDelivery, async ({ eventIds }) => void heard.push(...eventIds));
    const id = newId<"provider-event">();
    makeReportHints(deps).add(id);
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual([id]);
    await worker.close();
  });

  test("are not waited for: a report is stored and answered while the queue is away, before anybody knows that its hint is lost", async () => {
    const target = backend === "redis" ? inject("redisUrl") : config.DATABASE_URL;
    if (!target) expect.unreachable();
    const proxy = await openTcpProxy(target);
    const away = await connectQueues({
      redisUrl: backend === "redis" ? proxy.url : undefined,
      databaseUrl: backend === "postgres" ? proxy.url : config.DATABASE_URL,
      log: silent,
    });
    const lines: string[] = [];
    const log = makeLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
    const server = await startHttp({ ...world.deps, log, queues: away, config: { ...config, PORT: 0 } });
    proxy.stall();
    const params = { ...REPORT, AccountSid: ACCOUNT_SID };
    const signature = sign(params, { token: AUTH_TOKEN, base: config.PUBLIC_BASE_URL });
    expect(await post(server, { params, signature })).toBe(204);
    expect(lines.join("")).not.toContain("hint.lost");
    expect(await world.deps.db.selectFrom("providerEvents").select("foldedAt").execute()).toEqual([{ foldedAt: null }]);
    await expect.poll(() => lines.join(""), { timeout: 10_000 }).toContain("hint.lost");
    proxy.flow();
    await server.close();
    await proxy.cut();
    await away.close();
  });
});
