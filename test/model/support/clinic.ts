/** A clinic whose processes do nothing by themselves: each command of a run says what happens next, and the workers' own functions are called in its turn. */
import { sql } from "kysely";
import { findNextStep, readClinicTime, setSteppedClock, stepClock } from "../../../src/db/clinic-clock.ts";
import { insertProviderEvent } from "../../../src/db/provider-events.ts";
import type { Instant } from "../../../src/domain/calendar.ts";
import type { WorkerId } from "../../../src/domain/ids.ts";
import type { ChangeDeps } from "../../../src/producers/change-facts.ts";
import { sweepDue } from "../../../src/producers/sweep-due.ts";
import { recordDeliveriesOf } from "../../../src/workers/record-delivery.ts";
import { settleUnknown } from "../../../src/workers/settle-unknown.ts";
import type { World } from "../../support/world.ts";
import { type CrewDeps, hireCrew } from "./crew.ts";
import { hearCalls, learnOf } from "./hear-calls.ts";
import type { Call, Model } from "./model.ts";
import { type Fault, type Script, startProcess } from "./provider.ts";
import { makeQueues } from "./queues.ts";
import { whileClaimsWait } from "./while-claims-wait.ts";

export type Clinic = {
  readonly world: World;
  /** For producers: everything but the queue is the program's own. */
  readonly deps: ChangeDeps;
  readonly model: Model;
  /** What calls of a provider have broken, in order. */
  readonly broken: string[];
  /** The next calls go wrong like this, one after the other. */
  arm(faults: readonly Fault[]): void;
  now(): Promise<Instant>;
  /** Everything that the workers would do at this moment. */
  work(): Promise<void>;
  /** The same, with a fact that is committed while the first claim waits. */
  workDuring(fact: () => Promise<unknown>): Promise<void>;
  /** The next moment at which a row wants something. */
  peek(): Promise<Instant | undefined>;
  stepTo(at: Instant): Promise<void>;
  /** Every job is lost. */
  flushQueues(): void;
  /** Processes that slept over a call go on. */
  wakeAll(): Promise<void>;
  /** The provider reports of a text, as its webhook stores it. */
  report(call: Call, status: string, code: string | null): Promise<void>;
};

/** Beside a run there are no other patients: whoever was there before is forgotten. */
export async function openClinic(world: World, model: Model, begin: Instant): Promise<Clinic> {
  const { db } = world.deps;
  await forget(world);
  await setSteppedClock(db, begin);
  const queues = makeQueues();
  const deps: CrewDeps = { ...world.deps, queues };
  const script: Script = { armed: [], stopped: new Set() };
  const broken: string[] = [];
  const now = async () => (await readClinicTime(db)).now;
  const report = reporter(deps);
  const hearing = { ...hearCalls(db, { model, broken, report }), now };
  const crew = await hireCrew(deps, {
    start: () => startProcess(world, script, hearing),
    onStored: (refused) => learnOf(model, refused),
  });
  const drain = async () => {
    for (let job = queues.take(); job; job = queues.take()) await crew.work(job);
  };
  const pass = async () => {
    await age(world, crew.workerId());
    await settleUnknown(deps);
  };
  const work = async () => {
    await pass();
    for (let rounds = 0; (await isAnythingSwept(deps)) || queues.size() > 0; rounds++) {
      if (rounds > MOST_ROUNDS) throw new Error("The workers do not come to rest");
      await drain();
    }
  };
  return {
    world,
    deps,
    model,
    broken,
    now,
    work,
    report,
    arm: (faults) => script.armed.splice(0, script.armed.length, ...faults),
    workDuring: async (fact) => {
      await pass();
      await sweepDue(deps);
      await whileClaimsWait(world, { work: drain, fact });
      await work();
    },
    peek: async () => (await findNextStep(db)).nextAt ?? undefined,
    stepTo: (at) => stepClock(db, at),
    flushQueues: queues.flush,
    wakeAll: crew.wakeAll,
  };
}

/** What a round makes due goes in the next. */
const MOST_ROUNDS = 30;

async function isAnythingSwept(deps: CrewDeps): Promise<boolean> {
  const swept = await sweepDue(deps);
  return swept !== undefined && swept.hinted + swept.tasked + swept.ended + swept.abandoned + swept.replanned > 0;
}

function reporter(deps: CrewDeps): Clinic["report"] {
  const record = recordDeliveriesOf(deps);
  return async ({ deliveryId, sid, to }, status, code) => {
    const body = JSON.stringify({ MessageSid: sid, MessageStatus: status, To: to, ...(code !== null && { ErrorCode: code }) });
    const fingerprint = Buffer.from(`${sid}/${status}/${code}`);
    const id = await insertProviderEvent(deps.db, { provider: "twilio", deliveryId, fingerprint, body }, deps.vault);
    if (id) await record({ eventIds: [id] });
  };
}

/** As if minutes had passed on the machines' clocks: hints are lost, the heart has gone on beating, and what is unknown may be asked about. */
async function age({ deps: { db } }: World, workerId: WorkerId): Promise<void> {
  await sql`update workers set beat_at = clock_timestamp() where id = ${workerId}`.execute(db);
  await sql`update touchpoints set hinted_at = hinted_at - interval '11 seconds' where state = 'planned' and hinted_at is not null`.execute(
    db,
  );
  await sql`update patients set unplanned_since = unplanned_since - interval '6 seconds' where plan_revision <> planned_revision`.execute(
    db,
  );
  await sql`update provider_events set received_at = received_at - interval '6 seconds' where folded_at is null`.execute(db);
  // Once: the provider lists a text by the time at which it was claimed.
  await sql`
    update deliveries set claimed_at = claimed_at - interval '61 seconds'
    where state = 'unknown' and claimed_at > clock_timestamp() - interval '60 seconds'`.execute(db);
  await sql`update deliveries set looked_at = looked_at - interval '121 seconds' where looked_at is not null`.execute(db);
}

const OF_PATIENTS = [
  "patients",
  "escorts",
  "contact_points",
  "consents",
  "opt_outs",
  "series",
  "sessions",
  "links",
  "touchpoints",
  "deliveries",
  "provider_events",
  "tasks",
  "events",
  "workers",
];

async function forget({ deps: { db }, smtp, twilio }: World): Promise<void> {
  await sql`truncate ${sql.join(OF_PATIENTS.map((table) => sql.table(table)))} cascade`.execute(db);
  await sql`update rate_buckets set tokens = burst`.execute(db);
  for (const standIn of [smtp, twilio]) {
    standIn.setFaults([]);
    standIn.clear();
  }
}
