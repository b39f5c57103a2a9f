/** Which systems are told of what happens at a clinic. */
import { z } from "zod";
import { listEndpoints } from "../../../db/webhooks.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { WEBHOOK_KINDS } from "../../../domain/webhook.ts";
import { addWebhook, redeliverWebhook, removeWebhook, rotateWebhook, testWebhook } from "../../../producers/change-webhooks.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toProblem } from "../api-problem.ts";
import { clinicParam, idField, idText, momentText, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const webhookParam = z.strictObject({ webhook: idField("webhook") });
const ofWebhook = { of: "webhook" } as const;
const done = z.strictObject({ kind: z.enum(["removed", "queued"]), webhook: idText });

export const webhooks: readonly Operation[] = [
  operation({
    ...bare,
    id: "webhooks.list",
    method: "GET",
    path: "/clinics/{clinic}/webhooks",
    summary: "List the systems that are told of what happens at a clinic, and how that goes",
    command: "webhook list",
    access: requirePermission("webhooks.change", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({
      webhooks: z.array(
        z.strictObject({
          webhook: idText,
          url: z.string(),
          kinds: z.array(z.string()),
          createdBy: z.string(),
          createdAt: momentText,
          formerUntil: momentText.nullable().meta({ description: "Until when the secret before the last rotation signs too." }),
          waiting: z.int(),
          dead: z.int().meta({
            description:
              "Given up after a day, in the last thirty: tell them again (redeliver), or read over the API what they would have told.",
          }),
          deliveredAt: momentText.nullable(),
          failing: z.string().nullable().meta({ description: "How the last try that has not been made good failed." }),
        }),
      ),
    }),
  })(async ({ db }, { request }) => ({
    body: {
      webhooks: (await listEndpoints(db, clinicOf(request))).map(({ id, kinds, createdAt, formerUntil, deliveredAt, ...rest }) => ({
        webhook: toPublicId("webhook", id),
        ...rest,
        kinds: [...kinds],
        createdAt: toMoment(createdAt),
        formerUntil: toMaybeMoment(formerUntil),
        deliveredAt: toMaybeMoment(deliveredAt),
      })),
    },
  })),
  operation({
    ...bare,
    id: "webhooks.add",
    method: "POST",
    path: "/clinics/{clinic}/webhooks",
    summary: "Tell a system of what happens; the secret that its signatures are checked with is shown once",
    detail:
      "Only https, and only hosts that the installation allows. Each telling holds ids and no health information; it is signed in `Afterglow-Signature`, carries the same `Afterglow-Event-Id` in each repeat, and is repeated for a day until it is answered with 2xx. Order is not promised.",
    command: "webhook add",
    access: requirePermission("webhooks.change", { of: "clinic", fresh: true }).access,
    params: clinicParam,
    body: z.strictObject({
      url: z.string().max(500).meta({ example: "https://ehr.example.org/afterglow" }),
      kinds: z
        .array(z.enum(WEBHOOK_KINDS))
        .min(1)
        .max(WEBHOOK_KINDS.length)
        .default([...WEBHOOK_KINDS]),
    }),
    status: 201,
    answer: z.strictObject({ webhook: idText, url: z.string(), secret: z.string() }),
  })(async ({ db, vault, config }, { body, options: { actor }, request }) => {
    const rules = { hosts: config.AFTERGLOW_WEBHOOK_HOSTS, isProduction: config.AFTERGLOW_ENV === "production" };
    const made = await addWebhook({ db, vault }, { ...body, clinicId: clinicOf(request), rules, actor });
    if (made.kind === "refused") throw toProblem(made.faults);
    return { body: { webhook: made.webhook, url: made.url, secret: made.secret } };
  }),
  operation({
    ...bare,
    id: "webhooks.rotate",
    method: "POST",
    path: "/webhooks/{webhook}/rotate",
    summary: "Give a system a new secret, shown once; the one before signs beside it for a day",
    command: "webhook rotate",
    access: requirePermission("webhooks.change", { ...ofWebhook, fresh: true }).access,
    params: webhookParam,
    answer: z.strictObject({ webhook: idText, secret: z.string(), formerUntil: momentText }),
  })(async (deps, { params, options: { actor } }) => {
    const rotated = await rotateWebhook(deps, params.webhook, { actor, now: deps.now() });
    if (rotated.kind === "refused") throw toProblem(rotated.faults);
    return { body: { webhook: rotated.webhook, secret: rotated.secret, formerUntil: toMoment(rotated.formerUntil) } };
  }),
  operation({
    ...bare,
    id: "webhooks.test",
    method: "POST",
    path: "/webhooks/{webhook}/test",
    summary: "Tell a system a test, within seconds; the list says whether it was taken",
    command: "webhook test",
    access: requirePermission("webhooks.change", ofWebhook).access,
    params: webhookParam,
    answer: done,
  })(async ({ db }, { params, options: { actor } }) => {
    const result = await testWebhook({ db }, params.webhook, actor);
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: result };
  }),
  operation({
    ...bare,
    id: "webhooks.redeliver",
    method: "POST",
    path: "/webhooks/{webhook}/redeliver",
    summary: "Tell a system again what was given up in the last thirty days; each telling keeps its id, so that it knows what it has",
    command: "webhook redeliver",
    access: requirePermission("webhooks.change", ofWebhook).access,
    params: webhookParam,
    answer: z.strictObject({ kind: z.enum(["queued", "same"]), webhook: idText, count: z.int() }),
  })(async ({ db }, { params, options: { actor } }) => {
    const result = await redeliverWebhook({ db }, params.webhook, actor);
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: result };
  }),
  operation({
    ...bare,
    id: "webhooks.remove",
    method: "DELETE",
    path: "/webhooks/{webhook}",
    summary: "Tell a system nothing any more, not even what waits",
    command: "webhook remove",
    access: requirePermission("webhooks.change", { ...ofWebhook, fresh: true }).access,
    params: webhookParam,
    answer: done,
  })(async ({ db }, { params, options: { actor } }) => {
    const result = await removeWebhook({ db }, params.webhook, actor);
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: result };
  }),
];
