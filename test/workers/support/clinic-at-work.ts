/** A clinic at work: patients from the example, everything that can be sent put in reach, hints handed straight to the worker of a channel. */
import { sql } from "kysely";
import { setSteppedClock } from "../../../src/db/clinic-clock.ts";
import { registerWorker } from "../../../src/db/workers.ts";
import { instant, MINUTE } from "../../../src/domain/calendar.ts";
import type { PatientId, TouchpointId } from "../../../src/domain/ids.ts";
import { enqueueSeries } from "../../../src/producers/enqueue-series.ts";
import { requestPlans } from "../../../src/producers/request-plans.ts";
import { planPatientsOf } from "../../../src/workers/plan-patients.ts";
import { makeSendGate } from "../../../src/workers/send-gate.ts";
import { type SendDeps, sendTouchpoints } from "../../../src/workers/send-touchpoints.ts";
import { writeEmail, writeSms } from "../../../src/workers/write-messages.ts";
import type { EmailContent, SmsContent } from "../../../src/channels/channel.ts";
import { nextNumber } from "../../support/next-number.ts";
import { EXAMPLES_BEGIN, readSeriesExample, type World } from "../../support/world.ts";

/** Half past nine on the morning on which Ana is enqueued: her welcome is due on both channels, and nothing else is. */
export const WELCOME_AT = instant(EXAMPLES_BEGIN + 90 * MINUTE);

/** Another Ana, with addresses of her own unless given ones, planned. */
export async function enqueueAna(world: World, given: { phone?: string; email?: string } = {}): Promise<PatientId> {
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) throw new Error("No example");
  const number = String(nextNumber(world)).padStart(2, "0");
  const contact = { phone: `+130355501${number}`, email: `ana${number}@patients.example.org`, ...given };
  const request = { ...ana, externalId: `ana-${number}`, patient: { ...ana.patient, ref: `ana-${number}`, ...contact } };
  await setSteppedClock(world.deps.db, EXAMPLES_BEGIN);
  const [result] = await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
  if (result?.kind !== "enqueued" || !result.patientId) throw new Error(JSON.stringify(result));
  await planPatientsOf(world.deps)({ patientIds: [result.patientId] });
  await setSteppedClock(world.deps.db, WELCOME_AT);
  return result.patientId;
}

/** The welcome of these patients over a channel. */
export async function findWelcomes(world: World, patients: readonly PatientId[], channel: "email" | "sms"): Promise<TouchpointId[]> {
  const rows = await world.deps.db
    .selectFrom("touchpoints")
    .select("id")
    .where("patientId", "in", patients)
    .where("rule", "=", "welcome")
    .where("channel", "=", channel)
    .execute();
  return rows.map(({ id }) => id);
}

type Wiring<Content> = Omit<SendDeps<Content>, "channel" | "write">;

async function wire(world: World): Promise<{ wiring: Wiring<never>; later: { ids: readonly TouchpointId[]; afterMs: number }[] }> {
  const { deps } = world;
  const later: { ids: readonly TouchpointId[]; afterMs: number }[] = [];
  const workerId = await registerWorker(deps.db, { role: "worker", version: "test" });
  const hintLater = async (ids: readonly TouchpointId[], afterMs: number) => {
    later.push({ ids, afterMs });
  };
  const replan = (patientIds: readonly PatientId[]) => requestPlans(deps, patientIds);
  return { wiring: { ...deps, workerId, gate: makeSendGate({ least: 4, most: 4 }), hintLater, replan }, later };
}

/** Workers of both channels as a process has them, without the queue: a hint is handed over by a call. */
export async function makeSenders(world: World, changes: Partial<Wiring<never>> = {}) {
  const { wiring, later } = await wire(world);
  const all = { ...wiring, ...changes };
  const email = sendTouchpoints<EmailContent>({ ...all, channel: world.deps.email, write: writeEmail });
  const sms = sendTouchpoints<SmsContent>({ ...all, channel: world.deps.sms, write: writeSms });
  return { email, sms, later, workerId: all.workerId };
}

export async function readTouchpoint({ deps: { db } }: World, id: TouchpointId) {
  const columns = ["state", "reason", "tryAt", "attempts", "hintedAt"] as const;
  return db.selectFrom("touchpoints").select(columns).where("id", "=", id).executeTakeFirstOrThrow();
}

/** Everything of the patients ends, so that the next test begins without them. */
export async function forgetTouchpoints({ deps: { db }, smtp, twilio }: World): Promise<void> {
  await sql`delete from deliveries`.execute(db);
  await sql`delete from touchpoints`.execute(db);
  smtp.setFaults([]);
  twilio.setFaults([]);
  smtp.clear();
  twilio.clear();
}
