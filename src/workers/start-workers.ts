/** Starts everything a worker process does: the queues, the sweep, the heartbeat, the periodic parts. Scale out by starting more processes. */
import type { Channel, EmailContent } from "../channels/channel.ts";
import type { SmsChannel } from "../channels/sms.ts";
import type { WebhookChannel } from "../channels/webhook.ts";
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import type { Listener } from "../db/listen.ts";
import { guardHome } from "../db/safe-mode.ts";
import type { Vault } from "../db/vault.ts";
import { registerWorker } from "../db/workers.ts";
import type { PageDesk, PageStaff } from "../domain/alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { TouchpointId, WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import { requestPlans } from "../producers/request-plans.ts";
import { sweepDue } from "../producers/sweep-due.ts";
import type { Queues } from "../queues/backend.ts";
import type { QueueContract } from "../queues/contract.ts";
import { handleReply } from "../queues/handle-reply.ts";
import { pageStaff } from "../queues/page-staff.ts";
import { planSeries } from "../queues/plan-series.ts";
import { recordDelivery } from "../queues/record-delivery.ts";
import { type SendHint, sendEmail, sendSms, toHints, TOUCHPOINTS_PER_HINT } from "../queues/send-hints.ts";
import { VERSION } from "../version.ts";
import { checkLedgerHourly } from "./check-ledger.ts";
import { handleRepliesOf } from "./handle-replies.ts";
import { type HeartTimes, startHeartbeat, type Verdict } from "./heartbeat.ts";
import { hintEarlyOnes } from "./hint-early-ones.ts";
import { listPeriodicParts } from "./periodic-parts.ts";
import { planPatientsOf } from "./plan-patients.ts";
import { recordDeliveriesOf } from "./record-delivery.ts";
import { runEvery } from "./run-every.ts";
import { type GateRoom, makeSendGate, type SendGate } from "./send-gate.ts";
import { type SendDeps, sendTouchpoints } from "./send-touchpoints.ts";
import { type Claiming, retire, stopClaiming } from "./stop-claiming.ts";
import { type Activity, findStuck, watchActivity } from "./watch-progress.ts";
import { writeEmail, writeSms } from "./write-messages.ts";

export type WorkerDeps = {
  readonly db: Database;
  readonly queues: Queues;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
  readonly log: Log;
  readonly publicBaseUrl: string;
  readonly email: Channel<EmailContent>;
  readonly sms: SmsChannel;
  readonly pageStaff: PageStaff;
  /** Left out: nobody outside is told anything. */
  readonly webhooks?: WebhookChannel;
  readonly pageDesk: PageDesk;
  /** A connection of its own on which steps of the clock are heard. */
  readonly listen: (channel: string, hear: () => void) => Promise<Listener>;
  /** This computer's clock, where it is not the one of clock.ts. */
  readonly machineNow?: () => Instant;
  /** How patient the heartbeat is, where not as in life. */
  readonly heartTimes?: HeartTimes;
};

const SWEEP_EVERY_MS = 1_000;
const LOOK_FOR_STUCK_EVERY_MS = 10_000;

export type Workers = {
  readonly id: WorkerId;
  /** Resolves when this process can do its work no more and has to be started again; for a worker that is well, never. */
  readonly failed: Promise<Error>;
  /** Claims nothing more from the call on, waits for what is under way, at most 22 s, and leaves nothing behind that looks as if it were being sent. */
  stop(): Promise<void>;
};

type Parts = Claiming & {
  readonly activity: Activity;
  readonly fail: (error: Error) => void;
  /** By the heart's verdict. */
  isPaused: boolean;
};

/** Resolves once every queue is connected; rejects, with nothing left running, when one cannot be. */
export async function startWorkers(deps: WorkerDeps): Promise<Workers> {
  const { db, log } = deps;
  const workerId = await registerWorker(db, { role: "worker", version: VERSION });
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  const gates = { email: makeSendGate(roomOf(deps.email)), sms: makeSendGate(roomOf(deps.sms)) };
  const parts: Parts = { workerId, gates, handles: [], activity: watchActivity(), stops: [], fail, isPaused: false };
  const heart = startHeart(deps, parts);
  const stop = async () => {
    await stopClaiming(deps, parts);
    await heart.stop();
    await retire(deps, workerId);
  };
  try {
    await startQueues(deps, parts);
    await startRepeating(deps, parts);
  } catch (error) {
    await stop();
    throw error;
  }
  log.info("worker.started", { workerId, backend: deps.queues.backend, version: VERSION });
  return {
    id: workerId,
    failed: failed.then((error) => {
      log.error("worker.failed", { workerId, error });
      return error;
    }),
    stop: async () => {
      await stop();
      log.info("worker.stopped", { workerId });
    },
  };
}

/** What the heart says goes for claiming and for taking jobs: a job that is taken and not worked on would be a hint lost. */
function startHeart(deps: WorkerDeps, parts: Parts) {
  const { db, log, heartTimes: times } = deps;
  const { workerId, gates, handles, activity, fail } = parts;
  const onVerdict = (verdict: Verdict, skewMs: number) => {
    activity.forget();
    parts.isPaused = verdict !== "well";
    const step = parts.isPaused ? "pause" : "resume";
    for (const gate of Object.values(gates)) gate[step]();
    for (const handle of handles) void handle[step]();
    if (verdict === "well") log.info("worker.resumed", { workerId });
    else log.warn("worker.paused", { workerId, kind: verdict, ms: skewMs });
  };
  const heart = { db, log, workerId, machineNow: deps.machineNow ?? machineNow, ...(times ? { times } : {}) };
  return startHeartbeat(heart, { onVerdict, onLost: fail });
}

async function startQueues(deps: WorkerDeps, parts: Parts): Promise<void> {
  const { log } = deps;
  const { workerId, gates } = parts;
  const guarded = await guardHome(deps.db);
  if (guarded.kind === "safe-mode") log.warn("worker.safe-mode", { workerId });
  // What waited while nobody worked is put in order before the first old hint is taken.
  await sweepDue(deps).catch((error: unknown) => log.error("sweep.failed", { workerId, error }));
  await startQueue(deps, parts, {
    contract: pageStaff,
    handle: (job) => ("alertId" in job ? deps.pageStaff(job.alertId) : deps.pageDesk(job.taskId)),
  });
  await startQueue(deps, parts, { contract: handleReply, handle: handleRepliesOf(deps) });
  await startQueue(deps, parts, { contract: planSeries, handle: planPatientsOf(deps) });
  await startQueue(deps, parts, { contract: recordDelivery, handle: recordDeliveriesOf(deps) });
  const email = sending(deps, { workerId, channel: deps.email, write: writeEmail, gate: gates.email, contract: sendEmail });
  await startQueue(deps, parts, { contract: sendEmail, handle: hintEarlyOnes(deps, sendTouchpoints(email)) });
  const sms = sending(deps, { workerId, channel: deps.sms, write: writeSms, gate: gates.sms, contract: sendSms });
  await startQueue(deps, parts, { contract: sendSms, handle: hintEarlyOnes(deps, sendTouchpoints(sms)) });
}

type Work<Data> = { readonly contract: QueueContract<Data>; readonly handle: (data: Data) => Promise<unknown> };

async function startQueue<Data>({ queues }: WorkerDeps, parts: Parts, { contract, handle }: Work<Data>): Promise<void> {
  const worker = await queues.work(contract, parts.activity.around(handle));
  parts.handles.push(worker);
  if (parts.isPaused) await worker.pause();
}

async function startRepeating(deps: WorkerDeps, parts: Parts): Promise<void> {
  const { log } = deps;
  const { workerId, activity, stops, fail } = parts;
  const sweep = runEvery(
    SWEEP_EVERY_MS,
    () => sweepDue(deps),
    (error) => log.error("sweep.failed", { workerId, error }),
  );
  stops.push(sweep.stop);
  const look = async () => {
    // Who stands still on purpose would only start again to stand still.
    const stuck = parts.isPaused ? undefined : await findStuck(deps, activity);
    if (stuck) fail(stuck);
  };
  const repeating = [...listPeriodicParts(deps), { name: "watch-progress", everyMs: LOOK_FOR_STUCK_EVERY_MS, work: look }];
  for (const { name, everyMs, work } of repeating)
    stops.push(runEvery(everyMs, work, (error) => log.error("part.failed", { workerId, kind: name, error })).stop);
  stops.push(checkLedgerHourly(deps).stop);
  const ear = await deps.listen("afterglow_clock", sweep.wake);
  stops.push(() => ear.end());
}

/** Two whole hints at most, or every connection if that is more. What is claimed beyond the connections waits in the channel, within its deadline; when that passes it was provably not sent. */
function roomOf(channel: Pick<Channel<never>, "freeConnections">): GateRoom {
  const connections = channel.freeConnections();
  return { least: connections, most: Math.max(2 * TOUCHPOINTS_PER_HINT, connections) };
}

type Sending<Content> = Pick<SendDeps<Content>, "workerId" | "channel" | "write"> & { gate: SendGate; contract: QueueContract<SendHint> };

function sending<Content>(deps: WorkerDeps, { workerId, channel, write, gate, contract }: Sending<Content>): SendDeps<Content> {
  return {
    ...deps,
    workerId,
    channel,
    write,
    gate,
    hintLater: (ids: readonly TouchpointId[], delayMs) => deps.queues.queue(contract).add(toHints(ids).map((data) => ({ data, delayMs }))),
    replan: (patientIds) => requestPlans(deps, patientIds),
  };
}
