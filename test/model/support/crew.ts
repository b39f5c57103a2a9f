/** The processes that work on jobs, one at a time: a process that dies or falls asleep over a call is replaced, and a sleeper may go on later. */
import { sql } from "kysely";
import type { EmailContent, SmsContent } from "../../../src/channels/channel.ts";
import { registerWorker } from "../../../src/db/workers.ts";
import type { PatientId, TouchpointId, WorkerId } from "../../../src/domain/ids.ts";
import { requestPlans } from "../../../src/producers/request-plans.ts";
import type { Queues } from "../../../src/queues/backend.ts";
import { planSeries } from "../../../src/queues/plan-series.ts";
import { recordDelivery } from "../../../src/queues/record-delivery.ts";
import { sendEmail, sendSms } from "../../../src/queues/send-hints.ts";
import { planPatientsOf } from "../../../src/workers/plan-patients.ts";
import { recordDeliveriesOf } from "../../../src/workers/record-delivery.ts";
import { makeSendGate } from "../../../src/workers/send-gate.ts";
import { sendTouchpoints } from "../../../src/workers/send-touchpoints.ts";
import { writeEmail, writeSms } from "../../../src/workers/write-messages.ts";
import type { World } from "../../support/world.ts";
import type { Refusal } from "./provider.ts";
import type { Process } from "./provider.ts";
import type { WaitingJob } from "./queues.ts";

export type CrewDeps = Omit<World["deps"], "queues"> & { readonly queues: Pick<Queues, "queue"> };

export type Crew = {
  readonly work: (job: WaitingJob) => Promise<unknown>;
  /** Who works at present. */
  readonly workerId: () => WorkerId;
  readonly wakeAll: () => Promise<void>;
};

type Hiring = {
  readonly start: () => Process;
  /** What a process was told of addresses is stored. */
  readonly onStored: (refused: Refusal[]) => void;
};

export async function hireCrew(deps: CrewDeps, { start, onStored }: Hiring): Promise<Crew> {
  const plan = planPatientsOf(deps);
  const record = recordDeliveriesOf(deps);
  const asleep: { readonly process: Process; readonly sending: Promise<unknown> }[] = [];
  let worker = await hire(deps, start);
  const send = async (sending: Promise<unknown>) => {
    const { process, id } = worker;
    const isGone = typeof (await Promise.race([sending, process.gone])) === "string";
    if (!isGone) return onStored(process.refused);
    if (process.state === "asleep") asleep.push({ process, sending });
    // Its heart does not beat any more.
    await sql`update workers set beat_at = beat_at - interval '1 minute' where id = ${id}`.execute(deps.db);
    worker = await hire(deps, start);
  };
  return {
    work: async ({ name, data }) => {
      if (name === planSeries.name) return plan(planSeries.data.parse(data));
      if (name === recordDelivery.name) return record(recordDelivery.data.parse(data));
      if (name === sendEmail.name) return send(worker.email(sendEmail.data.parse(data)));
      return send(worker.sms(sendSms.data.parse(data)));
    },
    workerId: () => worker.id,
    wakeAll: async () => {
      for (const { process, sending } of asleep.splice(0)) {
        process.wake();
        await sending;
        onStored(process.refused);
      }
    },
  };
}

async function hire(deps: CrewDeps, start: () => Process) {
  const id = await registerWorker(deps.db, { role: "worker", version: "test" });
  const process = start();
  const wiring = {
    ...deps,
    workerId: id,
    gate: makeSendGate({ least: 8, most: 8 }),
    hintLater: (ids: readonly TouchpointId[]) => Promise.reject(new Error(`No tokens for ${ids.length}`)),
    replan: (patientIds: readonly PatientId[]) => requestPlans(deps, patientIds),
  };
  return {
    id,
    process,
    email: sendTouchpoints<EmailContent>({ ...wiring, channel: process.email, write: writeEmail }),
    sms: sendTouchpoints<SmsContent>({ ...wiring, channel: process.sms, write: writeSms }),
  };
}
