import { beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { writeBounce } from "../channels/support/bounces.ts";
import { cloneDatabase } from "../support/database.ts";
import { onDatabase, runCli } from "./run-cli.ts";

const { db, url } = await cloneDatabase();
const REPORT = writeBounce({ touchpointId: newId<"touchpoint">() }).toString("latin1");

beforeAll(async () => {
  await db.deleteFrom("providerEvents").execute();
});

const read = (mail: string, args: readonly string[] = ["--json"], env = onDatabase(url)) =>
  runCli(["bounce", "read", "-", ...args], { env, stdin: mail });
const stored = () => db.selectFrom("providerEvents").select(["provider", "deliveryId", "bodySealed", "foldedAt"]).execute();

describe("a mail server's pipe", () => {
  test("hands over a report: it is stored sealed, once, for a worker to read", async () => {
    expect(await read(REPORT)).toMatchObject({ code: 0, stdout: '{"kind":"stored"}\n', stderr: "" });
    expect(await read(REPORT)).toMatchObject({ code: 0, stdout: '{"kind":"known"}\n' });
    const rows = await stored();
    expect(rows).toMatchObject([{ provider: "smtp", deliveryId: null, foldedAt: null }]);
    expect(rows[0]?.bodySealed.includes("ben@mail.test")).toBe(false);
  });

  test("hands over an answer of a person: nothing is stored, and the mail server is content", async () => {
    const before = await stored();
    const { code, stdout } = await read("Subject: Re: Your visit\r\n\r\nThank you!\r\n", []);
    expect([code, stdout]).toEqual([0, "That is no delivery report; nothing was stored.\n"]);
    expect(await stored()).toEqual(before);
  });

  test("is told to try again when the database is away", async () => {
    expect(await read(REPORT, [], onDatabase("postgres://nobody@127.0.0.1:1/none"))).toMatchObject({ code: 3, stdout: "" });
  });

  test("that names a file which is not there has made a mistake", async () => {
    expect(await runCli(["bounce", "read", "/nowhere.eml"], { env: onDatabase(url) })).toMatchObject({ code: 2 });
  });
});
