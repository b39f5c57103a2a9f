import { beforeAll, describe, expect, test } from "vitest";
import { findApiKey } from "../../src/db/api-keys.ts";
import { findStaff } from "../../src/db/staff.ts";
import { machineNow } from "../../src/clock.ts";
import { cloneDatabase } from "../support/database.ts";
import { CLINIC, onDatabase, runCli } from "./run-cli.ts";

const { url, db } = await cloneDatabase();
const env = onDatabase(url);
const run = (...args: readonly string[]) => runCli(args, { env });
const AT = ["--clinic", "aspen-ridge"];
beforeAll(async () => {
  expect((await run("clinic", "add", CLINIC)).code).toBe(0);
});

describe("staff", () => {
  test("are added with a password that is shown once and stored nowhere, listed, and given other roles", async () => {
    const added = await run("staff", "add", "Maria", "--name", "Maria Lopez", "--role", "admin", ...AT);
    expect([added.code, added.stdout]).toEqual([
      0,
      expect.stringMatching(/maria is admin at aspen-ridge.*\n.*[a-z2-9]{5}(-[a-z2-9]{5}){3}/),
    ]);
    const [password = ""] = /[a-z2-9]{5}(?:-[a-z2-9]{5}){3}/.exec(added.stdout) ?? [];
    expect((await findStaff(db, "maria"))?.passwordHash).not.toContain(password);
    expect((await run("staff", "list", ...AT)).stdout).toMatch(/maria +admin +Maria Lopez +has not set up yet/);
    expect((await run("staff", "add", "sam", "--name", "Sam Reed", "--role", "viewer", ...AT)).code).toBe(0);
    expect((await run("staff", "role", "sam", "--role", "nurse", ...AT)).stdout).toMatch(
      /sam is nurse at aspen-ridge from now on, and was viewer/,
    );
    expect((await run("staff", "role", "sam", "--role", "nurse", ...AT)).stdout).toMatch(/how it is already/);
  });

  test("who are the last to give out roles stay that", async () => {
    for (const args of [
      ["role", "maria", "--role", "nurse"],
      ["role", "maria", "--role", "none"],
      ["disable", "maria"],
    ]) {
      const { code, stderr } = await run("staff", ...args, ...AT);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/keeps an administrator/)]);
    }
    expect((await findStaff(db, "maria"))?.disabledAt).toBeNull();
  });

  test("are set back with another password, and disabled for good", async () => {
    const before = (await findStaff(db, "sam"))?.passwordHash;
    expect((await run("staff", "reset-totp", "sam", ...AT)).code).toBe(0);
    expect((await findStaff(db, "sam"))?.passwordHash).not.toBe(before);
    expect((await run("staff", "disable", "sam", ...AT, "--json")).stdout).toBe('{"kind":"changed","login":"sam","signedOut":0}\n');
    expect((await run("staff", "add", "sam", "--name", "Sam Other", "--role", "nurse", ...AT)).stderr).toMatch(
      /a login that nobody has or had/,
    );
  });

  test("with a role that is none, or nobody's login, are refused", async () => {
    expect((await run("staff", "add", "x", "--name", "X", "--role", "boss", ...AT)).code).toBe(2);
    expect((await run("staff", "disable", "nobody", ...AT)).code).toBe(1);
  });
});

describe("keys", () => {
  const create = (...more: readonly string[]) => run("apikey", "create", "ehr", "--scopes", "plans.read sessions.change", ...AT, ...more);

  test("open what their scopes say until they are revoked; a third of one name is refused", async () => {
    const first = await create();
    const [secret = ""] = first.stdout.split("\n");
    expect(secret).toMatch(/^key_[0-9a-f-]{36}\.[\w-]{43}$/);
    expect((await findApiKey(db, secret, machineNow()))?.scopes).toEqual(new Set(["plans.read", "sessions.change"]));
    expect((await create("--json")).code).toBe(0);
    expect(await create()).toMatchObject({ code: 1, stderr: expect.stringMatching(/fewer than 2 keys are good/) });
    const [id = ""] = secret.split(".");
    expect((await run("apikey", "revoke", id)).stdout).toMatch(/opens nothing any more/);
    expect((await run("apikey", "revoke", id)).stdout).toMatch(/how it is already/);
    expect(await findApiKey(db, secret, machineNow())).toBeUndefined();
    expect((await create()).code).toBe(0);
    expect((await run("apikey", "list", ...AT)).stdout).toMatch(/ehr +good +until .* never used +plans\.read sessions\.change/);
  });

  test("with a scope that no program may have are refused", async () => {
    const { code, stderr } = await run("apikey", "create", "x", "--scopes", "protocols.approve", ...AT);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/protocols\.approve: expected some of plans\.read/)]);
  });
});
