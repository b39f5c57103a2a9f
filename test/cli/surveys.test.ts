/** Surveys and outcomes on the command line: asked on the phone, imported, looked at. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { ASSESSMENT_KIND_WORDS, INVITATION_STATE_WORDS } from "../../src/cli/survey-commands.ts";
import { readDatabaseConfig } from "../../src/config.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { makeLinkTokens } from "../../src/db/link-tokens.ts";
import { findInvitation, INVITATION_STATES } from "../../src/db/survey-invitations.ts";
import { makeVault } from "../../src/db/vault.ts";
import { makeLog } from "../../src/log.ts";
import { keepDraft } from "../../src/producers/keep-draft.ts";
import { ASSESSMENT_KINDS } from "../../src/producers/record-assessment.ts";
import { connectQueues } from "../../src/queues/backend.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.db.updateTable("clinics").set({ surveysEnabled: true }).execute();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
  await setSteppedClock(clinic.db, at("2027-01-07T18:00:00Z"));
});

const PHQ = ["survey", "answer", "10482", "--instrument", "phq-9", "--by-phone"];

test("the words of the commands are those of the program", () => {
  expect(INVITATION_STATE_WORDS).toEqual(INVITATION_STATES);
  expect(ASSESSMENT_KIND_WORDS).toEqual(ASSESSMENT_KINDS);
});

test("the list names nobody, and shows what is open", async () => {
  const { code, stdout } = await clinic.run(["survey", "list", "--state", "open"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/phq-9 +chart …82 +open/);
  expect(stdout).not.toMatch(/Ana|10482/);
});

test("questions are shown to be read out, in the words of the language", async () => {
  const { stdout } = await clinic.run(["survey", "questions", "phq-9", "--locale", "es"]);
  expect(stdout).toContain("1. Poco interés o placer en hacer cosas");
  expect(stdout).toContain("no permission required");
  expect((await clinic.run(["survey", "questions", "c-ssrs"])).code).toBe(2);
});

describe("what is told on the phone", () => {
  test.each(["1 1", "1 1 1 1 1 1 1 1 4", "1 1 1 1 1 1 1 - 0", "a b c d e f g h i"])("as %s is refused", async (items) => {
    expect((await clinic.run([...PHQ, "--items", items])).code).toBe(1);
  });

  test("is shown first, then answers the invitation that is open and raises its alert", async () => {
    const args = [...PHQ, "--items", "1 1 1 1 1 1 1 1 2", "--actor", "Maria Lopez"];
    expect((await clinic.run([...args, "--dry-run"])).stdout).toContain("Would be");
    expect(await clinic.db.selectFrom("alerts").select("id").execute()).toEqual([]);
    const { code, stdout } = await clinic.run(args);
    expect(code).toBe(0);
    expect(stdout).toContain("answered PHQ-9; raised self-harm-answer (critical)");
    expect(await clinic.db.selectFrom("alerts").select(["kind", "level"]).execute()).toEqual([
      { kind: "self-harm-answer", level: "critical" },
    ]);
    const [invitation] = linesOf((await clinic.run(["survey", "list", "--state", "answered", "--json"])).stdout);
    const shown = await clinic.run(["survey", "show", String(invitation?.["id"]), "--actor", "Maria"]);
    expect(shown.stdout).toContain("total 10 of 27: moderate");
    expect(shown.stdout).toContain("9. Thoughts that you would be better off dead");
  });
});

describe("what is imported", () => {
  const write = (text: string) => {
    const file = join(mkdtempSync(join(tmpdir(), "baselines-")), "baselines.csv");
    writeFileSync(file, text);
    return file;
  };

  test("stands row by row: the sound ones are stored once, the others listed", async () => {
    const file = write(
      [
        "ref,instrument,date,items,total",
        '10482,phq-9,2026-12-20,"3 3 3 2 2 2 2 2 1",20',
        "10482,gad-7,2026-12-20,,14",
        "10482,phq-9,2026-12-21,,28",
        "10482,phq-9,2027-02-01,,12",
        "nobody,phq-9,2026-12-20,,12",
        '10482,phq-9,2026-12-22,"1 1 1 1 1 1 1 1 0",9',
        "10482,c-ssrs,2026-12-22,,1",
      ].join("\n"),
    );
    const first = await clinic.run(["outcome", "import", file, "--clinic", "aspen-ridge"]);
    expect(first.code).toBe(1);
    expect(first.stdout).toContain("stored 2, stored before 0, refused 5");
    expect(first.stderr).toMatch(/line 4: total: .*28/);
    expect(first.stderr).toContain("line 2: an answer in it would page staff");
    expect((await clinic.run(["outcome", "import", file, "--clinic", "aspen-ridge"])).stdout).toContain(
      "stored 0, stored before 2, refused 5",
    );
  });
});

test("alert show has what was filled in of a survey that was never sent off", async () => {
  const config = readDatabaseConfig(clinic.env);
  const vault = makeVault({ ring: config.AFTERGLOW_KEYS, indexKey: config.AFTERGLOW_INDEX_KEY });
  const { id } = await clinic.db
    .selectFrom("surveyInvitations")
    .select("id")
    .where("instrument", "=", "phq-9")
    .where("answeredAt", "is", null)
    .orderBy("askedAt")
    .executeTakeFirstOrThrow();
  const invitation = (await findInvitation(clinic.db, id)) ?? expect.unreachable();
  const queues = await connectQueues({ redisUrl: undefined, databaseUrl: config.DATABASE_URL, log: makeLog({ level: "silent" }) });
  const deps = { db: clinic.db, vault, queues, log: makeLog({ level: "silent" }), tokens: makeLinkTokens(config.AFTERGLOW_LINK_KEYS) };
  await keepDraft({ ...deps, pageStaff: async () => undefined }, invitation, { "1": 1, "9": 3 });
  await queues.close();
  const listed = linesOf((await clinic.run(["alert", "list", "--json"])).stdout);
  const alert = listed.findLast(({ kind }) => kind === "self-harm-answer");
  const { stdout, code } = await clinic.run(["alert", "show", String(alert?.["alert"])]);
  expect(code).toBe(0);
  expect(stdout).toContain("The answer, never sent off: phq-9");
  expect(stdout).toContain('"9":3');
});

test("an assessment is recorded with its level under seal, and shown with the measures", async () => {
  const args = ["outcome", "assess", "10482", "--kind", "c-ssrs", "--level", "low", "--by", "Dr. Lee", "--at", "2027-01-07T09:00-07:00"];
  expect((await clinic.run(args)).code).toBe(0);
  expect((await clinic.run([...args.slice(0, -1), "2027-01-08T09:00-07:00"])).code).toBe(1);
  const { stdout } = await clinic.run(["outcome", "show", "10482"]);
  expect(stdout).toContain("baseline 20, last 10, change -10 (-50 %), response, no remission, reliable change");
  expect(stdout).toMatch(/c-ssrs +low +by Dr. Lee/);
  const raw = JSON.stringify(await clinic.db.selectFrom("assessments").selectAll().execute());
  expect(raw).not.toContain('"low"');
});
