import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startEmbeddedPostgres, throwawaySettings } from "../../src/local/embedded-postgres.ts";
import { isRunning, makeCheckout, makeOpenFolder, startInChild } from "./bare-checkout.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const isRoot = process.getuid?.() === 0;
const launcher = join(import.meta.dirname, "../../src/local/embedded-postgres.ts");
let room: Awaited<ReturnType<typeof makeOpenFolder>>;

beforeEach(async () => {
  room = await makeOpenFolder();
});

afterEach(async () => {
  await room.remove();
});

function machineHasPostgres(): boolean {
  try {
    execFileSync("sh", ["-c", "command -v postgres || ls /usr/lib/postgresql/*/bin/postgres"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function start(from: string, ending: "wait" | "end" = "wait") {
  return startInChild(from, { dir: join(room.folder, "database"), temporary: room.folder, ending });
}

describe("where the binaries come from", () => {
  test.skipIf(!isRoot)("a checkout that only root can enter is served from a copy, made once (skipped when not root)", async () => {
    const from = await makeCheckout(join(room.folder, "closed", "checkout"), "everything");
    await chmod(join(room.folder, "closed"), 0o700);
    const first = await start(from);
    await first.kill();
    await expect.poll(() => isRunning(first.pid), { timeout: 10_000 }).toBe(false);
    const second = await start(from);
    await second.kill();
    expect([first.source, second.source]).toEqual(["copy", "copy"]);
    const made = (await readdir(room.folder)).filter((name) => name.startsWith("afterglow-postgres-"));
    expect(made).toHaveLength(1);
    await expect.poll(() => isRunning(second.pid), { timeout: 10_000 }).toBe(false);
  });

  test("two processes that make the copy at once both start", async () => {
    const from = await makeCheckout(join(room.folder, "checkout"), "without-links");
    const both = await Promise.all(
      ["one", "two"].map((name) => startInChild(from, { dir: join(room.folder, name), temporary: room.folder, ending: "wait" })),
    );
    expect(both.map(({ source }) => source)).toEqual(["copy", "copy"]);
    await Promise.all(both.map(({ kill }) => kill()));
    await expect.poll(() => both.some(({ pid }) => isRunning(pid)), { timeout: 10_000 }).toBe(false);
  });

  test.skipIf(!machineHasPostgres())(
    "without the package's binaries the machine's own PostgreSQL starts (skipped where there is none)",
    async () => {
      const server = await start(await makeCheckout(join(room.folder, "checkout"), "without-binaries"));
      expect(server.source).toBe("machine");
      await server.kill();
      await expect.poll(() => isRunning(server.pid), { timeout: 10_000 }).toBe(false);
    },
  );

  test.skipIf(!isRoot)("a database folder that the server's user cannot enter is refused by name (skipped when not root)", async () => {
    const closed = join(room.folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const refused = startEmbeddedPostgres({ dir: join(closed, "database"), settings: throwawaySettings });
    await expect(refused).rejects.toThrow(`who cannot enter ${closed};`);
  });
});

describe("when the parent ends", () => {
  test("by SIGKILL, no PostgreSQL stays behind", async () => {
    const server = await start(launcher);
    expect(isRunning(server.pid)).toBe(true);
    await server.kill();
    await expect.poll(() => isRunning(server.pid), { timeout: 10_000 }).toBe(false);
  });

  test("by coming to its end without stopping it, it does end, and no PostgreSQL stays behind", async () => {
    const server = await start(launcher, "end");
    await server.ended;
    await expect.poll(() => isRunning(server.pid), { timeout: 10_000 }).toBe(false);
  });
});
