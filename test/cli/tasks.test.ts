import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { KINDS } from "../../src/cli/task-commands.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { openDueTasks } from "../../src/db/sweep-ends.ts";
import { TASK_KINDS } from "../../src/domain/protocol.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

/** Who Ana is, and who drives her. */
const PRIVATE = /Ana|Marta|555-?01|10482/;

let clinic: SeededClinic;
let id: string;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
  // Half an hour after the planned end of the first visit, of which nobody has recorded anything.
  const moment = at("2027-01-11T18:30:00Z");
  await setSteppedClock(clinic.db, moment);
  await clinic.db.transaction().execute((tx) => openDueTasks(tx, moment));
  const [task] = linesOf((await clinic.run(["task", "list", "--kind", "record-outcome", "--json"])).stdout);
  id = String(task?.["task"]);
});

const readEvents = async (kind: string) => clinic.db.selectFrom("events").select(["actor", "data"]).where("kind", "=", kind).execute();

test("the list names nobody, and shows the end of the chart number", async () => {
  const { code, stdout } = await clinic.run(["task", "list", "--clinic", "aspen-ridge"]);
  expect({ code, isPrivate: PRIVATE.test(stdout) }).toEqual({ code: 0, isPrivate: false });
  expect(stdout).toMatch(/^due Mon 2027-01-11 13:15 +record-outcome +record-outcome +session 1 +chart …82 +open +tsk_/m);
  expect((await clinic.run(["task", "list", "--json"])).stdout).not.toMatch(PRIVATE);
  expect(await readEvents("patient.revealed")).toEqual([]);
});

test("revealed, it has names and phones, and the audit keeps who looked", async () => {
  const { stdout } = await clinic.run(["task", "list", "--reveal", "--actor", "Maria", "--json"]);
  expect(linesOf(stdout)[0]).toMatchObject({
    chart: "10482",
    name: "Ana Ortiz",
    phone: "(303) 555-0111",
    escort: { name: "Marta Ortiz", phone: "(303) 555-0112" },
  });
  expect(await readEvents("patient.revealed")).toEqual([{ actor: "staff:Maria", data: { where: "task list" } }]);
});

test.each<[readonly string[], number]>([
  // Her survey that nobody has answered is due on the same day.
  [["--due", "today"], 2],
  [["--kind", "survey"], 1],
  [["--due", "overdue"], 0],
  [["--kind", "call"], 0],
  [["--state", "taken"], 0],
  [["--assignee", "Maria"], 0],
])("the list can be asked for %s only", async (options, number) => {
  expect(linesOf((await clinic.run(["task", "list", "--json", ...options])).stdout)).toHaveLength(number);
});

test("what is overdue is marked, and due today as well", async () => {
  await setSteppedClock(clinic.db, at("2027-01-11T20:30:00Z"));
  expect((await clinic.run(["task", "list", "--due", "overdue"])).stdout).toMatch(/OVERDUE[^]*1 task, 1 overdue/);
  expect(
    linesOf((await clinic.run(["task", "list", "--due", "today", "--json"])).stdout).map(({ kind, overdue }) => [kind, overdue]),
  ).toEqual([
    ["record-outcome", true],
    ["survey", false],
  ]);
});

test("a task is shown with the phone, what is known, and what to do in the clinic's language", async () => {
  const { code, stdout } = await clinic.run(["task", "show", id, "--actor", "Maria"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^patient +Ana Ortiz, chart 10482$/m);
  expect(stdout).toMatch(/^phone +\(303\) 555-0111$/m);
  expect(stdout).toMatch(/^session +1, scheduled, Mon 2027-01-11 09:00 America\/Denver$/m);
  expect(stdout).toMatch(/^Record what happened: Ana Ortiz \(10482\), Mon, Jan 11, 9:00 AM$/m);
  await sql`update clinics set locale = 'es'`.execute(clinic.db);
  expect(JSON.parse((await clinic.run(["task", "show", id, "--json"])).stdout).script.title).toMatch(
    /^Registrar qué pasó: Ana Ortiz \(10482\)/,
  );
  await sql`update clinics set locale = 'en'`.execute(clinic.db);
  expect((await readEvents("patient.revealed")).at(-1)).toEqual({ actor: "cli", data: { where: "task show" } });
});

test("a task is taken, kept from others, and closed with what came of it", async () => {
  expect(await clinic.run(["task", "take", id, "--actor", "Maria"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("taken by staff:Maria"),
  });
  expect(await clinic.run(["task", "take", id, "--actor", "Jo"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("staff:Maria"),
  });
  expect(linesOf((await clinic.run(["task", "list", "--assignee", "Maria", "--json"])).stdout)).toHaveLength(1);
  const done = ["task", "done", id, "--outcome", "recorded", "--note", "she went home at eleven", "--actor", "Maria", "--json"];
  expect(await clinic.run([...done, "--if-revision", "0"])).toMatchObject({ code: 1 });
  expect(JSON.parse((await clinic.run([...done, "--if-revision", "1"])).stdout)).toEqual({
    task: id,
    kind: "changed",
    state: "done",
    assignee: "staff:Maria",
    revision: 2,
  });
  expect(JSON.parse((await clinic.run(done)).stdout)).toEqual({ task: id, kind: "same" });
  expect(await clinic.run(["task", "drop", id, "--reason", "no"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("closed by staff:Maria"),
  });
  expect((await clinic.run(["task", "show", id])).stdout).toMatch(/^note +she went home at eleven$/m);
  expect((await clinic.run(["task", "list", "--kind", "record-outcome"])).stdout).toBe("No tasks.\n");
});

test("the kinds that can be asked for are those that there are", () => {
  expect(KINDS).toEqual(TASK_KINDS);
});

test.each([
  [["task", "show", "tsk_1"], 2],
  [["task", "show", "0197c3a4-5a1e-7c00-8f00-0123456789ab"], 1],
  [["task", "done", "0197c3a4-5a1e-7c00-8f00-0123456789ab", "--outcome", "reached"], 1],
  [["task", "done", "0197c3a4-5a1e-7c00-8f00-0123456789ab", "--outcome", "perhaps"], 2],
  [["task", "take", "0197c3a4-5a1e-7c00-8f00-0123456789ab"], 2],
  [["task", "list", "--clinic", "aspen-rigde"], 1],
])("%s ends with %i", async (args, code) => {
  expect(await clinic.run(args)).toMatchObject({ code, stdout: "" });
});
