import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { ANA, CLINIC, runCli } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let settings: string;

beforeAll(async () => {
  clinic = await seedClinic();
  settings = await readFile(CLINIC, "utf8");
});

const save = (verb: "add" | "set", text: string) => clinic.run(["clinic", verb, "-", "--json"], text);
const other = (text: string) =>
  text
    .replace("slug: aspen-ridge", "slug: birch-hill")
    .replace("care@aspen-ridge", "care@birch-hill")
    .replace("(303) 555-0101", "(303) 555-0102");

test("a clinic is added once, and set only when it was added", async () => {
  expect(await save("add", settings)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("slug: expected a slug that no clinic has yet"),
  });
  expect(await save("set", other(settings))).toMatchObject({ code: 1, stderr: expect.stringContaining("clinic add FILE") });
  expect(await save("add", other(settings))).toMatchObject({ code: 0, stdout: expect.stringContaining('"kind":"added"') });
});

test("new settings make the plans of the clinic's patients stale, so that they are planned again", async () => {
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
  const { code, stdout } = await save("set", settings.replace('wed: ["08:00-17:00"]', 'wed: ["10:00-17:00"]'));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kind: "set", replanned: 1 });
  const stale = await clinic.db.selectFrom("patients").select("id").whereRef("planRevision", "!=", "plannedRevision").execute();
  expect(stale).toHaveLength(1);
});

test("surveys that are switched on ask the patients who are under way, and switched off they are asked no more", async () => {
  const asked = async () => {
    await clinic.plan();
    const rows = await clinic.db
      .selectFrom("touchpoints")
      .select(["state", "reason"])
      .where("rule", "=", "survey-end-phq-9")
      .where("channel", "=", "email")
      .execute();
    return rows.map(({ state, reason }) => `${state} ${reason ?? ""}`.trim()).at(-1);
  };
  await save("set", settings.replace("surveys: true", "surveys: false"));
  expect(await asked()).toBe("suppressed surveys-not-enabled");
  expect(JSON.parse((await save("set", settings)).stdout)).toMatchObject({ replanned: 1 });
  expect(await asked()).toBe("planned");
  await save("set", settings.replace("surveys: true", "surveys: false"));
  expect(await asked()).toBe("suppressed surveys-not-enabled");
});

test("a clinic stays in its group, because its patients' opt-outs belong there", async () => {
  const { code, stderr } = await save("set", settings.replace("slug: aspen-ridge", "slug: aspen-ridge\ngroup: another-group"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^group: expected aspen-ridge, .+; got "another-group"$/m);
});

test("two clinics never send from one number, because answers find their clinic by it", async () => {
  const twin = other(settings).replace("slug: birch-hill", "slug: cedar-lake").replace("(303) 555-0102", "(303) 555-0101");
  const { code, stderr } = await save("add", twin.replace("care@birch-hill", "care@cedar-lake"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^senders: expected an address and a number from which no other clinic sends$/m);
});

test("all faults of a clinic's settings are listed at once, without a database", async () => {
  const wrong = settings.replace("America/Denver", "PST").replace("(303) 555-0100", "911").replace("Aspen Ridge Clinic", "Ketamine Clinic");
  const { code, stderr } = await runCli(["clinic", "add", "-"], { stdin: wrong });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^zone: expected .+; got "PST"$/m);
  expect(stderr).toMatch(/^phone: expected .+; got "911"$/m);
  expect(stderr).toMatch(/^name: expected /m);
});
