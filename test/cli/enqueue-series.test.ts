import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { ANA, linesOf, ROOT, startCli } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let ana: string;
let seriesId: string;

beforeAll(async () => {
  clinic = await seedClinic({ protocols: ["iv-ketamine", "im-ketamine"] });
  ana = await readFile(ANA, "utf8");
  const { code, stdout } = await clinic.run(["series", "enqueue", ANA, "--json"]);
  expect(code).toBe(0);
  seriesId = String(linesOf(stdout)[0]?.["series"]);
  await clinic.plan();
});

const countSeries = async () => (await clinic.db.selectFrom("series").select("id").execute()).length;

test("the same file again gives the same series back and stores nothing", async () => {
  const before = await countSeries();
  const { code, stdout } = await clinic.run(["series", "enqueue", "-", "--format", "yaml", "--json"], ana);
  expect(code).toBe(0);
  expect(linesOf(stdout)).toEqual([{ kind: "same", series: seriesId, warnings: [] }]);
  expect(await countSeries()).toBe(before);
});

test("the same id with other content is refused", async () => {
  const { code, stderr } = await clinic.run(["series", "enqueue", "-"], ana.replace('at: "09:00"', 'at: "10:00"'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^externalId: expected .+; got "demo-ana"$/m);
});

test("a second series of the same patient needs --also", async () => {
  const second = ana.replace("demo-ana", "demo-ana-2").replace("2027-01-11", "2027-03-01");
  expect(await clinic.run(["series", "enqueue", "-"], second)).toMatchObject({ code: 1, stderr: expect.stringContaining("--also") });
  expect(await clinic.run(["series", "enqueue", "-", "--also"], second)).toMatchObject({ code: 0 });
});

test("contact data that differ from what is stored are refused with the difference", async () => {
  const { code, stderr } = await clinic.run(
    ["series", "enqueue", "-", "--also"],
    ana.replace("demo-ana", "other").replace("Ana Ortiz", "Anna Ortiz"),
  );
  expect(code).toBe(1);
  expect(stderr).toContain('patient.name: expected Ana Ortiz, as stored for this chart number; got "Anna Ortiz"');
});

test("one bad row of a CSV stops none of the others and is reported with its line", async () => {
  const before = await countSeries();
  const csv = (await readFile(`${ROOT}examples/many.csv`, "utf8")).replace("(719) 555-0173", "555");
  const { code, stdout, stderr } = await clinic.run(["series", "enqueue", "-", "--format", "csv", "--actor", "Maria Lopez"], csv);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^line 5 patient\.phone: expected .+; got "555"$/m);
  expect(stdout).toMatch(/^line 4: enqueued ser_/m);
  expect(stdout).toMatch(/^line 6: enqueued ser_/m);
  expect(stdout).toMatch(/^2 enqueued, 0 there already, 1 refused$/m);
  expect(await countSeries()).toBe(before + 2);
  const events = await clinic.db
    .selectFrom("events")
    .select("actor")
    .where("kind", "=", "series.enqueued")
    .where("actor", "=", "staff:Maria Lopez")
    .execute();
  expect(events).toHaveLength(2);
});

test("a slip in the clinic's name is one fault among all the others of the file", async () => {
  const { code, stderr } = await clinic.run(
    ["series", "enqueue", "-"],
    ana.replace("aspen-ridge", "aspen-rigde").replace("(303) 555-0111", "12"),
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^clinic: expected aspen-ridge.*; got "aspen-rigde"$/m);
  expect(stderr).toMatch(/^patient\.phone: /m);
  expect(stderr).toMatch(/^2 faults; nothing was stored$/m);
});

test("an unapproved protocol is refused and nothing is stored", async () => {
  const before = await countSeries();
  const { code, stderr } = await clinic.run(["series", "enqueue", `${ROOT}examples/dee-kap.yaml`]);
  expect(code).toBe(1);
  expect(stderr).toContain("protocol: expected a protocol version that is approved for aspen-ridge");
  expect(await countSeries()).toBe(before);
});

async function runUnread(args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const child = startCli(args, clinic.env);
  let said = "";
  child.stderr?.on("data", (chunk) => void (said += chunk));
  child.stdout?.destroy();
  const [code] = await once(child, "close");
  return { code, said };
}

test("a reader who leaves early, as head does, crashes nothing", async () => {
  await clinic.plan();
  expect(await runUnread(["series", "show", seriesId])).toEqual({ code: 0, said: "" });
});

test("series are enqueued to the last one although nobody reads any more", async () => {
  const before = await countSeries();
  const { code, said } = await runUnread(["series", "enqueue", `${ROOT}examples/many.csv`, "--also"]);
  expect(code).toBe(0);
  expect(said).not.toContain("EPIPE");
  expect(await countSeries()).toBe(before + 1);
});

test("somebody must be there to plan it, or the person at the terminal is told", async () => {
  const { stderr } = await clinic.run(
    ["series", "enqueue", "-", "--also"],
    ana.replace("demo-ana", "demo-ana-3").replace("2027-01-11", "2027-05-03"),
  );
  expect(stderr).toContain("no worker is running");
});
