/** The way into the console: password, code, the first set-up, giving both once more, and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { machineNow } from "../../clock.ts";
import { endSession } from "../../db/staff-sessions.ts";
import { transact } from "../../db/transact.ts";
import { setUpStaff } from "../../producers/set-up-staff.ts";
import { showSecondFactor, type TotpOffer } from "../../producers/second-factor.ts";
import { confirmAgain, takePassword, takeSecondStep, type TurnedAway } from "../../producers/sign-in.ts";
import { csrfOf, staffOf } from "../auth/staff-access.ts";
import { csrfTokenOf, makeStaffCookie } from "../auth/staff-cookie.ts";
import { html, type Html } from "../html.ts";
import { sendPage } from "../send-page.ts";
import { bareFrame, csrfForm } from "./console-frame.ts";
import type { ConsoleDeps } from "./console-page.ts";
import { field, notice } from "./console-parts.ts";
import { qrPicture } from "./qr-picture.ts";

const credentials = z.object({ login: z.string().max(200), password: z.string().max(1_000), next: z.string().max(500).optional() });
const second = z.object({ code: z.string().max(20), next: z.string().max(500).optional() });
const setUp = z.object({ password: z.string().max(1_000), code: z.string().max(20), secret: z.string().regex(/^[A-Z2-7]{16,200}$/) });
const again = z.object({ password: z.string().max(1_000), code: z.string().max(20), next: z.string().max(500).optional() });

const PUBLIC = { access: { to: "public" } } as const;
const WITH_PASSWORD = { access: { to: "password" } } as const;
const SIGNED_IN = { access: { to: "signed-in" } } as const;

export function signInPages(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const { basePath, db } = deps;
    const cookie = makeStaffCookie(deps.config.PUBLIC_BASE_URL);
    const show = (reply: FastifyReply, title: string, body: Html, status = 200) =>
      sendPage(reply, status, bareFrame({ title, basePath }, body));

    app.get("/console/sign-in", { config: PUBLIC }, (request, reply) =>
      show(reply, "Sign in", passwordForm({ basePath, next: nextOf(request.query), fault: null })),
    );
    app.post("/console/sign-in", { config: PUBLIC }, async (request, reply) => {
      const given = credentials.safeParse(request.body);
      const next = readNext(given.data?.next);
      if (!given.success) return show(reply, "Sign in", passwordForm({ basePath, next, fault: REFUSED }), 400);
      const taken = await takePassword(deps, { ...given.data, now: machineNow() });
      if (taken.kind === "refused" || taken.kind === "locked")
        return show(reply, "Sign in", passwordForm({ basePath, next, fault: sayTurnedAway(taken) }), 401);
      reply.header("set-cookie", cookie.write(taken.token));
      const form = { basePath, csrf: csrfTokenOf(taken.token) };
      if (taken.kind === "set-up") return show(reply, "Set up your sign-in", setUpForm(form, { totp: taken.totp, fault: null }));
      return show(reply, "Your code", codeForm(form, { next, fault: null }));
    });

    app.post("/console/sign-in/code", { config: WITH_PASSWORD }, async (request, reply) => {
      const given = second.safeParse(request.body);
      const next = readNext(given.data?.next);
      const { session, token } = staffOf(request);
      const form = { basePath, csrf: csrfOf(request) };
      const result = await takeSecondStep(deps, session, { token, code: given.data?.code.replaceAll(" ", "") ?? "", now: machineNow() });
      if (result.kind !== "signed-in") return show(reply, "Your code", codeForm(form, { next, fault: sayTurnedAway(result) }), 401);
      return reply.header("set-cookie", cookie.write(result.token)).redirect(basePath + next, 303);
    });

    app.post("/console/sign-in/set-up", { config: WITH_PASSWORD }, async (request, reply) => {
      const given = setUp.safeParse(request.body);
      const { session, token } = staffOf(request);
      const form = { basePath, csrf: csrfOf(request) };
      if (!given.success) return reply.redirect(`${basePath}/console/sign-in`, 303);
      const { password, code, secret } = given.data;
      const result = await setUpStaff(deps, session, { token, password, code: code.replaceAll(" ", ""), now: machineNow() });
      if (result.kind === "signed-in") return reply.header("set-cookie", cookie.write(result.token)).redirect(`${basePath}/console`, 303);
      const fault =
        result.kind === "faulty" ? `The password: expected ${result.refused.faults[0]?.expected ?? "another one"}.` : sayTurnedAway(result);
      return show(reply, "Set up your sign-in", setUpForm(form, { totp: showSecondFactor(session, secret), fault }), 401);
    });

    app.get("/console/confirm", { config: SIGNED_IN }, (request, reply) =>
      show(reply, "Confirm that it is you", confirmForm({ basePath, csrf: csrfOf(request) }, { next: nextOf(request.query), fault: null })),
    );
    app.post("/console/confirm", { config: SIGNED_IN }, async (request, reply) => {
      const given = again.safeParse(request.body);
      const next = readNext(given.data?.next);
      const { session, token } = staffOf(request);
      const { password = "", code = "" } = given.data ?? {};
      const result = await confirmAgain(deps, session, { token, password, code: code.replaceAll(" ", ""), now: machineNow() });
      if (result.kind === "confirmed") return reply.redirect(basePath + next, 303);
      return show(
        reply,
        "Confirm that it is you",
        confirmForm({ basePath, csrf: csrfOf(request) }, { next, fault: sayTurnedAway(result) }),
        401,
      );
    });

    app.post("/console/sign-out", { config: WITH_PASSWORD }, async (request: FastifyRequest, reply) => {
      await transact(db, (tx) => endSession(tx, staffOf(request).token));
      return reply.header("set-cookie", cookie.clear()).redirect(`${basePath}/console/sign-in`, 303);
    });
  };
}

const REFUSED = "That does not match, or the sign-in is not open.";

function sayTurnedAway(turned: TurnedAway): string {
  if (turned.kind === "refused") return REFUSED;
  return `Too many tries. Try again after ${new Date(turned.until).toISOString().slice(11, 16)} UTC, or ask an administrator.`;
}

/** Only a page of the console: what somebody else writes into a link must not lead elsewhere. */
function readNext(text: string | undefined): string {
  return text !== undefined && /^\/console(?:\/[A-Za-z0-9_./-]*)?(?:\?[A-Za-z0-9_=&.%-]*)?$/.test(text) && !text.includes("..")
    ? text
    : "/console";
}

function nextOf(query: unknown): string {
  const next = typeof query === "object" && query !== null && "next" in query ? query.next : undefined;
  return readNext(typeof next === "string" ? next : undefined);
}

type Shown = { readonly next: string; readonly fault: string | null };
type Form = { readonly basePath: string; readonly csrf: string };

function said(fault: string | null): Html | null {
  return fault === null ? null : notice("bad", html`<p>${fault}</p>`);
}

function passwordForm({ basePath, next, fault }: Shown & { basePath: string }): Html {
  return html`${said(fault)}<form method="post" action="${basePath}/console/sign-in" class="form"><input type="hidden" name="next" value="${next}">
${field({ name: "login", label: "Login", required: true, autocomplete: "username" })}
${field({ name: "password", label: "Password", type: "password", required: true, autocomplete: "current-password" })}
<button class="first">Go on</button></form>`;
}

function codeForm(form: Form, { next, fault }: Shown): Html {
  return html`${said(fault)}<p>Six digits from your authenticator app.</p>${csrfForm(form, {
    action: "/console/sign-in/code",
    name: "form",
    body: html`<input type="hidden" name="next" value="${next}">${codeField()}<button class="first">Sign in</button>`,
  })}`;
}

function setUpForm(form: Form, { totp, fault }: { totp: TotpOffer; fault: string | null }): Html {
  const key = totp.secret.replace(/(.{4})/g, "$1 ").trim();
  return html`${said(fault)}<p>Choose a password of your own, and tie an authenticator app to this sign-in: let the app read this picture, then type the six digits that it shows.</p>
<div class="tie">${qrPicture(totp.url, "QR code that ties an authenticator app to your sign-in; the key below says the same")}
<p class="small"><strong>No camera?</strong> Add an account by key, time-based, and type:</p><p><code class="key">${key}</code></p></div>${csrfForm(
    form,
    {
      action: "/console/sign-in/set-up",
      name: "form",
      body: html`<input type="hidden" name="secret" value="${totp.secret}">
${field({ name: "password", label: "New password", type: "password", hint: "At least 12 characters.", required: true, autocomplete: "new-password" })}
${codeField()}<button class="first">Set up and sign in</button>`,
    },
  )}`;
}

function confirmForm(form: Form, { next, fault }: Shown): Html {
  return html`${said(fault)}<p>What comes next asks for both factors once more.</p>${csrfForm(form, {
    action: "/console/confirm",
    name: "form",
    body: html`<input type="hidden" name="next" value="${next}">
${field({ name: "password", label: "Password", type: "password", required: true, autocomplete: "current-password" })}
${codeField()}<button class="first">Confirm</button>`,
  })}`;
}

function codeField(): Html {
  return field({ name: "code", label: "Code", hint: "123 456", required: true, autocomplete: "one-time-code", inputmode: "numeric" });
}
