/** Keys of programs: made with what they may do, shown once, revoked at once. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { machineNow } from "../../clock.ts";
import { type ApiKeyView, listApiKeys } from "../../db/api-keys.ts";
import { findClinicById, findClinicSlugs } from "../../db/view-access.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, toPublicId } from "../../domain/ids.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { type Scope, SCOPES } from "../../domain/roles.ts";
import { LONGEST_DAYS, makeApiKey, type MadeKey, revokeKey } from "../../producers/change-api-keys.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { empty, notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { readCount, readForm, type Typed, typedAs } from "./read-form.ts";
import { moment } from "./say-moment.ts";
import { inSettings, settingsAction } from "./settings-frame.ts";
import { askStepUp } from "./step-up.ts";

const LOOK = requirePermission("keys.change", { of: "clinic" });
const REVOKE = requirePermission("keys.change", { of: "api-key", param: "key" });

type Asked = { readonly request: FastifyRequest<{ Params: { clinic: string } }>; readonly reply: FastifyReply };
type Tried = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly made: MadeKey | null };

const USUAL_DAYS = "90";

export function keySettings(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<{ Params: { clinic: string } }>("/console/clinics/:clinic/settings/keys", { config: LOOK }, (request, reply) =>
      show(deps, { request, reply }, { typed: typedAs({ days: USUAL_DAYS }), faults: [], made: null }),
    );
    app.post<{ Params: { clinic: string } }>("/console/clinics/:clinic/settings/keys", { config: LOOK }, (request, reply) =>
      make(deps, { request, reply }),
    );
    app.post<{ Params: { key: string } }>("/console/keys/:key/revoke", { config: REVOKE }, async (request, reply) => {
      const id = parsePublicId("api-key", request.params.key);
      if (!id) throw new AccessDenied("not-found");
      const asking = {
        action: `/console/keys/${toPublicId("api-key", id)}/revoke`,
        words: "About to revoke a key: its program is turned away from then on.",
        room: "settings",
      } as const;
      if ((await askStepUp(deps, { request, reply }, asking)) === "asked") return reply;
      await revokeKey(deps.db, id, actorOf(request));
      const slug = (await findClinicSlugs(deps.db, [clinicOf(request)])).get(clinicOf(request)) ?? "";
      return reply.redirect(deps.basePath + settingsAction(slug, "keys"), 303);
    });
  };
}

async function show(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const { zone } = await findClinicById(deps.db, clinicOf(request));
  const keys = await listApiKeys(deps.db, clinicOf(request));
  const now = machineNow();
  const row = (key: ApiKeyView, context: ConsoleContext) =>
    html`<li><div class="main"><p><strong>${key.name}</strong> ${standing(key, now)}</p><p class="small quiet">${key.scopes.join(", ")}</p><p class="small quiet">made by ${key.createdBy.replace(/^staff:/, "")}, ${moment(zone, key.createdAt, now)}; good until ${moment(zone, key.expiresAt, now)}; ${key.lastUsedAt === null ? "never used" : html`last used ${moment(zone, key.lastUsedAt, now)}`}</p></div>${key.revokedAt === null && key.expiresAt > now ? revoking(key, context) : null}</li>`;
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Keys of programs",
      room: "settings",
      ...(tried.faults.length > 0 && { status: 400 }),
      body: (context) =>
        inSettings(
          "keys",
          context,
          html`${shownOnce(tried)}${keys.length === 0 ? empty("No program has a key", "A key lets a program read and change what its scopes name, and nothing else.") : html`<div class="panel"><ul class="rows">${keys.map((key) => row(key, context))}</ul></div>`}${making(tried, context)}`,
        ),
    },
  );
}

function standing({ revokedAt, expiresAt }: ApiKeyView, now: number): Html {
  if (revokedAt !== null) return pill("plain", "revoked");
  return expiresAt <= now ? pill("plain", "has run out") : pill("green", "good");
}

function revoking({ id, name }: ApiKeyView, context: ConsoleContext): Html {
  return csrfForm(context, {
    action: `/console/keys/${toPublicId("api-key", id)}/revoke`,
    body: html`<button class="danger">Revoke<span class="hidden"> ${name}</span></button>`,
  });
}

function shownOnce({ made }: Tried): Html | null {
  if (!made) return null;
  return notice(
    "good",
    html`<p><strong>${made.name}</strong>: copy the key now. It is shown this once, and kept nowhere.</p><p class="secret mono">${made.secret}</p>`,
  );
}

function making({ typed, faults, made }: Tried, context: ConsoleContext): Html {
  const fields = formFields(made ? typedAs({ days: USUAL_DAYS }) : typed, faults);
  const scopes = html`<fieldset class="field"><legend>What it may do</legend><div class="picks">${SCOPES.map((scope) => fields.box("scope", scope, scope))}</div></fieldset>`;
  const body = html`${fields.rest()}${fields.text("name", "Name of the program", { hint: "Two keys of a name may be good at a time, so that one takes over from the other.", required: true })}${scopes}${fields.text("days", "Good for days", { hint: `1 to ${LONGEST_DAYS}.`, inputmode: "numeric", required: true })}<button class="first">Make the key</button>`;
  return panel(
    "Make a key",
    html`<div class="body">${csrfForm(context, { action: settingsAction(context.clinic.slug, "keys"), name: "form", body })}</div>`,
  );
}

async function make(deps: ConsoleDeps, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const typed = readForm(request.body);
  const wish = readWish(typed);
  if ("faults" in wish) return show(deps, asked, { typed, faults: wish.faults, made: null });
  const asking = {
    action: settingsAction(request.params.clinic, "keys"),
    words: `About to make a key for ${wish.name}.`,
    room: "settings",
  } as const;
  if ((await askStepUp(deps, { request, reply }, asking)) === "asked") return reply;
  const made = await makeApiKey(deps.db, { ...wish, clinicId: clinicOf(request), actor: actorOf(request), now: machineNow() });
  if (made.kind === "refused") return show(deps, asked, { typed, faults: made.faults, made: null });
  return show(deps, asked, { typed, faults: [], made });
}

function readWish(typed: Typed): { name: string; scopes: Scope[]; days: number } | { readonly faults: readonly Fault[] } {
  const name = parseLine(typed.text("name"), { most: 60 });
  const scopes = SCOPES.filter((scope) => typed.list("scope").includes(scope));
  const days = readCount(typed.text("days")) ?? 0;
  const isLong = days >= 1 && days <= LONGEST_DAYS;
  if (name.ok && scopes.length > 0 && isLong) return { name: name.value, scopes, days };
  return {
    faults: [
      ...(name.ok ? [] : [{ path: "name", expected: name.expected }]),
      ...(scopes.length > 0 ? [] : [{ path: "scope", expected: "at least one scope" }]),
      ...(isLong ? [] : [{ path: "days", expected: `a whole number from 1 to ${LONGEST_DAYS}` }]),
    ],
  };
}
