/**
 * The one door behind which everything of staff and of programs lies. A route says in its configuration what it takes ({@link requirePermission}); one that says
 * nothing does not start. Checked in this order, before a body is read: who asks; whether what they ask about belongs to a clinic of theirs (else there is no such
 * thing); whether they may. Then, for whoever comes with a cookie and changes something, that it comes from a page of our own. Reading what tells of somebody's
 * health is written into the audit before it is answered.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { machineNow } from "../../clock.ts";
import { findApiKey } from "../../db/api-keys.ts";
import { findClinicId, findClinicsOf, listClinicIds, type SubjectKind } from "../../db/clinic-of.ts";
import type { Database } from "../../db/database.ts";
import { appendEvents } from "../../db/events.ts";
import { findSignedIn, keepAwake } from "../../db/staff-sessions.ts";
import { transact } from "../../db/transact.ts";
import type { Instant } from "../../domain/calendar.ts";
import { type ClinicId, parsePublicId } from "../../domain/ids.ts";
import type { Permission } from "../../domain/roles.ts";
import { isFromOwnPage } from "../is-from-own-page.ts";
import { AccessDenied } from "./access-denied.ts";
import { type Caller, hasPlace, isAllowed, type StaffCaller, toActor } from "./caller.ts";
import { csrfTokenOf, isCsrfToken, makeStaffCookie } from "./staff-cookie.ts";

export type AccessRule =
  /** Anybody: signing in. */
  | { readonly to: "public" }
  /** Somebody who has given the password, or both factors. */
  | { readonly to: "password" | "signed-in" }
  /** Whoever has a place at some clinic. */
  | { readonly to: "caller" }
  | {
      readonly to: "permitted";
      readonly permission: Permission;
      /**
       * What the request is about: `clinic` by its slug, something of a clinic by its id, both in the path under `param`; or `installation`, all clinics at once,
       * for which the permission is needed at every one of them.
       */
      readonly of: "clinic" | "installation" | SubjectKind;
      readonly param: string;
      /** Both factors must have been given within the last minutes. */
      readonly fresh: boolean;
      /** What of somebody's health it reads, as the audit names it; null when nothing. */
      readonly reads: string | null;
    };

type Permitting = {
  readonly of: "clinic" | "installation" | SubjectKind;
  readonly param?: string;
  readonly fresh?: true;
  readonly reads?: string;
};

/** The `config` of a route that only those may use who have this permission where it belongs. `param` is the name in the path; left out, it is `of`. */
export function requirePermission(permission: Permission, { of, param = of, fresh, reads }: Permitting): { readonly access: AccessRule } {
  return { access: { to: "permitted", permission, of, param, fresh: fresh === true, reads: reads ?? null } };
}

type Access = { readonly caller: Caller; readonly clinicId: ClinicId | null };

declare module "fastify" {
  interface FastifyContextConfig {
    access?: AccessRule;
  }
  interface FastifyRequest {
    staffAccess: Access | null;
  }
}

export type AccessDeps = {
  readonly db: Database;
  readonly config: { readonly PUBLIC_BASE_URL: string };
  /** Machine time; the computer's clock unless a test moves it. */
  readonly now?: () => Instant;
};

/** Set by a page that renews itself: nobody has done anything, so nobody's idle time begins anew. */
const RENEWAL = "x-renewal";
/** For how long both factors count as given, in minutes. */
const FRESH_MINUTES = 5;
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Puts the door before every route that is registered on `app` from here on. Call it inside a plugin, on the plugin's own instance. */
export function guardStaffRoutes(app: FastifyInstance, { db, config, now = machineNow }: AccessDeps): void {
  const cookie = makeStaffCookie(config.PUBLIC_BASE_URL);
  app.decorateRequest("staffAccess", null);
  app.addHook("onRoute", ({ config: { access } = {}, url }) => {
    if (!access) throw new Error(`${url} says nobody who may use it`);
  });
  app.addHook("onRequest", async (request) => {
    const rule = ruleOf(request);
    if (rule.to === "public") return;
    const caller = await findCaller(request.headers);
    if (!caller) throw new AccessDenied("sign-in");
    const isHalf = caller.kind === "staff" && caller.session.stage !== "full";
    if (isHalf && rule.to !== "password") throw new AccessDenied("second-step");
    if (caller.kind === "key" && (rule.to === "password" || rule.to === "signed-in")) throw new AccessDenied("forbidden");
    const clinicId = rule.to === "permitted" ? await findPlace(db, { caller, rule, request }) : null;
    if (rule.to === "permitted" && rule.fresh && !isFresh(caller, now())) throw new AccessDenied("confirm-again");
    request.staffAccess = { caller, clinicId };
  });
  app.addHook("preValidation", async (request) => {
    const { staffAccess: access } = request;
    if (SAFE.has(request.method) || access?.caller.kind === "key") return;
    if (!isFromOwnPage(request.headers, config.PUBLIC_BASE_URL)) throw new AccessDenied("not-our-page");
    if (access?.caller.kind === "staff" && !isCsrfToken(sentToken(request), access.caller.token)) throw new AccessDenied("not-our-page");
  });
  app.addHook("preHandler", async (request) => {
    const rule = ruleOf(request);
    if (rule.to === "permitted" && rule.reads !== null) await tellRead(db, request, { kind: rule.reads, rule });
  });

  async function findCaller({ authorization, cookie: header, [RENEWAL]: renewal }: FastifyRequest["headers"]): Promise<Caller | undefined> {
    if (authorization !== undefined) {
      const [, text = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      const key = await findApiKey(db, text, now());
      return key && { kind: "key", key };
    }
    const token = cookie.read(header);
    const session = token === undefined ? undefined : await findSignedIn(db, token, now());
    if (token === undefined || !session) return undefined;
    if (renewal === undefined) await keepAwake(db, token, { seenAt: session.seenAt, now: now() });
    return { kind: "staff", token, session };
  }
}

function ruleOf({ routeOptions }: FastifyRequest): AccessRule {
  // What no route answers is not found for whoever asks; the not-found handler says so.
  return routeOptions.config.access ?? { to: "public" };
}

type Asked = { readonly caller: Caller; readonly rule: Extract<AccessRule, { to: "permitted" }>; readonly request: FastifyRequest };

/** The clinic at which the caller may do it. */
async function findPlace(db: Database, { caller, rule, request }: Asked): Promise<ClinicId | null> {
  const { permission, of, param } = rule;
  if (of === "installation") {
    const all = await listClinicIds(db);
    if (all.length === 0 || !all.every((id) => isAllowed(caller, id, permission))) throw new AccessDenied("forbidden");
    return null;
  }
  const clinics = await findClinics(db, of, paramOf(request, param));
  const own = clinics.filter((id) => hasPlace(caller, id));
  if (own.length === 0) throw new AccessDenied("not-found");
  const clinicId = own.find((id) => isAllowed(caller, id, permission));
  if (clinicId === undefined) throw new AccessDenied("forbidden");
  return clinicId;
}

/** What else stands there is no clinic, and a text that PostgreSQL cannot hold is not worth a question. */
const SLUG = /^[a-z0-9-]{1,60}$/;

async function findClinics(db: Database, of: "clinic" | SubjectKind, text: string): Promise<readonly ClinicId[]> {
  if (of === "clinic" && !SLUG.test(text)) return [];
  if (of === "clinic") {
    const id = await findClinicId(db, text);
    return id === undefined ? [] : [id];
  }
  const id = parsePublicId(of, text);
  return id === undefined ? [] : findClinicsOf(db, of, id);
}

function paramOf({ params }: FastifyRequest, name: string): string {
  if (typeof params !== "object" || params === null) return "";
  const value: unknown = Object.entries(params).find(([each]) => each === name)?.[1];
  return typeof value === "string" ? value : "";
}

/** Whether both factors were given within the last minutes. */
export function isFresh(caller: Caller, now: Instant): boolean {
  return caller.kind === "staff" && caller.session.confirmedAt !== null && now - caller.session.confirmedAt <= FRESH_MINUTES * 60_000;
}

function sentToken({ headers, body }: FastifyRequest): unknown {
  const header = headers["x-csrf-token"];
  if (header !== undefined) return header;
  return typeof body === "object" && body !== null && "_csrf" in body ? body["_csrf"] : undefined;
}

type Read = { readonly kind: string; readonly rule: Extract<AccessRule, { to: "permitted" }> };

async function tellRead(db: Database, request: FastifyRequest, { kind, rule: { of, param } }: Read): Promise<void> {
  const clinicId = clinicOf(request);
  const id = of === "clinic" || of === "installation" ? undefined : parsePublicId(of, paramOf(request, param));
  await transact(db, (tx) => appendEvents(tx, [{ kind, clinicId, subjectId: id ?? clinicId, actor: actorOf(request) }]));
}

function accessOf({ staffAccess }: FastifyRequest): Access {
  if (!staffAccess) throw new Error("This route lets anybody in: nobody is known to ask");
  return staffAccess;
}

/** Whether a page of ours asks by itself for what it shows already. */
export function isRenewal({ headers }: FastifyRequest): boolean {
  return headers[RENEWAL] !== undefined;
}

/** Who asks. Throws on a route that lets anybody in. */
export function callerOf(request: FastifyRequest): Caller {
  return accessOf(request).caller;
}

/** The person who is signed in. Throws where a program may ask too, and one does. */
export function staffOf(request: FastifyRequest): StaffCaller {
  const caller = callerOf(request);
  if (caller.kind !== "staff") throw new AccessDenied("forbidden");
  return caller;
}

/** Who asks, as the audit keeps them: `staff:<login>` or `key:<name>`. */
export function actorOf(request: FastifyRequest): string {
  return toActor(callerOf(request));
}

/** The clinic at which they were found to be allowed. Throws where nothing of one clinic was asked about. */
export function clinicOf(request: FastifyRequest): ClinicId {
  const { clinicId } = accessOf(request);
  if (clinicId === null) throw new Error("This route is of no one clinic");
  return clinicId;
}

/** The token that every form of the person signed in carries as `_csrf`. */
export function csrfOf(request: FastifyRequest): string {
  return csrfTokenOf(staffOf(request).token);
}
