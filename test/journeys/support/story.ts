/**
 * A clinic's weeks as a story: people come to their visits, staff do things at an hour of the clinic's wall, and the mail server and the carrier's API bear witness
 * of what reached whom, each message with the clinic time at which it left.
 */
import { sql } from "kysely";
import { expect } from "vitest";
import { monotonicMs } from "../../../src/clock.ts";
import { readClinicTime } from "../../../src/db/clinic-clock.ts";
import { checkLedger } from "../../../src/db/ledger.ts";
import { formatLocal, type Instant, parseLocalDateTime } from "../../../src/domain/calendar.ts";
import type { EnqueueRequest, SessionRequest } from "../../../src/domain/enqueue-request.ts";
import type { PatientId, SeriesId, SessionId } from "../../../src/domain/ids.ts";
import { placeLocal, toLocal } from "../../../src/domain/place-in-time.ts";
import type { ChangeOptions } from "../../../src/producers/change-facts.ts";
import { changeTask } from "../../../src/producers/change-task.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../../src/producers/step-through.ts";
import { readSeriesExample, type World } from "../../support/world.ts";
import { listAttended } from "./attended-visits.ts";
import { type Arrival, openPostbox } from "./postbox.ts";

/** Somebody of the cast, with a series. */
export type Cast = {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly phone: string | null;
  readonly email: string | null;
  readonly escortPhone: string | null;
};

export const BY: ChangeOptions = { actor: "staff:Maria Lopez", dryRun: false, ifRevision: null };

export type Living = {
  /** Of these nothing is recorded: nobody comes, or nobody writes it down. */
  readonly unrecorded?: readonly SessionId[];
};

export type Story = {
  /** Enqueues an example as it stands in its file, or changed; the workers plan it. */
  enqueue(example: string, change?: (request: EnqueueRequest) => EnqueueRequest): Promise<Cast>;
  /** Lives on to that minute of the clinic's wall: whoever has a visit arrives ten minutes before, is dosed ten minutes after its start and goes home at its end. */
  until(wall: string, living?: Living): Promise<void>;
  /** Sessions as an order lists them, each at that minute of the clinic's wall, doses where nothing else is asked for. */
  listed(walls: readonly string[], details?: Partial<SessionRequest>): Pick<EnqueueRequest, "sessions" | "cadence">;
  /** Clinic time of a minute of the clinic's wall. */
  at(wall: string): Instant;
  /** What reached an address, or anybody: first to last. */
  reached(address?: string | null): readonly Arrival[];
  /** The visits of a series in order of time; cancelled ones too. */
  visits(cast: Pick<Cast, "seriesId">): Promise<readonly Visit[]>;
  /** Tasks about a patient, first to last. */
  tasks(cast: Pick<Cast, "patientId">): Promise<readonly StoryTask[]>;
  /** Somebody makes every call that is on the list for the patient, and reaches them. */
  makeCalls(cast: Pick<Cast, "patientId">): Promise<void>;
  /** Nothing that SQL can see of the promises was broken. */
  booksHold(): Promise<void>;
};

export type Visit = { readonly id: SessionId; readonly status: string; readonly wall: string };

export type StoryTask = {
  readonly kind: string;
  readonly template: string;
  readonly state: string;
  readonly importance: string;
  readonly sessionId: SessionId | null;
  /** On the clinic's wall. */
  readonly opened: string;
  readonly due: string;
};

const DOSE: Omit<SessionRequest, "local" | "zone" | "startsAt"> = {
  kind: "dosing",
  setting: "clinic",
  owner: "ours",
  resolution: "exact",
  minutes: null,
  place: null,
  with: null,
  joinUrl: null,
  externalId: null,
  status: null,
};

/** Workers run from now on; the story begins at the world's present moment. */
export async function tellStory(world: World): Promise<Story> {
  const { db } = world.deps;
  const { zone } = world.clinic;
  await world.startWorkers();
  const postbox = openPostbox(world);
  const local = (wall: string) => parseLocalDateTime(wall) ?? expect.fail(`Not a time: ${wall}`);
  const at = (wall: string) => placeLocal(zone, local(wall));
  return {
    at,
    listed: (walls, details = {}) => ({
      cadence: null,
      sessions: walls.map((wall) => ({ ...DOSE, zone, local: local(wall), startsAt: at(wall), ...details })),
    }),
    enqueue: (example, change = (same) => same) => enqueue(world, example, change),
    until: async (wall, { unrecorded = [] } = {}) => {
      const { now } = await readClinicTime(db);
      const attended = await listAttended(world, { now, until: at(wall), unrecorded });
      const stop = { at: at(wall), happen: () => Promise.resolve() };
      await stepThrough(db, { until: at(wall), facts: [...attended, stop], onSettled: postbox.collect, stallMs: 20_000 });
    },
    reached: postbox.reached,
    visits: ({ seriesId }) => listVisits(world, seriesId),
    tasks: ({ patientId }) => listTasks(world, patientId),
    makeCalls: ({ patientId }) => makeCalls(world, patientId),
    booksHold: async () => {
      const checks = await checkLedger(db, { clinicId: null, now: monotonicMs });
      expect(checks.filter(({ state }) => state !== "holds" && state !== "not-asked")).toEqual([]);
    },
  };
}

async function enqueue(world: World, example: string, change: (request: EnqueueRequest) => EnqueueRequest): Promise<Cast> {
  const [read] = await readSeriesExample(example);
  const request = change(read ?? expect.unreachable());
  const [result] = await enqueueSeries(world.deps, [request], { clinic: request.clinic, actor: "staff:test", second: "also" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  const { patient } = request;
  const { patientId, seriesId } = result;
  return { patientId, seriesId, phone: patient.phone, email: patient.email, escortPhone: patient.escort?.phone ?? null };
}

async function listVisits({ deps: { db }, clinic: { zone } }: World, seriesId: SeriesId): Promise<Visit[]> {
  const columns = ["id", "status", "startsAt"] as const;
  const rows = await db.selectFrom("sessions").select(columns).where("seriesId", "=", seriesId).orderBy("startsAt").execute();
  return rows.map(({ id, status, startsAt }) => ({ id, status, wall: formatLocal(toLocal(zone, startsAt)) }));
}

async function listTasks({ deps: { db }, clinic: { zone } }: World, patientId: PatientId): Promise<StoryTask[]> {
  const { rows } = await sql<Omit<StoryTask, "opened" | "due"> & { openedAt: Instant; dueBy: Instant }>`
    select kind, template, state, importance, session_id, opened_at, due_by from tasks where patient_id = ${patientId} order by opened_at, id`.execute(
    db,
  );
  const wall = (when: Instant) => formatLocal(toLocal(zone, when));
  return rows.map(({ openedAt, dueBy, ...task }) => ({ ...task, opened: wall(openedAt), due: wall(dueBy) }));
}

async function makeCalls({ deps }: World, patientId: PatientId): Promise<void> {
  const calls = deps.db.selectFrom("tasks").select("id").where("patientId", "=", patientId).where("kind", "=", "call");
  for (const { id } of await calls.where("state", "=", "open").execute())
    await changeTask(deps, id, { wish: { kind: "done", outcome: "reached", note: null }, actor: BY.actor, ifRevision: null });
}

/** Each as one line, in order. */
export function linesOf(arrivals: readonly Arrival[]): string[] {
  return arrivals.map(({ line }) => line);
}
