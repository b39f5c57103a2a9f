/**
 * Tells other systems what waits for them.
 *
 * Trigger: every second, in each worker process. Re-checks: that nobody else has claimed the rows. Effect: a signed POST a row; whatever is not answered with 2xx
 * within ten seconds is tried again, later each time, for a day, and then given up as dead, which `webhook list` shows and for which the front desk gets a task. A
 * repeat carries the same id: a process that dies after the other side has answered, and before that is stored, tells it twice.
 */
import type { WebhookChannel } from "../channels/webhook.ts";
import { signWebhook } from "../channels/sign-webhook.ts";
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { type ClaimedTelling, claimTellings, settleTellings, type TriedTelling } from "../db/webhook-outbox.ts";
import { openSecret } from "../db/webhooks.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import { nextTry } from "../domain/webhook.ts";
import type { Log } from "../log.ts";
import { callAboutSystems } from "../producers/call-about-system.ts";
import { relayWebhooks } from "../producers/relay-webhooks.ts";

export type WebhookDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly log: Log;
  readonly webhooks: WebhookChannel;
  readonly machineNow?: () => Instant;
};

/** A run ends after so many rounds, so that a stop never waits for more than one of them; the next begins at once. */
const ROUNDS = 20;

/** How many were tried. */
export async function sendWebhooks(deps: WebhookDeps): Promise<number> {
  await relayWebhooks(deps);
  const now = deps.machineNow ?? machineNow;
  let count = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const claimed = await claimTellings(deps.db, now());
    const tried = await Promise.all(claimed.map((row) => tryOne(deps, row, now)));
    await transact(deps.db, async (tx) => callAboutSystems(tx, await settleTellings(tx, tried, now())));
    count += tried.length;
    // Somebody who does not answer is not asked again at once, nor do the others wait for it twice.
    if (tried.length === 0 || tried.some(({ state }) => state !== "delivered")) return count;
  }
  return count;
}

async function tryOne({ vault, log, webhooks }: WebhookDeps, row: ClaimedTelling, now: () => Instant): Promise<TriedTelling> {
  const { id, attempts, toldAt } = row;
  const body = toBody(row);
  const signature = signWebhook(body, { secrets: secretsOf(vault, row), atSeconds: Math.floor(now() / 1_000) });
  const headers = {
    "content-type": "application/json",
    "user-agent": "Afterglow-Webhooks",
    "afterglow-event-id": toPublicId("webhook-event", id),
    "afterglow-signature": signature,
  };
  const outcome = await webhooks.send({ url: row.url, headers, body });
  if (outcome.kind === "taken") return { id, attempts, state: "delivered", status: outcome.status, failure: null, tryAt: now() };
  const tryAt = nextTry(attempts, { toldAt, now: now() });
  const fields = { kind: row.kind, code: outcome.code, attempt: attempts, ...(outcome.status !== null && { status: outcome.status }) };
  if (tryAt === null) log.error("webhook.dead", fields);
  else log.warn("webhook.failed", fields);
  return { id, attempts, state: tryAt === null ? "dead" : "waiting", status: outcome.status, failure: outcome.code, tryAt: tryAt ?? now() };
}

function secretsOf(vault: Vault, { endpointId: id, secretSealed, formerSealed }: ClaimedTelling): string[] {
  const present = openSecret(vault, secretSealed, { id, column: "secret" });
  return formerSealed === null ? [present] : [present, openSecret(vault, formerSealed, { id, column: "former" })];
}

function toBody({ id, kind, happenedAt, clinic, data }: ClaimedTelling): string {
  return JSON.stringify({ id: toPublicId("webhook-event", id), kind, at: formatInstant(happenedAt), clinic, data });
}
