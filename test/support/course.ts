/** Ana's course as it is enqueued and planned, under a chart number and addresses of her own for each test, and what a test asks of its rows. */
import { sql } from "kysely";
import { expect } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { formatLocal, type Instant, parseLocalDateTime } from "../../src/domain/calendar.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import type { PatientId, SeriesId, SessionId } from "../../src/domain/ids.ts";
import { toLocal } from "../../src/domain/place-in-time.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { DENVER } from "./planner-facts.ts";
import { EXAMPLES_BEGIN, readSeriesExample, type World } from "./world.ts";

export type Course = { readonly patientId: PatientId; readonly seriesId: SeriesId; readonly sessions: readonly SessionId[] };

export type Rows = ReturnType<typeof rowsOf>;

/** `changes` to what Ana asks for, once she has a number of her own. */
export async function enrolAna(world: World, changes: (ana: EnqueueRequest) => EnqueueRequest = (ana) => ana): Promise<Course> {
  const { db } = world.deps;
  await setSteppedClock(db, EXAMPLES_BEGIN);
  const { rows } = await sql<{ count: number }>`select count(*) as count from patients`.execute(db);
  const number = String((rows[0]?.count ?? 0) + 1).padStart(2, "0");
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const patient = { ...ana.patient, ref: `9${number}`, phone: `+130355501${number}`, email: `ana${number}@patients.example.org` };
  const asked = changes({ ...ana, externalId: `order-${number}`, patient });
  const [result] = await enqueueSeries(world.deps, [asked], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  const { patientId, seriesId } = result;
  await transact(db, (tx) => planPatient(tx, patientId, world.deps.tokens));
  const sessions = await db.selectFrom("sessions").select("id").where("seriesId", "=", seriesId).orderBy("startsAt").execute();
  return { patientId, seriesId, sessions: sessions.map(({ id }) => id) };
}

/** The nth session of a course, from 1. */
export function nth({ sessions }: Course, number: number): SessionId {
  return sessions[number - 1] ?? expect.unreachable();
}

/** A date and time on the wall of the clinic. */
export function wallTime(text: string) {
  return parseLocalDateTime(text) ?? expect.unreachable();
}

/** What the wall of the clinic shows. */
export function onWall(at: Instant): string {
  return formatLocal(toLocal(DENVER, at));
}

const TABLES = ["patients", "series", "sessions", "links", "touchpoints", "deliveries", "tasks", "events", "consents", "contact_points"];

/** Questions to the rows of a world. */
export function rowsOf({ deps: { db } }: World) {
  const dump = async () => {
    const tables: [string, unknown[]][] = [];
    for (const table of TABLES) {
      const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.table(table)} t order by 1`.execute(db);
      tables.push([table, rows.map(({ row }) => row)]);
    }
    return Object.fromEntries(tables);
  };
  return {
    /** Every row of the tables that a fact could touch, as text. */
    dump,
    session: (id: SessionId) => db.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
    /** The touchpoints of one rule and session, in order of arming. */
    touchpoints: (id: SessionId, rule: string) =>
      db
        .selectFrom("touchpoints")
        .selectAll()
        .where("sessionId", "=", id)
        .where("rule", "=", rule)
        .orderBy("arming")
        .orderBy("channel")
        .execute(),
    events: async (id: string) =>
      (await db.selectFrom("events").select("kind").where("subjectId", "=", id).orderBy("id").execute()).map(({ kind }) => kind),
    revision: async (id: PatientId) =>
      (await db.selectFrom("patients").select("planRevision").where("id", "=", id).executeTakeFirstOrThrow()).planRevision,
    /** As if a worker had claimed the planned touchpoints of that rule and session, and perhaps sent them. */
    claim: async (id: SessionId, rule: string, state: "sending" | "sent" | "unknown" = "sent") => {
      const planned = db.updateTable("touchpoints").where("sessionId", "=", id).where("rule", "=", rule);
      const [claimed] = await planned
        .where("state", "=", "planned")
        .set({ state: "sending", claimedAt: sql`clock_timestamp()`, attempts: 1 })
        .execute();
      expect(claimed?.numUpdatedRows, `nothing of ${rule} is planned`).not.toBe(0n);
      if (state !== "sending") await planned.where("state", "=", "sending").set({ state }).execute();
    },
    /** As if what is said to the whole series at its beginning had been sent. */
    welcome: async (id: SeriesId) => {
      const planned = db.updateTable("touchpoints").where("seriesId", "=", id).where("rule", "=", "welcome");
      await planned.where("state", "=", "planned").set({ state: "sending", claimedAt: sql`clock_timestamp()`, attempts: 1 }).execute();
      await planned.where("state", "=", "sending").set({ state: "sent" }).execute();
    },
  };
}
