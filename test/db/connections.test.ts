import { once } from "node:events";
import { sql } from "kysely";
import { afterAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/db/database.ts";
import { openListener } from "../../src/db/listen.ts";
import { watchConnection } from "../../src/db/watch-connection.ts";
import { makeLog } from "../../src/log.ts";
import { openTcpProxy } from "../queues/support/tcp-proxy.ts";
import { cloneDatabase } from "../support/database.ts";

const WITHIN = { timeout: 20_000 };
const { db: direct, url } = await cloneDatabase();
const proxy = await openTcpProxy(url);
afterAll(() => proxy.cut());

function open(silentMs?: number) {
  const { db, pool } = openDatabase({ url: proxy.url, connections: 2, applicationName: "watched" });
  pool.on("error", () => undefined);
  if (silentMs !== undefined) pool.on("connect", (client) => watchConnection(client, { silentMs }));
  afterAll(() => db.destroy());
  return db;
}

describe("a connection on which PostgreSQL owes an answer", () => {
  test("is ended when nothing is heard for too long; the next statement has another one", async () => {
    const db = open(400);
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    proxy.strand();
    await expect(sql`select 1`.execute(db)).rejects.toThrow("owed an answer and said nothing for 400 ms");
    expect((await sql`select 2 as two`.execute(db)).rows).toEqual([{ two: 2 }]);
  });

  test("is left alone while it rests, however long", async () => {
    const db = open(100);
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    const restsFor = async () =>
      (
        await sql<{
          ms: number;
        }>`select (extract(epoch from clock_timestamp() - state_change) * 1000)::float8 as ms from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(
          direct,
        )
      ).rows[0]?.ms;
    await expect.poll(restsFor, WITHIN).toBeGreaterThan(500);
    expect((await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows).toEqual(rows);
  });
});

describe("a connection that somebody holds", () => {
  test("does not end the process when it is cut while nothing is asked on it", async () => {
    const db = open();
    await expect(
      db.transaction().execute(async (tx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(direct);
        await expect
          .poll(async () => (await sql`select from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(direct)).rows.length, WITHIN)
          .toBe(0);
        await sql`select 1`.execute(tx);
      }),
    ).rejects.toThrow();
  });
});

describe("a listener", () => {
  test("hears, and goes on hearing after its connection was ended", async () => {
    const lines: string[] = [];
    const log = makeLog({ level: "info", destination: { write: (line) => lines.push(line) } });
    const heard = new EventTarget();
    let times = 0;
    const listener = await openListener({
      url: proxy.url,
      channel: "bell",
      log,
      hear: () => {
        times += 1;
        heard.dispatchEvent(new Event("heard"));
      },
    });
    const ring = async () => {
      const next = once(heard, "heard");
      await sql`select pg_notify('bell', '')`.execute(direct);
      await next;
    };
    await ring();
    expect(times).toBe(1);
    const again = once(heard, "heard");
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'afterglow-listen' and datname = current_database()`.execute(
      direct,
    );
    await again;
    expect(times).toBe(2);
    await ring();
    expect(times).toBe(3);
    expect(lines.filter((line) => line.includes("listen.lost"))).toHaveLength(1);
    await listener.end();
  });
});
