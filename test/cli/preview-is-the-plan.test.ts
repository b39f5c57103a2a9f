/** The promise that a clinic relies on: what the preview shows is what is stored. */
import { beforeAll, expect, test } from "vitest";
import { CLINIC, linesOf, NOW, ROOT, runCli } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

const PROTOCOLS = ["iv-ketamine", "im-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"];

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic({ protocols: PROTOCOLS });
});

async function storedRows(series: unknown): Promise<unknown[]> {
  const { code, stdout } = await clinic.run(["series", "show", String(series), "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout).touchpoints;
}

test.each(["ana-iv.yaml", "ben-im.yaml", "chen-esketamine.yaml", "dee-kap.yaml", "eva-home.yaml", "mid-course.yaml"])(
  "the preview of %s without a database, the one with it and the stored plan are the same rows, field by field",
  async (example) => {
    const file = `${ROOT}examples/${example}`;
    const fromFiles = linesOf((await runCli(["series", "preview", file, "--clinic", CLINIC, "--now", NOW, "--json"])).stdout);
    const fromStore = linesOf((await clinic.run(["series", "preview", file, "--json"])).stdout);
    const enqueued = await clinic.run(["series", "enqueue", file, "--json"]);
    expect(enqueued.code).toBe(0);
    await clinic.plan();
    const stored = await storedRows(linesOf(enqueued.stdout)[0]?.["series"]);
    expect(fromFiles.length).toBeGreaterThan(10);
    expect(fromStore).toEqual(fromFiles);
    expect(stored).toMatchObject(fromFiles);
  },
);

test("a second series is previewed beside the first, with what is stored of the patient", async () => {
  const text = `
externalId: ana-again
clinic: aspen-ridge
patient: { ref: "10482", name: Ana Ortiz }
protocol: iv-ketamine@1
condition: depression
sessions: [{ startsAt: "2027-01-19T15:00" }, { startsAt: "2027-03-02T09:00" }]
`;
  const previewed = await clinic.run(["series", "preview", "-", "--json"], text);
  const enqueued = await clinic.run(["series", "enqueue", "-", "--also", "--json"], text);
  expect([previewed.code, enqueued.code]).toEqual([0, 0]);
  await clinic.plan();
  const rows = linesOf(previewed.stdout);
  expect(rows).toContainEqual(expect.objectContaining({ rule: "day-before", channel: "sms", state: "planned" }));
  expect(await storedRows(linesOf(enqueued.stdout)[0]?.["series"])).toMatchObject(rows);
});
