import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { claimActions, listShownActions } from "../../src/db/console-actions.ts";
import { cloneDatabase } from "../support/database.ts";
import { explainStatements } from "./support/explain-statements.ts";
import { storeClinic } from "./support/stored-clinic.ts";
import { storePerson } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const clinic = await storeClinic(db);
const { sessionId } = await storePerson(db, clinic);
const MARIA = "staff:maria";
const mine = { clinicId: clinic.clinicId, actor: MARIA };

beforeEach(async () => {
  await sql`delete from console_actions`.execute(db);
});

/** Asked for so many minutes ago; carried out so many minutes ago, or not yet; refused or not. */
async function ask({ ago, doneAgo, refused = false }: { ago: number; doneAgo?: number; refused?: boolean }): Promise<void> {
  const minutesAgo = (minutes: number) => sql`clock_timestamp() - make_interval(mins => ${minutes}::integer)`;
  await sql`
    insert into console_actions (id, clinic_id, session_id, actor, verb, action_sealed, asked_at, run_at, done_at, refusal_sealed)
    values (${newId()}, ${clinic.clinicId}, ${sessionId}, ${MARIA}, 'arrive', '', clock_timestamp(), ${minutesAgo(ago)},
      ${doneAgo === undefined ? sql`null` : minutesAgo(doneAgo)}, ${refused ? sql`'\\x00'::bytea` : sql`null`})`.execute(db);
}

describe("what staff asked for and is not carried out", () => {
  test("is tried at least twice before it is given up, however long no worker ran", async () => {
    await ask({ ago: 60 });
    expect(await claimActions(db)).toMatchObject([{ isLastTry: false }]);
    expect(await claimActions(db)).toEqual([]);
    await sql`update console_actions set claimed_at = claimed_at - interval '31 seconds'`.execute(db);
    expect(await claimActions(db)).toMatchObject([{ isLastTry: true }]);
  });

  test.each([
    [4, false],
    [6, true],
  ])("is tried again for five minutes: %i minutes later the last try is %s", async (ago, isLastTry) => {
    await ask({ ago });
    await sql`update console_actions set claimed_at = clock_timestamp() - interval '31 seconds'`.execute(db);
    expect(await claimActions(db)).toMatchObject([{ isLastTry }]);
  });
});

describe("what somebody is shown of what they asked for", () => {
  const shown = async () => (await listShownActions(db, mine)).map(({ isDone }) => (isDone ? "refused" : "waits"));

  test("is what waits, however long, and what was refused within ten minutes; nothing of what was done", async () => {
    await ask({ ago: 6 * 24 * 60 });
    await ask({ ago: 2 * 24 * 60, doneAgo: 9, refused: true });
    await ask({ ago: 12, doneAgo: 11, refused: true });
    await ask({ ago: 2, doneAgo: 1 });
    expect((await shown()).toSorted()).toEqual(["refused", "waits"]);
  });

  test("is found without walking through everything that was ever asked for", async () => {
    await sql`
      insert into console_actions (id, clinic_id, session_id, actor, verb, action_sealed, asked_at, run_at, done_at)
      select gen_random_uuid(), ${clinic.clinicId}, ${sessionId}, ${MARIA}, 'arrive', '', at, at, at
      from (select clock_timestamp() - n * interval '20 minutes' as at from generate_series(1, 20000) n) t`.execute(db);
    await sql`analyze console_actions`.execute(db);
    const { db: explained, plans } = explainStatements(db);
    await listShownActions(explained, mine);
    expect(plans.join("\n")).toMatch(/Index Scan using console_actions_due/);
    expect(plans.join("\n")).toMatch(/console_actions_actor[^]*?Index Cond: \(\(actor = [^\n]* AND \(run_at > /);
    expect(plans.join("\n")).not.toContain("console_actions_pkey");
  });
});
