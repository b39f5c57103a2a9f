import { sql } from "kysely";
import { expect, test } from "vitest";
import { lockUntoldClinics } from "../../src/db/system-tasks.ts";
import { cloneDatabase } from "../support/database.ts";
import { explainStatements } from "./support/explain-statements.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { storePerson } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();

test("whether a clinic has been told lately is found among the tasks of a day, not among all it ever had", async () => {
  const { clinicId, patientId } = await storePerson(db, await storeClinic(db));
  await sql`
    insert into tasks (id, clinic_id, patient_id, kind, template, locale, importance, opened_at, due_by, state, closed_at)
    select gen_random_uuid(), ${clinicId}, ${patientId}, 'call', 'day-before', 'en', 'high', at, at, 'done', at
    from (select timestamptz 'epoch' + ${NOW}::bigint * interval '1 ms' - n * interval '20 minutes' as at from generate_series(1, 20000) n) t`.execute(
    db,
  );
  await sql`analyze tasks`.execute(db);
  const plans = await db.transaction().execute(async (tx) => {
    const explained = explainStatements(tx);
    await lockUntoldClinics(explained.db, [clinicId], NOW);
    return explained.plans.join("\n");
  });
  expect(plans).toMatch(/Bitmap Index Scan on tasks_open\n\s+Index Cond: \(clinic_id = /);
  expect(plans).toMatch(/Bitmap Index Scan on tasks_closed\n\s+Index Cond: \(\(clinic_id = [^\n]* AND \(due_by > /);
});
