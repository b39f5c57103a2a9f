import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Client, type QueryResultRow } from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres, throwawaySettings } from "../../src/local/embedded-postgres.ts";
import { findFreePort } from "../../src/local/free-port.ts";
import { listenOnLoopback } from "../../src/local/loopback-port.ts";
import { isRunning, makeOpenFolder } from "./bare-checkout.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const settings = throwawaySettings;
let room: Awaited<ReturnType<typeof makeOpenFolder>>;
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  room = await makeOpenFolder();
  postgres = await startEmbeddedPostgres({
    dir: join(room.folder, "shared"),
    settings: { ...settings, work_mem: "7MB", listen_addresses: "*" },
  });
});

afterAll(async () => {
  await postgres.stop();
  await room.remove();
});

async function ask<Row extends QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("a running server", () => {
  test("speaks UTF-8, sorts by code point and lives in UTC", async () => {
    const [row] = await ask(
      postgres.url,
      "select current_setting('server_encoding') as encoding, datcollate as collation, current_setting('timezone') as zone from pg_database where datname = current_database()",
    );
    expect(row).toEqual({ encoding: "UTF8", collation: "C", zone: "UTC" });
  });

  test("listens on the loopback address alone, whatever the settings say, and on no Unix socket", async () => {
    const [row] = await ask(
      postgres.url,
      "select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets, current_setting('work_mem') as memory",
    );
    expect(row).toEqual({ addresses: "127.0.0.1", sockets: "", memory: "7MB" });
  });

  test("refuses a wrong password", async () => {
    const wrong = new URL(postgres.url);
    wrong.password = "guess";
    await expect(ask(wrong.href, "select 1")).rejects.toThrow(/password authentication failed/);
  });

  test("runs as the process id it names and says which version it is", async () => {
    const [row] = await ask<{ version: string; file: string }>(
      postgres.url,
      "select current_setting('server_version') as version, split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as file",
    );
    expect(row?.version.startsWith(postgres.version)).toBe(true);
    expect(Number(row?.file)).toBe(postgres.pid);
  });

  test.skipIf(process.getuid?.() !== 0)("of root runs as another user (skipped when not root)", async () => {
    const status = await readFile(`/proc/${postgres.pid}/status`, "utf8");
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.toBe("0");
  });
});

describe("starting and stopping", () => {
  test("a stopped cluster keeps its rows and its password and starts again in the same folder", async () => {
    const dir = join(room.folder, "again");
    const first = await startEmbeddedPostgres({ dir, settings });
    await ask(first.url, "create table kept as select 42 as answer");
    await first.stop();
    const second = await startEmbeddedPostgres({ dir, settings });
    expect(await ask(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    await second.stop();
  });

  test("stopping cuts open sessions, leaves no process, and may be asked for twice", async () => {
    const server = await startEmbeddedPostgres({ dir: join(room.folder, "stopped"), settings });
    const session = new Client({ connectionString: server.url });
    const cut = new Promise<Error>((resolve) => session.on("error", resolve));
    await session.connect();
    await Promise.all([server.stop(), server.stop()]);
    expect(await cut).toMatchObject({ code: "57P01" });
    expect(isRunning(server.pid)).toBe(false);
    await expect(server.stop()).resolves.toBeUndefined();
  });

  test("a server killed by somebody else can still be stopped, and its cluster recovers", async () => {
    const dir = join(room.folder, "killed");
    const server = await startEmbeddedPostgres({ dir, settings: {} });
    await ask(server.url, "create table kept as select 42 as answer");
    process.kill(server.pid, "SIGKILL");
    await server.stop();
    const recovered = await startEmbeddedPostgres({ dir, settings: {} });
    expect(await ask(recovered.url, "select answer from kept")).toEqual([{ answer: 42 }]);
    await recovered.stop();
  });

  test("takes the port it is given", async () => {
    const port = await findFreePort();
    const server = await startEmbeddedPostgres({ dir: join(room.folder, "port"), port, settings });
    expect(new URL(server.url).port).toBe(String(port));
    await server.stop();
  });

  test("refuses a port that is taken, by its number", async () => {
    const squatter = createServer();
    const port = await listenOnLoopback(squatter);
    await expect(startEmbeddedPostgres({ dir: join(room.folder, "taken"), port, settings })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken`,
    );
    squatter.close();
  });

  test("a setting that PostgreSQL does not know stops the start and is quoted from its log", async () => {
    const start = startEmbeddedPostgres({ dir: join(room.folder, "bad"), settings: { fsync: "off", no_such_setting: 1 } });
    await expect(start).rejects.toThrow(/PostgreSQL did not start.*\n.*no_such_setting/);
  });
});
