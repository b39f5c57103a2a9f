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
import { type SendHint, sendEmail, sendSms } from "../queues/send-hints.ts";
import { VERSION } from "../version.ts";
import { planPatientsOf } from "./plan-patients.ts";
import { runEvery } from "./run-every.ts";
import { makeSendGate } from "./send-gate.ts";
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

/** Resolves once every queue is connected; rejects, with nothing left running, when one cannot be. */
export async function startWorkers(deps: WorkerDeps): Promise<Workers> {
  const { db, queues, log } = deps;
  const workerId = await registerWorker(db, { role: "worker", version: VERSION });
  const handles: WorkerHandle[] = [];
  const stopQueues = () => Promise.all(handles.map((handle) => handle.close()));
  try {
    handles.push(await queues.work(planSeries, planPatientsOf(deps)));
    handles.push(
      await queues.work(
        sendEmail,
        sendTouchpoints(sending(deps, { workerId, channel: deps.email, write: writeEmail, contract: sendEmail })),
      ),
    );
    handles.push(
      await queues.work(sendSms, sendTouchpoints(sending(deps, { workerId, channel: deps.sms, write: writeSms, contract: sendSms }))),
    );
  } catch (error) {
    await stopQueues();
    throw error;
  }
  const sweep = runEvery(
    SWEEP_EVERY_MS,
    () => sweepDue(deps),
    (error) => log.error("sweep.failed", { workerId, error }),
  );
  const heart = runEvery(
    BEAT_EVERY_MS,
    () => beat(db, workerId, machineNow()),
    (error) => log.error("heartbeat.failed", { workerId, error }),
  );
  const tidy = runEvery(TIDY_EVERY_MS, queues.tidy, (error) => log.error("tidy.failed", { workerId, error }));
  const ear = await deps.listen("afterglow_clock", sweep.wake);
  log.info("worker.started", { workerId, backend: queues.backend, version: VERSION });
  return {
    id: workerId,
    stop: async () => {
      await ear.end();
      await sweep.stop();
      await tidy.stop();
      await stopQueues();
      await heart.stop();
      await retireWorker(db, workerId);
      log.info("worker.stopped", { workerId });
    },
  };
}

type Sending<Content> = Pick<SendDeps<Content>, "workerId" | "write"> & { channel: Channel<Content>; contract: QueueContract<SendHint> };

function sending<Content>(deps: WorkerDeps, { workerId, channel, write, contract }: Sending<Content>): SendDeps<Content> {
  return {
    ...deps,
    workerId,
    channel,
    write,
    gate: makeSendGate(channel.freeConnections()),
    hintLater: (ids: readonly TouchpointId[], delayMs) => deps.queues.queue(contract).add([{ data: { touchpointIds: [...ids] }, delayMs }]),
    replan: (patientIds) => requestPlans(deps, patientIds),
  };
}
