import { sql } from "kysely";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ANA, linesOf, NOW, ROOT, runCli } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let folder: string;

beforeAll(async () => {
  clinic = await seedClinic();
  folder = await mkdtemp(join(tmpdir(), "afterglow-protocols-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const approve = (name: string, more: readonly string[] = []) =>
  clinic.run(["protocol", "approve", name, "--clinic", "aspen-ridge", "--by", "Dr. Ortiz, MD", ...more]);
const countApprovals = async () => (await clinic.db.selectFrom("protocolApprovals").select("id").execute()).length;

/** A folder of its own with the protocols that ship, one of them changed. */
async function changed(change: (text: string) => string): Promise<string> {
  const copy = await mkdtemp(join(folder, "copy-"));
  await cp(`${ROOT}protocols`, copy, { recursive: true });
  const file = join(copy, "iv-ketamine.yaml");
  await writeFile(file, change(await readFile(file, "utf8")));
  return copy;
}

const nextDayAtEight = (text: string) => text.replace(/(- id: next-day\n(?: {4}.+\n)*? {4}at: )"10:00"/, '$1"12:00"');

test("an approval stores protocol, wording and who approved it, and the audit says so", async () => {
  expect(await approve("im-ketamine@1")).toMatchObject({ code: 0 });
  const approvals = clinic.db.selectFrom("protocolApprovals").selectAll().where("protocol", "=", "im-ketamine");
  const { id, content, templates, approvedBy, hash } = await approvals.executeTakeFirstOrThrow();
  expect(content).toMatchObject({ id: "im-ketamine", version: 1, route: "im" });
  expect(templates).toHaveProperty("no-outcome-call.es.task");
  expect(approvedBy).toBe("Dr. Ortiz, MD");
  const [event] = await clinic.db.selectFrom("events").selectAll().where("kind", "=", "protocol.approved").execute();
  expect(event).toMatchObject({ actor: "staff:Dr. Ortiz, MD", subjectId: id, data: { protocol: "im-ketamine", version: 1, hash } });
});

test("approving the same content again says so and stores nothing", async () => {
  const before = await countApprovals();
  const again = await approve("iv-ketamine@1", ["--json"]);
  expect(again.code).toBe(0);
  expect(linesOf(again.stdout)).toEqual([expect.objectContaining({ kind: "same", protocol: "iv-ketamine@1", clinic: "aspen-ridge" })]);
  expect(await countApprovals()).toBe(before);
});

test("a changed file is a new draft and the approved text stays in force", async () => {
  const copy = await changed(nextDayAtEight);
  const listed = linesOf((await clinic.run(["protocol", "list", "--protocols", copy, "--json"])).stdout);
  expect(listed).toContainEqual(
    expect.objectContaining({
      protocol: "iv-ketamine@1",
      approvals: [expect.objectContaining({ clinic: "aspen-ridge", draft: "differs" })],
    }),
  );
  const planned = linesOf((await clinic.run(["series", "preview", ANA, "--now", NOW, "--json", "--protocols", copy])).stdout);
  expect(planned).toContainEqual(expect.objectContaining({ rule: "next-day", session: 1, local: "2027-01-12T10:00" }));
});

test("approving the changed file puts it in force, and taking the old one back is an approval too", async () => {
  const copy = await changed(nextDayAtEight);
  const before = await countApprovals();
  const preview = async () => linesOf((await clinic.run(["series", "preview", ANA, "--now", NOW, "--json"])).stdout);
  expect(await approve("iv-ketamine@1", ["--protocols", copy])).toMatchObject({ code: 0 });
  expect(await preview()).toContainEqual(expect.objectContaining({ rule: "next-day", session: 1, local: "2027-01-12T12:00" }));
  expect(await approve("iv-ketamine@1")).toMatchObject({ code: 0 });
  expect(await preview()).toContainEqual(expect.objectContaining({ rule: "next-day", session: 1, local: "2027-01-12T10:00" }));
  expect(await countApprovals()).toBe(before + 2);
});

test("new wording is a new draft as well", async () => {
  const copy = await mkdtemp(join(folder, "templates-"));
  await cp(`${ROOT}templates`, copy, { recursive: true });
  const file = join(copy, "sms/home-safe.en.txt");
  await writeFile(file, (await readFile(file, "utf8")).replace(/^(\{\{ clinic\.name \}\}: )/, "$1Hello. "));
  const listed = linesOf((await clinic.run(["protocol", "list", "--templates", copy, "--json"])).stdout);
  expect(listed).toContainEqual(
    expect.objectContaining({ protocol: "iv-ketamine@1", approvals: [expect.objectContaining({ draft: "differs" })] }),
  );
});

test("a protocol that would go wrong for a patient is not approved, and every fault is listed", async () => {
  const copy = await changed((text) =>
    text.replace("template: eating-notice", "template: no-such-thing").replace("least: P2D", "least: P9D"),
  );
  const before = await countApprovals();
  const { code, stderr } = await approve("iv-ketamine@1", ["--protocols", copy]);
  expect(code).toBe(1);
  expect(stderr).toContain("spacing.least");
  expect(await countApprovals()).toBe(before);
  const checked = await runCli(["protocol", "check", join(copy, "iv-ketamine.yaml")]);
  expect(checked.code).toBe(1);
  expect(checked.stderr).toContain("spacing.least");
  expect(checked.stderr).toContain("no-such-thing");
});

test("a protocol of which a message could become a call that nobody has words for is refused", async () => {
  const copy = await mkdtemp(join(folder, "templates-"));
  await cp(`${ROOT}templates`, copy, { recursive: true });
  // High and about preparing, so it is called about when it cannot be sent in time; its rule has no task of its own.
  await rm(join(copy, "task", "nasal-notice.es.txt"));
  const { code, stderr } = await runCli(["protocol", "check", `${ROOT}protocols/esketamine-trd.yaml`, "--templates", copy]);
  expect(code).toBe(1);
  expect(stderr).toContain("task/nasal-notice.es.txt");
});

test.each([
  ["another version", "iv-ketamine@2", 1, "iv-ketamine@1, which iv-ketamine.yaml holds"],
  ["another name", "iv-ketamin@1", 1, "iv-ketamin.yaml"],
  ["no version", "iv-ketamine", 2, "iv-ketamine@1"],
])("%s is not approved in place of what is there", async (_, name, code, says) => {
  expect(await approve(name)).toMatchObject({ code, stderr: expect.stringContaining(says) });
});

test("a clinic that is not there is refused with the one that was probably meant", async () => {
  const { code, stderr } = await clinic.run(["protocol", "approve", "iv-ketamine@1", "--clinic", "aspen-rigde", "--by", "Dr. Ortiz, MD"]);
  expect(code).toBe(1);
  expect(stderr).toContain("did you mean aspen-ridge?");
});

test("everything that ships is sound", { timeout: 120_000 }, async () => {
  expect(await runCli(["protocol", "check", "--json"])).toMatchObject({ code: 0 });
  expect(await runCli(["template", "check"])).toMatchObject({ code: 0 });
});

test("protocol check names the words that an approval in use lacks because it was made before them", async () => {
  await clinic.db.updateTable("protocolApprovals").set({ templates: sql`templates #- '{answer-crisis,es}'` }).execute();
  const { code, stderr } = await clinic.run(["protocol", "check", "protocols/iv-ketamine.yaml", "--clinic", "aspen-ridge"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/aspen-ridge iv-ketamine@1 \(apr_.+\) sms\/answer-crisis\.es/);
}, 120_000);
