import { sql } from "kysely";
import { expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { insertProviderEvent } from "../../src/db/provider-events.ts";
import { type Claim, claimTouchpoints, recordEvidence } from "../../src/db/sends.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { WEBHOOK_KINDS, type WebhookKind } from "../../src/domain/webhook.ts";
import { addWebhook } from "../../src/producers/change-webhooks.ts";
import { recordDeliveriesOf } from "../../src/workers/record-delivery.ts";
import { evidenceOf } from "../db/support/evidence.ts";
import { claimOf, storePerson, storeTouchpoint } from "../db/support/stored-rows.ts";
import { NOW, storeClinic } from "../db/support/stored-clinic.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;
const clinic = await storeClinic(db);
const person = await storePerson(db, clinic);
const record = recordDeliveriesOf(world.deps);
await setSteppedClock(db, NOW);
const rules = { hosts: ["ehr.example.org"], isProduction: true };
const listen = (kinds: readonly WebhookKind[]) =>
  addWebhook(world.deps, { clinicId: clinic.clinicId, url: "https://ehr.example.org/in", kinds, rules, actor: "test" });

let made = 0;

async function sendText(): Promise<{ claim: Claim; sid: string }> {
  const claim = claimOf(await storeTouchpoint(db, person));
  expect(await claimTouchpoints(db, [claim], { workerId: newId<"worker">(), channel: "sms" })).toHaveLength(1);
  const sid = `SM${(++made).toString(16).padStart(32, "0")}`;
  await recordEvidence(db, [{ ...evidenceOf(claim), providerMessageId: sid }]);
  return { claim, sid };
}

async function report({ claim, sid }: { claim: Claim; sid: string }, state: string): Promise<void> {
  const body = JSON.stringify({
    MessageSid: sid,
    MessageStatus: state,
    To: "+13035550111",
    ...(state === "undelivered" && { ErrorCode: "30003" }),
  });
  const fingerprint = Buffer.from(`${sid}/${state}`);
  const id = await insertProviderEvent(db, { provider: "twilio", deliveryId: claim.deliveryId, fingerprint, body }, vault);
  await record({ eventIds: id === undefined ? [] : [id] });
}

async function told(): Promise<unknown[]> {
  return db.selectFrom("webhookEvents").select(["kind", "data"]).orderBy("id").execute();
}

test("that a message arrived, or did not, is told once, whatever order the reports come in; that it is on its way is not told", async () => {
  await report(await sendText(), "delivered");
  expect(await told()).toEqual([]);
  await listen(WEBHOOK_KINDS);
  await listen(["message.undelivered"]);
  const [arrived, lost] = [await sendText(), await sendText()];
  for (const state of ["delivered", "queued", "sent", "delivered"]) await report(arrived, state);
  for (const state of ["sent", "undelivered"]) await report(lost, state);
  const about = ({ claim }: typeof arrived) => ({
    touchpoint: toPublicId("touchpoint", claim.id),
    patient: toPublicId("patient", person.patientId),
  });
  expect(await told()).toEqual([
    { kind: "message.delivered", data: about(arrived) },
    { kind: "message.undelivered", data: about(lost) },
    { kind: "message.undelivered", data: about(lost) },
  ]);
});

test("where nobody listens a report costs one look more", async () => {
  await sql`update webhook_endpoints set removed_at = now()`.execute(db);
  const before = (await told()).length;
  await report(await sendText(), "delivered");
  expect(await told()).toHaveLength(before);
});
