/** Somebody of the cast, enqueued and planned, and what tests of changes look at. */
import { sql } from "kysely";
import type { Database } from "../../../src/db/database.ts";
import { setSteppedClock } from "../../../src/db/clinic-clock.ts";
import { transact } from "../../../src/db/transact.ts";
import type { EnqueueRequest } from "../../../src/domain/enqueue-request.ts";
import type { PatientId, SeriesId } from "../../../src/domain/ids.ts";
import type { ChangeOptions } from "../../../src/producers/change-facts.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { planPatient } from "../../../src/producers/plan-patient.ts";
import { checksum } from "../../http/support/checksum.ts";
import { nextNumber } from "../../support/next-number.ts";
import { EXAMPLES_BEGIN, readSeriesExample, type World } from "../../support/world.ts";

export type Enrolled = { readonly patientId: PatientId; readonly seriesId: SeriesId; readonly request: EnqueueRequest };

export const BY: ChangeOptions = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };
export const DRY: ChangeOptions = { ...BY, dryRun: true };

/** Enqueues an example under a chart number and an external id of its own, on the day the examples begin, and plans it. */
export async function enrol(
  world: World,
  name: string,
  change: (request: EnqueueRequest) => EnqueueRequest = (request) => request,
): Promise<Enrolled> {
  await setSteppedClock(world.deps.db, EXAMPLES_BEGIN);
  const [example] = await readSeriesExample(name);
  if (!example) throw new Error(`No example ${name}`);
  const ref = `${name}-${nextNumber(world)}`;
  const request = change({ ...example, externalId: ref, patient: { ...example.patient, ref } });
  const [result] = await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "also" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(`Refused: ${JSON.stringify(result)}`);
  const { patientId, seriesId } = result;
  await transact(world.deps.db, (tx) => planPatient(tx, patientId, world.deps.tokens));
  return { patientId, seriesId, request };
}

/** Rows of a series that go to somebody else than staff, in order of time. */
export async function rowsOf(db: Database, { seriesId }: Pick<Enrolled, "seriesId">) {
  return db
    .selectFrom("touchpoints")
    .select(["id", "rule", "key", "recipient", "channel", "state", "reason", "dueAt", "tryAt", "linkId", "sessionId", "unwantedAt"])
    .where("seriesId", "=", seriesId)
    .where("recipient", "!=", "staff")
    .orderBy("dueAt")
    .orderBy("key")
    .execute();
}

/** How many of its rows to patient and escort stand in each state. */
export async function statesOf(db: Database, enrolled: Pick<Enrolled, "seriesId">): Promise<Record<string, number>> {
  const rows = await rowsOf(db, enrolled);
  const groups = Map.groupBy(rows, ({ state, reason }) => (state === "held" ? `held(${reason})` : state));
  return Object.fromEntries([...groups].map(([state, each]) => [state, each.length]));
}

/** As if the first message to the patient over that channel had been sent; its rule. */
export async function pretendSent(db: Database, { seriesId }: Pick<Enrolled, "seriesId">, channel: "sms" | "email"): Promise<string> {
  const { rows } = await sql<{ id: string; rule: string }>`
    select id, rule from touchpoints where series_id = ${seriesId} and recipient = 'patient' and channel = ${channel} and state = 'planned' order by due_at, key limit 1`.execute(
    db,
  );
  const [row] = rows;
  if (!row) throw new Error(`Nothing planned over ${channel}`);
  await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where id = ${row.id}`.execute(db);
  await sql`update touchpoints set state = 'sent' where id = ${row.id}`.execute(db);
  return row.rule;
}

export async function revisionOf(db: Database, { patientId }: Pick<Enrolled, "patientId">): Promise<number> {
  return (await db.selectFrom("patients").select("planRevision").where("id", "=", patientId).executeTakeFirstOrThrow()).planRevision;
}

export async function eventsOf(db: Database, subjectId: string): Promise<string[]> {
  const rows = await db.selectFrom("events").select("kind").where("subjectId", "=", subjectId).orderBy("id").execute();
  return rows.map(({ kind }) => kind);
}

/** One hash a table: equal before and after where nothing was stored. */
export { checksum };

/** The states of sessions in order of time. */
export async function sessionsOf(db: Database, { seriesId }: Pick<Enrolled, "seriesId">) {
  return db
    .selectFrom("sessions")
    .select(["id", "number", "status", "sequence", "startsAt", "toldStartsAt", "changedAt", "changedBecause", "externalIdIndex"])
    .where("seriesId", "=", seriesId)
    .orderBy("startsAt")
    .execute();
}
