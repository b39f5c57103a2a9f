import { beforeAll, expect, test } from "vitest";
import { ALERT_WORDS } from "../../src/cli/alert-commands.ts";
import { ALERT_KINDS, ALERT_LEVELS, ALERT_OUTCOMES, ALERT_STATES } from "../../src/domain/alert.ts";
import { ANA, CLINIC, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

const PRIVATE = /Ana|Marta|555-?01|10482/;

let clinic: SeededClinic;
let id: string;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.run(["clinic", "set", CLINIC]);
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
  const raised = await clinic.run([
    "alert",
    "raise",
    "10482",
    "--kind",
    "self-harm-words",
    "--level",
    "critical",
    "--actor",
    "Maria",
    "--json",
  ]);
  id = `alr_${String(linesOf(raised.stdout)[0]?.["alert"]).replace(/^alr_/, "")}`;
});

test("the words of the command line are those of the rules", () => {
  expect(ALERT_WORDS).toEqual({ states: ALERT_STATES, levels: ALERT_LEVELS, outcomes: ALERT_OUTCOMES, kinds: ALERT_KINDS });
});

test("clinic set stores the roster sealed, and roster show says who is on duty", async () => {
  const row = await clinic.db.selectFrom("clinics").select(["safetySealed", "surveysEnabled"]).executeTakeFirstOrThrow();
  expect(row.surveysEnabled).toBe(true);
  expect(row.safetySealed?.toString("latin1")).not.toContain("Ortiz");
  const { stdout, code } = await clinic.run(["roster", "show", "aspen-ridge", "--at", "2027-01-09T23:00"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/on duty +primary +Sam Ortiz +after-hours/);
  expect(stdout).not.toMatch(/on duty +primary +Dr\. Ruth Gray/);
  expect(stdout).not.toContain("555");
  expect((await clinic.run(["roster", "show", "aspen-ridge", "--reveal"])).stdout).toContain("+13035550161");
  expect((await clinic.run(["roster", "check", "aspen-ridge"])).code).toBe(0);
});

test("the list names nobody, and says that nobody has it", async () => {
  const { stdout, code } = await clinic.run(["alert", "list", "--clinic", "aspen-ridge"]);
  expect({ code, isPrivate: PRIVATE.test(stdout) }).toEqual({ code: 0, isPrivate: false });
  expect(stdout).toMatch(/^critical +self-harm-words +chart …82 .*not paged yet.*NOBODY HAS IT +alr_/m);
});

test("the card has name, phone, emergency contact and the steps, and the audit keeps who looked", async () => {
  const { stdout } = await clinic.run(["alert", "show", id, "--actor", "Maria"]);
  expect(stdout).toContain("Ana Ortiz");
  expect(stdout).toContain("(303) 555-0111");
  expect(stdout).toContain("emergency contact");
  expect(stdout).toContain("alert.raised");
  const events = await clinic.db.selectFrom("events").select(["actor", "data"]).where("kind", "=", "patient.revealed").execute();
  expect(events).toEqual([{ actor: "staff:Maria", data: { where: "alert show" } }]);
});

test("is acknowledged by one named person, released from and closed with an outcome", async () => {
  expect((await clinic.run(["alert", "ack", id])).code).toBe(2);
  expect(await clinic.run(["alert", "ack", id, "--actor", "Maria"])).toMatchObject({ code: 0 });
  expect((await clinic.run(["alert", "ack", id, "--actor", "Sam"])).stderr).toContain("staff:Maria");
  const kept = await clinic.db
    .selectFrom("touchpoints")
    .select("id")
    .where("state", "=", "held")
    .where("purpose", "=", "reminder")
    .executeTakeFirstOrThrow();
  expect((await clinic.run(["alert", "release", `tp_${kept.id}`, "--as", "send"])).stdout).toContain("although the alert is open");
  expect(await clinic.run(["alert", "close", id, "--outcome", "reached"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--actor"),
  });
  const closed = await clinic.run(["alert", "close", id, "--outcome", "reached", "--note", "talked with her", "--actor", "Maria"]);
  expect(closed).toMatchObject({ code: 0 });
  expect((await clinic.run(["alert", "list"])).stdout).toBe("No alerts.\n");
  expect((await clinic.run(["alert", "show", id])).stdout).toContain("Note: talked with her");
});
