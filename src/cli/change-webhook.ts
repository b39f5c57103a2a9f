/** `webhook add|list|rotate|remove|test|redeliver`. */
import { machineNow } from "../clock.ts";
import { readDatabaseConfig } from "../config.ts";
import { listEndpoints } from "../db/webhooks.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId, type WebhookId } from "../domain/ids.ts";
import { isWebhookKind, WEBHOOK_KINDS } from "../domain/webhook.ts";
import { addWebhook, type DoneWebhook, redeliverWebhook, removeWebhook, rotateWebhook, testWebhook } from "../producers/change-webhooks.ts";
import type { Refused } from "../producers/change-facts.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type WebhookFlags = { readonly actor?: string; readonly json?: true };
export type AddWebhookFlags = WebhookFlags & { readonly clinic: string; readonly kinds?: string };

function readId(text: string): WebhookId {
  const id = parsePublicId("webhook", text);
  if (!id) throw new UsageError(`${text}: expected the id of an endpoint, such as whk_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  return id;
}

export async function addOne(url: string, { clinic: slug, ...flags }: AddWebhookFlags): Promise<ExitCode> {
  const words = flags.kinds?.split(/[\s,]+/).filter(Boolean) ?? WEBHOOK_KINDS;
  const unknown = words.filter((word) => !isWebhookKind(word));
  if (unknown.length > 0 || words.length === 0)
    throw new UsageError(`--kinds ${unknown.join(" ")}: expected of these: ${WEBHOOK_KINDS.join(" ")}.`);
  const config = readDatabaseConfig();
  const rules = { hosts: config.AFTERGLOW_WEBHOOK_HOSTS, isProduction: config.AFTERGLOW_ENV === "production" };
  const made = await withStore(async (store) => {
    const { id: clinicId } = await getClinic(store.db, slug);
    return addWebhook(store, { clinicId, url, kinds: words.filter(isWebhookKind), rules, actor: toActor(flags.actor) });
  });
  if (made.kind === "refused") throw new Refusal(made.faults);
  if (flags.json) printJson({ webhook: made.webhook, url: made.url, secret: made.secret });
  else {
    say(`${made.webhook} is told from now on. The secret that its signatures are checked with is shown only now:`);
    print(made.secret);
  }
  return EXIT.done;
}

export async function listAll({ clinic: slug, json }: { clinic: string; json?: true }): Promise<ExitCode> {
  const endpoints = await withStore(async ({ db }) => listEndpoints(db, (await getClinic(db, slug)).id));
  if (json)
    for (const { id, createdAt, formerUntil, deliveredAt, ...rest } of endpoints)
      printJson({
        webhook: toPublicId("webhook", id),
        ...rest,
        createdAt: formatInstant(createdAt),
        formerUntil: formerUntil && formatInstant(formerUntil),
        deliveredAt: deliveredAt && formatInstant(deliveredAt),
      });
  else if (endpoints.length === 0) print(`${slug} tells no other system (afterglow webhook add).`);
  else
    for (const line of toTable(
      endpoints.map(({ id, url, waiting, dead, deliveredAt, failing, kinds }) => [
        toPublicId("webhook", id),
        url,
        deliveredAt ? `taken ${formatInstant(deliveredAt).slice(0, 16)}` : "nothing taken yet",
        `${waiting} waiting`,
        dead > 0 ? paint.bold(`${dead} given up`) : "",
        failing === null ? "" : `fails: ${failing}`,
        kinds.length === WEBHOOK_KINDS.length ? "everything" : kinds.join(" "),
      ]),
    ))
      print(line);
  return EXIT.done;
}

export async function rotateOne(text: string, { actor, json }: WebhookFlags): Promise<ExitCode> {
  const id = readId(text);
  const rotated = await withStore((store) => rotateWebhook(store, id, { actor: toActor(actor), now: machineNow() }));
  if (rotated.kind === "refused") throw new Refusal(rotated.faults);
  const { webhook, secret } = rotated;
  const formerUntil = formatInstant(rotated.formerUntil);
  if (json) printJson({ webhook, secret, formerUntil });
  else {
    say(`${webhook} is signed with both secrets until ${formerUntil.slice(0, 16)}, then with this one alone, which is shown only now:`);
    print(secret);
  }
  return EXIT.done;
}

export async function removeOne(text: string, flags: WebhookFlags): Promise<ExitCode> {
  const id = readId(text);
  const done = await withStore((store) => removeWebhook(store, id, toActor(flags.actor)));
  return finish(done, flags, (webhook) => `${webhook} is told nothing any more.`);
}

export async function testOne(text: string, flags: WebhookFlags): Promise<ExitCode> {
  const id = readId(text);
  const done = await withStore((store) => testWebhook(store, id, toActor(flags.actor)));
  return finish(done, flags, (webhook) => `${webhook} is told a test within seconds, if a worker runs; webhook list says how it went.`);
}

export async function redeliverOne(text: string, { actor, json }: WebhookFlags): Promise<ExitCode> {
  const id = readId(text);
  const done = await withStore((store) => redeliverWebhook(store, id, toActor(actor)));
  if (done.kind === "refused") throw new Refusal(done.faults);
  if (json) printJson(done);
  else if (done.kind === "same") print(`Nothing that ${done.webhook} was to be told was given up in the last thirty days.`);
  else print(`${done.webhook} is told ${count(done.count, "thing")} again, for another day, if a worker runs.`);
  return EXIT.done;
}

function finish(done: DoneWebhook | Refused, { json }: WebhookFlags, sentence: (webhook: string) => string): ExitCode {
  if (done.kind === "refused") throw new Refusal(done.faults);
  if (json) printJson(done);
  else print(sentence(done.webhook));
  return EXIT.done;
}
