/** Starts everything a worker process does: the three queues, the sweep, the heartbeat. Scale out by starting more processes. */
import type pg from "pg";
import { machineNow } from "../clock.ts";
import type { Channel, EmailContent, SmsContent } from "../channels/channel.ts";
import type { Database } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import type { Vault } from "../db/vault.ts";
import { beat, registerWorker, retireWorker } from "../db/workers.ts";
import type { TouchpointId, WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import { requestPlans } from "../producers/request-plans.ts";
import { sweepDue } from "../producers/sweep-due.ts";
import type { Queues, WorkerHandle } from "../queues/backend.ts";
import type { QueueContract } from "../queues/contract.ts";
import { planSeries } from "../queues/plan-series.ts";
import { type SendHint, sendEmail, sendSms, TOUCHPOINTS_PER_HINT } from "../queues/send-hints.ts";
import { VERSION } from "../version.ts";
import { planPatientsOf } from "./plan-patients.ts";
import { runEvery } from "./run-every.ts";
import { makeSendGate, type SendGate } from "./send-gate.ts";
import { type SendDeps, sendTouchpoints } from "./send-touchpoints.ts";
import { writeEmail, writeSms } from "./write-messages.ts";

export type WorkerDeps = {
  readonly db: Database;
  readonly queues: Queues;
  readonly vault: Vault;
  readonly tokens: LinkTokens;
  readonly log: Log;
  readonly publicBaseUrl: string;
  readonly email: Channel<EmailContent>;
  readonly sms: Channel<SmsContent>;
  /** A connection of its own on which steps of the clock are heard. */
  readonly listen: (channel: string, hear: () => void) => Promise<Pick<pg.Client, "end">>;
};

const SWEEP_EVERY_MS = 1_000;
const BEAT_EVERY_MS = 5_000;
const TIDY_EVERY_MS = 60_000;

export type Workers = { readonly id: WorkerId; stop(): Promise<void> };

/** Resolves once every queue is connected; rejects, with nothing left running, when one cannot be. A stop claims nothing more and waits for what is under way. */
export async function startWorkers(deps: WorkerDeps): Promise<Workers> {
  const { db, log } = deps;
  const workerId = await registerWorker(db, { role: "worker", version: VERSION });
  const undo: (() => Promise<unknown>)[] = [() => retireWorker(db, workerId)];
  const stop = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    await start(deps, workerId, undo);
  } catch (error) {
    await stop();
    throw error;
  }
  log.info("worker.started", { workerId, backend: deps.queues.backend, version: VERSION });
  return {
    id: workerId,
    stop: async () => {
      await stop();
      log.info("worker.stopped", { workerId });
    },
  };
}

/** Each part that runs leaves behind how it is stopped, so that they are stopped in reverse. */
async function start(deps: WorkerDeps, workerId: WorkerId, undo: (() => Promise<unknown>)[]): Promise<void> {
  const { db, queues, log } = deps;
  const heart = runEvery(
    BEAT_EVERY_MS,
    () => beat(db, workerId, machineNow()),
    (error) => log.error("heartbeat.failed", { workerId, error }),
  );
  undo.push(heart.stop);
  const [emailGate, smsGate] = [makeSendGate(slotsOf(deps.email)), makeSendGate(slotsOf(deps.sms))];
  const handles: WorkerHandle[] = [];
  undo.push(() => Promise.all(handles.map((handle) => handle.close())));
  handles.push(await queues.work(planSeries, planPatientsOf(deps)));
  const email = sending(deps, { workerId, channel: deps.email, write: writeEmail, gate: emailGate, contract: sendEmail });
  handles.push(await queues.work(sendEmail, sendTouchpoints(email)));
  const sms = sending(deps, { workerId, channel: deps.sms, write: writeSms, gate: smsGate, contract: sendSms });
  handles.push(await queues.work(sendSms, sendTouchpoints(sms)));
  undo.push(async () => [emailGate, smsGate].map((gate) => gate.close()));
  const sweep = runEvery(
    SWEEP_EVERY_MS,
    () => sweepDue(deps),
    (error) => log.error("sweep.failed", { workerId, error }),
  );
  undo.push(sweep.stop);
  const tidy = runEvery(TIDY_EVERY_MS, queues.tidy, (error) => log.error("tidy.failed", { workerId, error }));
  undo.push(tidy.stop);
  const ear = await deps.listen("afterglow_clock", sweep.wake);
  undo.push(() => ear.end());
}

/**
 * Room for two whole hints, or for every connection if that is more. Measured: a claim of 50 rows costs PostgreSQL 0.18 ms a message, one of 10 costs 0.5. What is
 * claimed beyond the connections waits in the channel, within its deadline; when that passes it was provably not sent.
 */
function slotsOf(channel: Pick<Channel<never>, "freeConnections">): number {
  return Math.max(2 * TOUCHPOINTS_PER_HINT, channel.freeConnections());
}

type Sending<Content> = Pick<SendDeps<Content>, "workerId" | "channel" | "write"> & { gate: SendGate; contract: QueueContract<SendHint> };

function sending<Content>(deps: WorkerDeps, { workerId, channel, write, gate, contract }: Sending<Content>): SendDeps<Content> {
  return {
    ...deps,
    workerId,
    channel,
    write,
    gate,
    hintLater: (ids: readonly TouchpointId[], delayMs) => deps.queues.queue(contract).add([{ data: { touchpointIds: [...ids] }, delayMs }]),
    replan: (patientIds) => requestPlans(deps, patientIds),
  };
}
