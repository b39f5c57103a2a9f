import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ANA, linesOf, ROOT } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let folder: string;
const BY = ["--clinic", "aspen-ridge", "--by", "Dr. Ortiz, medical director"];

beforeAll(async () => {
  clinic = await seedClinic();
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wordings-"));
  await cp(join(ROOT, "templates"), folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes another wording of the text in these languages. */
async function reword(from: RegExp, to: string, locales: readonly string[] = ["en", "es"]): Promise<void> {
  for (const locale of locales) {
    const file = join(folder, "sms", `day-before.${locale}.txt`);
    await writeFile(file, (await readFile(file, "utf8")).replace(from, to));
  }
}
const publish = (...args: string[]) => clinic.run(["template", "publish", "day-before", ...BY, "--from", folder, ...args]);
const inForce = async () =>
  linesOf((await clinic.run(["template", "list", "--clinic", "aspen-ridge", "--json"])).stdout).find(({ stem }) => stem === "day-before");

test("a wording is rehearsed, published in both languages, seen with who approved it, and rolled back", { timeout: 120_000 }, async () => {
  expect(await inForce()).toMatchObject({
    release: null,
    approved: [{ protocol: "iv-ketamine@1", approvedBy: "Dr. Ortiz, MD" }],
    pending: expect.any(Number),
  });
  await reword(/\{\{ link \}\}/, "{{ link }} .");
  expect((await publish("--dry-run")).stdout).toMatch(
    /^Would be: day-before at aspen-ridge, in en and es, approved by Dr\. Ortiz, medical director \(\w{12}\): [1-9]\d* messages still to be written/,
  );
  expect(await inForce()).toMatchObject({ release: null });
  const [published] = linesOf((await publish("--json")).stdout);
  expect(published).toMatchObject({
    kind: "published",
    release: expect.stringMatching(/^rel_/),
    affected: { messages: expect.any(Number) },
  });
  expect(await inForce()).toMatchObject({ release: { hash: published?.["hash"], approvedBy: "Dr. Ortiz, medical director" } });
  expect((await publish()).stdout).toContain("says this at aspen-ridge already");
  const { stdout } = await clinic.run(["template", "rollback", "day-before", ...BY]);
  expect(stdout).toContain("is taken back, and each protocol's approved wording is in force");
  expect(await inForce()).toMatchObject({ release: null });
  expect(await clinic.run(["template", "rollback", "day-before", ...BY])).toMatchObject({ code: 1 });
});

test("a wording that must not go out is refused as by template check, and stores nothing", async () => {
  await reword(/your visit/, "your ketamine visit", ["en"]);
  const { code, stderr } = await publish();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^sms\/day-before\.en\.txt: expected neutral words; got "ketamine"/m);
  expect(stderr).toContain("nothing was published");
  expect(await inForce()).toMatchObject({ release: null });
});

test("one language alone is refused", async () => {
  await rm(join(folder, "sms", "day-before.es.txt"));
  expect(await publish()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("sms/day-before.es.txt: expected this file: the text in every language"),
  });
});

test("a template that no approved protocol of the clinic sends from is refused, with the one that was meant", async () => {
  const { code, stderr } = await clinic.run(["template", "publish", "day-befor", ...BY]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("did you mean day-before?") });
});
