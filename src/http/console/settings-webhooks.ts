/** Systems that are told of what happens at the clinic: added with a secret that is shown once, tested, removed. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { machineNow } from "../../clock.ts";
import { findClinicById, findClinicSlugs } from "../../db/view-access.ts";
import { type EndpointView, listEndpoints } from "../../db/webhooks.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, toPublicId, type WebhookId } from "../../domain/ids.ts";
import { WEBHOOK_KINDS } from "../../domain/webhook.ts";
import { addWebhook, type MadeWebhook, redeliverWebhook, removeWebhook, testWebhook } from "../../producers/change-webhooks.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { empty, notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { moment } from "./say-moment.ts";
import { inSettings, settingsAction } from "./settings-frame.ts";
import { askStepUp } from "./step-up.ts";

const LOOK = requirePermission("webhooks.change", { of: "clinic" });
const CHANGE = requirePermission("webhooks.change", { of: "webhook" });

type Asked = { readonly request: FastifyRequest<{ Params: { clinic: string } }>; readonly reply: FastifyReply };
type Tried = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly made: MadeWebhook | null };

export function webhookSettings(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const untried = { typed: typedAs({ kind: WEBHOOK_KINDS }), faults: [], made: null };
    app.get<{ Params: { clinic: string } }>("/console/clinics/:clinic/settings/webhooks", { config: LOOK }, (request, reply) =>
      show(deps, { request, reply }, untried),
    );
    app.post<{ Params: { clinic: string } }>("/console/clinics/:clinic/settings/webhooks", { config: LOOK }, (request, reply) =>
      add(deps, { request, reply }),
    );
    app.post<{ Params: { webhook: string } }>("/console/webhooks/:webhook/test", { config: CHANGE }, async (request, reply) => {
      await testWebhook(deps, idOf(request.params.webhook), actorOf(request));
      return reply.redirect(await back(deps, request), 303);
    });
    app.post<{ Params: { webhook: string } }>("/console/webhooks/:webhook/redeliver", { config: CHANGE }, async (request, reply) => {
      await redeliverWebhook(deps, idOf(request.params.webhook), actorOf(request));
      return reply.redirect(await back(deps, request), 303);
    });
    app.post<{ Params: { webhook: string } }>("/console/webhooks/:webhook/remove", { config: CHANGE }, async (request, reply) => {
      const id = idOf(request.params.webhook);
      const asking = {
        action: `/console/webhooks/${toPublicId("webhook", id)}/remove`,
        words: "About to tell this system nothing any more, not even what waits.",
        room: "settings",
      } as const;
      if ((await askStepUp(deps, { request, reply }, asking)) === "asked") return reply;
      await removeWebhook(deps, id, actorOf(request));
      return reply.redirect(await back(deps, request), 303);
    });
  };
}

function idOf(text: string): WebhookId {
  const id = parsePublicId("webhook", text);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

async function back({ db, basePath }: ConsoleDeps, request: FastifyRequest): Promise<string> {
  return basePath + settingsAction((await findClinicSlugs(db, [clinicOf(request)])).get(clinicOf(request)) ?? "", "webhooks");
}

async function show(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const { zone } = await findClinicById(deps.db, clinicOf(request));
  const endpoints = await listEndpoints(deps.db, clinicOf(request));
  const now = machineNow();
  const row = (each: EndpointView, context: ConsoleContext) =>
    html`<li><div class="main"><p><strong>${each.url}</strong> ${standing(each)}</p><p class="small quiet">${each.kinds.join(", ")}</p><p class="small quiet">${each.deliveredAt === null ? "nothing was taken yet" : html`last taken ${moment(zone, each.deliveredAt, now)}`}${each.waiting > 0 ? `, ${each.waiting} waiting` : ""}${each.dead > 0 ? `, ${each.dead} given up` : ""}</p></div>${buttons(each, context)}</li>`;
  const list = (context: ConsoleContext) =>
    endpoints.length === 0
      ? empty(
          "No system is told",
          "A system that is added here hears of confirmations, answers, alerts and delivery: ids, and no health information.",
        )
      : html`<div class="panel"><ul class="rows">${endpoints.map((each) => row(each, context))}</ul></div>`;
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Systems told",
      room: "settings",
      ...(tried.faults.length > 0 && { status: 400 }),
      body: (context) => inSettings("webhooks", context, html`${shownOnce(tried)}${list(context)}${adding(tried, context)}`),
    },
  );
}

function standing({ failing, dead }: EndpointView): Html {
  if (failing !== null) return pill("red", `failing: ${failing}`);
  return dead > 0 ? pill("amber", "some were given up") : pill("green", "told");
}

function buttons({ id, url, dead }: EndpointView, context: ConsoleContext): Html {
  const form = (verb: string, body: Html) => csrfForm(context, { action: `/console/webhooks/${toPublicId("webhook", id)}/${verb}`, body });
  return html`<div class="buttons">${form("test", html`<button>Send a test<span class="hidden"> to ${url}</span></button>`)}${dead > 0 ? form("redeliver", html`<button>Tell again what was given up<span class="hidden"> to ${url}</span></button>`) : null}${form("remove", html`<button class="danger">Remove<span class="hidden"> ${url}</span></button>`)}</div>`;
}

function shownOnce({ made }: Tried): Html | null {
  if (!made) return null;
  return notice(
    "good",
    html`<p>Copy the secret with which ${made.url} checks our signatures. It is shown this once.</p><p class="secret mono">${made.secret}</p>`,
  );
}

function adding({ typed, faults, made }: Tried, context: ConsoleContext): Html {
  const fields = formFields(made ? typedAs({ kind: WEBHOOK_KINDS }) : typed, faults);
  const kinds = html`<fieldset class="field"><legend>What it is told</legend><div class="picks">${WEBHOOK_KINDS.map((kind) => fields.box("kind", kind, kind))}</div></fieldset>`;
  const body = html`${fields.rest()}${fields.text("url", "Address", { hint: "https only, at a host that the installation allows.", type: "url", required: true })}${kinds}<button class="first">Add it</button>`;
  return panel(
    "Add a system",
    html`<div class="body">${csrfForm(context, { action: settingsAction(context.clinic.slug, "webhooks"), name: "form", body })}</div>`,
  );
}

async function add(deps: ConsoleDeps, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const typed = readForm(request.body);
  const kinds = WEBHOOK_KINDS.filter((kind) => typed.list("kind").includes(kind));
  if (kinds.length === 0) return show(deps, asked, { typed, faults: [{ path: "kind", expected: "at least one" }], made: null });
  const asking = {
    action: settingsAction(request.params.clinic, "webhooks"),
    words: `About to tell ${typed.text("url")} of what happens here.`,
    room: "settings",
  } as const;
  if ((await askStepUp(deps, { request, reply }, asking)) === "asked") return reply;
  const { config } = deps;
  const rules = { hosts: config.AFTERGLOW_WEBHOOK_HOSTS, isProduction: config.AFTERGLOW_ENV === "production" };
  const made = await addWebhook(deps, { clinicId: clinicOf(request), url: typed.text("url"), kinds, rules, actor: actorOf(request) });
  return show(deps, asked, made.kind === "refused" ? { typed, faults: made.faults, made: null } : { typed, faults: [], made });
}
