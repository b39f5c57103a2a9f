import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { OtherKeys, refuseOtherKeys } from "../../src/db/check-keys.ts";
import { openDatabase } from "../../src/db/database.ts";
import { makeVault } from "../../src/db/vault.ts";
import { openStore } from "../../src/deps.ts";
import { cloneDatabase } from "../support/database.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna, forgetTouchpoints } from "../workers/support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault, config } = world.deps;
const { AFTERGLOW_KEYS: ring, AFTERGLOW_INDEX_KEY: indexKey } = config;
const otherRing = { keys: new Map([["k9", randomBytes(32)]]) };

beforeEach(async () => {
  await forgetTouchpoints(world);
  await enqueueAna(world);
  await enqueueAna(world);
});

test("the keys that a database was written with are taken", async () => {
  await expect(refuseOtherKeys(db, vault)).resolves.toBeUndefined();
});

test("another index key is refused, for the patients and opt-outs that would not be found", async () => {
  await expect(refuseOtherKeys(db, makeVault({ ring, indexKey: randomBytes(32) }))).rejects.toThrow(/^AFTERGLOW_INDEX_KEY .*opt-out/);
});

test("a key ring without the key of the newest patients is refused", async () => {
  await expect(refuseOtherKeys(db, makeVault({ ring: otherRing, indexKey }))).rejects.toThrow(/^AFTERGLOW_KEYS /);
});

test("a ring with a newer key in front is taken: keys rotate", async () => {
  const rotated = { keys: new Map([...otherRing.keys, ...ring.keys]) };
  await expect(refuseOtherKeys(db, makeVault({ ring: rotated, indexKey }))).resolves.toBeUndefined();
});

test("one damaged row keeps nobody from starting", async () => {
  await sql`update patients set ref_sealed = name_sealed where id = (select id from patients order by id desc limit 1)`.execute(db);
  await expect(refuseOtherKeys(db, vault)).resolves.toBeUndefined();
});

test("a database without patients, or not yet migrated, takes any keys", async () => {
  const { url, db: empty } = await cloneDatabase();
  await expect(refuseOtherKeys(empty, vault)).resolves.toBeUndefined();
  const { db: unmigrated } = openDatabase({ url: url.replace(/[^/]*$/, "postgres"), connections: 1, applicationName: "test" });
  await expect(refuseOtherKeys(unmigrated, vault)).resolves.toBeUndefined();
  await unmigrated.destroy();
});

test("a process that opens the store is stopped by it", async () => {
  await expect(openStore({ ...config, AFTERGLOW_INDEX_KEY: randomBytes(32) })).rejects.toBeInstanceOf(OtherKeys);
});
