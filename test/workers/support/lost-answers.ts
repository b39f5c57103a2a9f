/** Sends whose answer is lost, and machine time that passes since: what a settler finds after a minute, without waiting for it. */
import { sql } from "kysely";
import { expect } from "vitest";
import type { DeliveryId, PatientId, TouchpointId } from "../../../src/domain/ids.ts";
import { settleUnknown } from "../../../src/workers/settle-unknown.ts";
import type { World } from "../../support/world.ts";
import { enqueueAna, findWelcomes, makeSenders } from "./clinic-at-work.ts";

export type Lost = { readonly patientId: PatientId; readonly id: TouchpointId };

/** Ana's welcome over a channel, sent; what becomes of it is up to the faults that are set. */
export async function sendWelcome(world: World, channel: "email" | "sms", onUnknown: "hold" | "resend" = "resend"): Promise<Lost> {
  const patientId = await enqueueAna(world);
  const [id] = await findWelcomes(world, [patientId], channel);
  if (!id) expect.unreachable();
  await world.deps.db.updateTable("touchpoints").set({ onUnknown }).where("id", "=", id).execute();
  await sendAgain(world, { patientId, id }, channel);
  return { patientId, id };
}

export async function sendAgain(world: World, { id }: Lost, channel: "email" | "sms") {
  const senders = await makeSenders(world);
  return senders[channel]({ touchpointIds: [id] });
}

/** The attempts of a touchpoint, first to last. */
export async function readAttempts({ deps: { db } }: World, id: TouchpointId) {
  return db
    .selectFrom("deliveries")
    .select(["id", "attempt", "state", "code", "providerMessageId", "providerState", "providerCode", "rank", "looks"])
    .where("touchpointId", "=", id)
    .orderBy("attempt")
    .execute();
}

export async function newestAttempt(world: World, id: TouchpointId): Promise<DeliveryId> {
  const attempt = (await readAttempts(world, id)).at(-1);
  if (!attempt) expect.unreachable();
  return attempt.id;
}

/** So much machine time has passed since they were claimed. */
export async function age({ deps: { db } }: World, seconds: number): Promise<void> {
  await sql`update deliveries set claimed_at = claimed_at - make_interval(secs => ${seconds}), looked_at = looked_at - make_interval(secs => ${seconds})`.execute(
    db,
  );
}

/** So much machine time has passed since the provider was last asked about them. */
export async function ageLooks({ deps: { db } }: World, seconds: number): Promise<void> {
  await sql`update deliveries set looked_at = looked_at - make_interval(secs => ${seconds}) where looked_at is not null`.execute(db);
}

/** The settler's run; it must be the only one. */
export async function settle(world: World) {
  const result = await settleUnknown(world.deps);
  if (!result) expect.unreachable();
  return result;
}

/** What the settler has found out in vain twice. */
export async function settleAfterTwoLooks(world: World) {
  await age(world, 61);
  await settle(world);
  await ageLooks(world, 121);
  return settle(world);
}

export async function tasksOf({ deps: { db } }: World, id: TouchpointId) {
  return db
    .selectFrom("tasks")
    .select(["kind", "template", "state", "dueBy", "importance", "closedBy"])
    .where("touchpointId", "=", id)
    .execute();
}

export async function eventsOf({ deps: { db } }: World, subjectId: string): Promise<string[]> {
  const rows = await db.selectFrom("events").select("kind").where("subjectId", "=", subjectId).orderBy("id").execute();
  return rows.map(({ kind }) => kind);
}

export async function resendsOf({ deps: { db } }: World, id: TouchpointId): Promise<number> {
  return (await db.selectFrom("touchpoints").select("resends").where("id", "=", id).executeTakeFirstOrThrow()).resends;
}
