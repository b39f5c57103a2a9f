/**
 * Says which systems are told of what happens at a clinic.
 *
 * Trigger: an administrator. Re-checks: the address against the rules of the installation, and the endpoint under its lock. Effect: an endpoint with a secret that is
 * shown once; a new secret, beside which the old one signs for a day; an endpoint that is told nothing any more; a test in the outbox; what was given up waiting
 * again, for another day. A repeat of removing is refused, because there is no such endpoint any more; telling again is done with once nothing is given up; everything
 * else happens again.
 */
import { randomBytes } from "node:crypto";
import { newId } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { insertTellings, reviveDead } from "../db/webhook-outbox.ts";
import { type Endpoint, insertEndpoint, lockEndpoint, removeEndpoint, rotateSecret } from "../db/webhooks.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import { type ClinicId, toPublicId, type WebhookId } from "../domain/ids.ts";
import { judgeWebhookUrl, type WebhookRules } from "../domain/judge-webhook-url.ts";
import { TEST_KIND, type WebhookKind } from "../domain/webhook.ts";
import { refuse, type Refused } from "./change-facts.ts";

type Deps = { readonly db: Database; readonly vault: Vault };

export type MadeWebhook = {
  readonly kind: "made";
  readonly webhook: string;
  readonly url: string;
  /** What their signatures are checked with; shown this once. */
  readonly secret: string;
};

const makeSecret = () => `whsec_${randomBytes(32).toString("base64url")}`;

type Adding = {
  readonly clinicId: ClinicId;
  readonly url: string;
  readonly kinds: readonly WebhookKind[];
  readonly rules: WebhookRules;
  readonly actor: string;
};

export async function addWebhook({ db, vault }: Deps, { clinicId, url, kinds, rules, actor }: Adding): Promise<MadeWebhook | Refused> {
  const judged = judgeWebhookUrl(url, rules);
  if (!judged.ok) return refuse("url", url, judged.expected);
  const [id, secret] = [newId<"webhook">(), makeSecret()];
  await transact(db, async (tx) => {
    await insertEndpoint(tx, vault, { id, clinicId, url: judged.value, secret, kinds, actor });
    const data = { host: new URL(judged.value).host, kinds: kinds.join(" ") };
    await appendEvents(tx, [{ kind: "webhook.added", clinicId, subjectId: id, actor, data }]);
  });
  return { kind: "made", webhook: toPublicId("webhook", id), url: judged.value, secret };
}

export type RotatedWebhook = { readonly kind: "rotated"; readonly webhook: string; readonly secret: string; readonly formerUntil: Instant };

const BOTH_SIGN_MS = 24 * 3_600_000;

/** `now` is machine time. */
export async function rotateWebhook(
  { db, vault }: Deps,
  id: WebhookId,
  { actor, now }: { actor: string; now: Instant },
): Promise<RotatedWebhook | Refused> {
  const [secret, formerUntil] = [makeSecret(), instant(now + BOTH_SIGN_MS)];
  return withEndpoint(db, id, async (tx, { clinicId }) => {
    await rotateSecret(tx, vault, { id, secret, formerUntil });
    await appendEvents(tx, [{ kind: "webhook.rotated", clinicId, subjectId: id, actor }]);
    return { kind: "rotated", webhook: toPublicId("webhook", id), secret, formerUntil };
  });
}

export type DoneWebhook = { readonly kind: "removed" | "queued"; readonly webhook: string };

export async function removeWebhook({ db }: Pick<Deps, "db">, id: WebhookId, actor: string): Promise<DoneWebhook | Refused> {
  return withEndpoint(db, id, async (tx, { clinicId }) => {
    await removeEndpoint(tx, id);
    await appendEvents(tx, [{ kind: "webhook.removed", clinicId, subjectId: id, actor }]);
    return { kind: "removed", webhook: toPublicId("webhook", id) };
  });
}

export async function testWebhook({ db }: Pick<Deps, "db">, id: WebhookId, actor: string): Promise<DoneWebhook | Refused> {
  return withEndpoint(db, id, async (tx, { clinicId }) => {
    const { now } = await readClinicTime(tx);
    const data = { webhook: toPublicId("webhook", id) };
    await insertTellings(tx, [{ endpointId: id, clinicId, kind: TEST_KIND, fact: `test/${newId<"test">()}`, data, happenedAt: now }]);
    await appendEvents(tx, [{ kind: "webhook.tested", clinicId, subjectId: id, actor }]);
    return { kind: "queued", webhook: data.webhook };
  });
}

export type RedeliveredWebhook = { readonly kind: "queued" | "same"; readonly webhook: string; readonly count: number };

/** `count`: how many tellings wait again, each under the id that it had. */
export async function redeliverWebhook({ db }: Pick<Deps, "db">, id: WebhookId, actor: string): Promise<RedeliveredWebhook | Refused> {
  return withEndpoint(db, id, async (tx, { clinicId }) => {
    const count = await reviveDead(tx, id);
    const webhook = toPublicId("webhook", id);
    if (count === 0) return { kind: "same", webhook, count };
    await appendEvents(tx, [{ kind: "webhook.redelivered", clinicId, subjectId: id, actor, data: { count } }]);
    return { kind: "queued", webhook, count };
  });
}

async function withEndpoint<Done>(
  db: Database,
  id: WebhookId,
  work: (tx: Tx, endpoint: Endpoint) => Promise<Done>,
): Promise<Done | Refused> {
  return transact(db, async (tx): Promise<Done | Refused> => {
    const endpoint = await lockEndpoint(tx, id);
    return endpoint
      ? work(tx, endpoint)
      : refuse("webhook", toPublicId("webhook", id), "the id of an endpoint that was not removed (webhook list)");
  });
}
