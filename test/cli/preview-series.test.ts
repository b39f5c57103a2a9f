import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ANA, CLINIC, linesOf, NOW, ROOT, runCli, spawnCli } from "./run-cli.ts";

const preview = (args: readonly string[], stdin = "") => runCli(["series", "preview", ...args], { stdin });
const onFiles = ["--clinic", CLINIC, "--now", NOW];
const FIELDS = [
  "rule",
  "session",
  "occurrence",
  "recipient",
  "purpose",
  "channel",
  "template",
  "locale",
  "dueAt",
  "notBefore",
  "sendBy",
  "expiresAt",
  "local",
  "zone",
  "state",
  "reason",
];

test("without a database every touchpoint is one line of JSON with exactly the promised fields, in order of time", async () => {
  const { code, stdout, stderr } = await preview([ANA, ...onFiles, "--json"]);
  const rows = linesOf(stdout);
  expect(code).toBe(0);
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(FIELDS);
    for (const at of [row["dueAt"], row["notBefore"], row["sendBy"], row["expiresAt"]])
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row["local"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);
    expect(["planned", "suppressed"]).toContain(row["state"]);
    expect(row["state"] === "suppressed").toBe(row["reason"] !== null);
  }
  const due = rows.map((row) => String(row["dueAt"]));
  expect(due).toEqual(due.toSorted());
  expect(stderr).toContain("basis: the draft of iv-ketamine@1");
});

test("a touchpoint's local time is the recipient's wall, and its session counts from 1", async () => {
  const rows = linesOf((await preview([ANA, ...onFiles, "--json"])).stdout);
  expect(rows).toContainEqual(
    expect.objectContaining({
      rule: "day-before",
      channel: "sms",
      session: 1,
      dueAt: "2027-01-10T23:00:00.000Z",
      local: "2027-01-10T16:00",
      zone: "America/Denver",
    }),
  );
  expect(rows).toContainEqual(expect.objectContaining({ rule: "welcome", session: null }));
});

test("people get a table without colours where nobody looks, whatever the environment asks for", async () => {
  const { code, stdout } = await spawnCli(["series", "preview", ANA, ...onFiles], { env: { FORCE_COLOR: "1" } });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Sun 2027-01-10 16:00 {2}sms +day-before +session 1$/m);
  expect(stdout).toMatch(/touchpoints: \d+ planned, \d+ suppressed; texts a week: 2027-01-04 \d/);
  expect(stdout).not.toContain("\u001b");
});

test("without a database the clinic's file is needed, and that is said", async () => {
  const { code, stdout, stderr } = await preview([ANA]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("--clinic FILE");
});

test("a series comes from standard input as well", async () => {
  const fromFile = await preview([ANA, ...onFiles, "--json"]);
  const fromStdin = await preview(["-", ...onFiles, "--json"], await readFile(ANA, "utf8"));
  expect(fromStdin.stdout).toBe(fromFile.stdout);
});

test("all faults of a file are listed at once, each with its path and value, and then their number", async () => {
  const text = (await readFile(ANA, "utf8"))
    .replace("(303) 555-0111", "12")
    .replace("ana@patients.example.org", "a@b, c@d")
    .replace("iv-ketamine@1", "iv-ketamine@9")
    .replace("depression", "Depression!");
  const { code, stdout, stderr } = await preview(["-", ...onFiles, "--json"], text);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^patient\.phone: expected .+; got "12"$/m);
  expect(stderr).toMatch(/^patient\.email: expected .+; got "a@b, c@d"$/m);
  expect(stderr).toMatch(/^condition: expected .+; got "Depression!"$/m);
  expect(stderr).toMatch(/^protocol: expected a protocol of .+: .*iv-ketamine@1.*; got "iv-ketamine@9"$/m);
  expect(stderr).toMatch(/^4 faults; such a series would be refused$/m);
});

test("of a file with several series programs get one at a time", async () => {
  const many = `${ROOT}examples/many.csv`;
  expect(await preview([many, ...onFiles, "--json"])).toMatchObject({ code: 2, stdout: "" });
  const second = await preview([many, ...onFiles, "--json", "--only", "2"]);
  expect(second.code).toBe(0);
  expect(new Set(linesOf(second.stdout).map((row) => row["locale"]))).toEqual(new Set(["es", "en"]));
  expect(await preview([many, ...onFiles, "--only", "4"])).toMatchObject({ code: 2 });
});

test("a protocol that no file holds is refused, not guessed", async () => {
  const { code, stderr } = await preview(["-", ...onFiles], (await readFile(ANA, "utf8")).replace("iv-ketamine@1", "iv-ketamine@2"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^protocol: expected a protocol of .+: .*iv-ketamine@1.*; got "iv-ketamine@2"$/m);
});

test("a condition that was misspelt is refused, because its questionnaires would silently stay away; one without any is said", async () => {
  const of = async (condition: string) => preview(["-", ...onFiles], (await readFile(ANA, "utf8")).replace("depression", condition));
  expect(await of("depresion")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('or another condition; did you mean depression?; got "depresion"'),
  });
  const other = await of("ocd");
  expect(other.code).toBe(0);
  expect(other.stderr).toMatch(/condition: iv-ketamine@1 has questionnaires for .*depression.* and none for ocd/);
});

test("a moment without its offset is refused, because it means another one elsewhere", async () => {
  expect(await preview([ANA, "--clinic", CLINIC, "--now", "2027-01-04T15:00"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--now"),
  });
});
