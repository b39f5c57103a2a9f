import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startLocalRedis } from "../../src/local/local-redis.ts";
import { isRunning, makeOpenFolder } from "./bare-checkout.ts";

function pathHasRedis(): boolean {
  try {
    execFileSync("sh", ["-c", "command -v redis-server"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let room: Awaited<ReturnType<typeof makeOpenFolder>>;

beforeEach(async () => {
  room = await makeOpenFolder();
});

afterEach(async () => {
  await room.remove();
});

describe.skipIf(!pathHasRedis())("a local Redis (skipped when the PATH has no redis-server)", () => {
  test("keeps an append-only file, evicts nothing and looks at its timers a hundred times a second", async () => {
    const server = await startLocalRedis({ dir: join(room.folder, "redis"), settings: { "maxmemory-policy": "noeviction" } });
    const redis = new Redis(String(server?.url));
    const asked = await redis.config("GET", "appendonly", "hz", "maxmemory-policy", "bind");
    expect(asked).toEqual(
      expect.arrayContaining(["appendonly", "yes", "hz", "100", "maxmemory-policy", "noeviction", "bind", "127.0.0.1"]),
    );
    redis.disconnect();
    await server?.stop();
    expect(isRunning(Number(server?.pid))).toBe(false);
  });

  test("finds its keys again after a stop", async () => {
    const dir = join(room.folder, "redis");
    const first = await startLocalRedis({ dir });
    const before = new Redis(String(first?.url));
    await before.set("kept", "yes");
    before.disconnect();
    await first?.stop();
    const second = await startLocalRedis({ dir });
    const after = new Redis(String(second?.url));
    expect(await after.get("kept")).toBe("yes");
    after.disconnect();
    await second?.stop();
  });

  test("a setting that Redis does not know stops the start and is quoted", async () => {
    await expect(startLocalRedis({ dir: room.folder, settings: { "no-such-setting": 1 } })).rejects.toThrow(
      /Redis did not start[\s\S]*no-such-setting/,
    );
  });
});
