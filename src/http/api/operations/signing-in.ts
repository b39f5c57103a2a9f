/** Signing in and out over HTTP: what the console's own pages do as well. */
import { z } from "zod";
import { findClinicSlugs } from "../../../db/view-access.ts";
import { endSession, IDLE_MINUTES, ABSOLUTE_HOURS } from "../../../db/staff-sessions.ts";
import { transact } from "../../../db/transact.ts";
import { instant } from "../../../domain/calendar.ts";
import { PERMISSIONS, permissionsOf, ROLES } from "../../../domain/roles.ts";
import { changePassword, setUpStaff } from "../../../producers/set-up-staff.ts";
import { confirmAgain, takePassword, takeSecondStep, type TurnedAway } from "../../../producers/sign-in.ts";
import { csrfTokenOf, makeStaffCookie } from "../../auth/staff-cookie.ts";
import { staffOf } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { momentText, toMoment } from "../fields.ts";
import { type ApiDeps, bare, operation, type Operation } from "../operation.ts";

const secret = z.string().min(1).max(1_000);
const code = z.string().max(20).meta({ description: "Six digits, of the app.", example: "123456" });

/** Says no more than that it was refused, or for how long nobody may try. */
function turnAway(turned: TurnedAway, deps: ApiDeps): ApiProblem {
  if (turned.kind === "refused") return new ApiProblem(401, { title: "That was not right" });
  const seconds = Math.max(1, Math.ceil((turned.until - deps.now()) / 1_000));
  return new ApiProblem(429, { title: "Too many tries", retryAfterSeconds: seconds });
}

const signedIn = z.strictObject({ next: z.literal("nothing"), csrfToken: z.string() });

const firstStep = z.union([
  z.strictObject({ next: z.literal("code"), csrfToken: z.string() }),
  z.strictObject({
    next: z.literal("set-up"),
    csrfToken: z.string(),
    totp: z
      .strictObject({ url: z.string(), secret: z.string() })
      .meta({ description: "To be read by, or typed into, an app that computes codes." }),
  }),
]);

const cookieOf = ({ config }: ApiDeps) => makeStaffCookie(config.PUBLIC_BASE_URL);

export const signingIn: readonly Operation[] = [
  operation({
    ...bare,
    id: "auth.sign-in",
    method: "POST",
    path: "/auth/sign-in",
    summary: "Give login and password; the second step follows",
    command: null,
    access: { to: "public" },
    body: z.strictObject({ login: z.string().min(1).max(200), password: secret }),
    answer: firstStep,
  })(async (deps, { body }) => {
    const taken = await takePassword(deps, { ...body, now: deps.now() });
    if (taken.kind === "refused" || taken.kind === "locked") throw turnAway(taken, deps);
    const csrfToken = csrfTokenOf(taken.token);
    const setCookie = cookieOf(deps).write(taken.token);
    if (taken.kind === "code") return { body: { next: "code", csrfToken }, setCookie };
    return { body: { next: "set-up", csrfToken, totp: taken.totp }, setCookie };
  }),
  operation({
    ...bare,
    id: "auth.code",
    method: "POST",
    path: "/auth/code",
    summary: "Give the code of the app: the second step",
    command: null,
    access: { to: "password" },
    body: z.strictObject({ code }),
    answer: signedIn,
  })(async (deps, { body, request }) => {
    const { session, token } = staffOf(request);
    const done = await takeSecondStep(deps, session, { token, code: body.code, now: deps.now() });
    if (done.kind !== "signed-in") throw turnAway(done, deps);
    return { body: { next: "nothing", csrfToken: csrfTokenOf(done.token) }, setCookie: cookieOf(deps).write(done.token) };
  }),
  operation({
    ...bare,
    id: "auth.set-up",
    method: "POST",
    path: "/auth/set-up",
    summary: "Choose a password and tie an app, with the password that was handed over",
    command: null,
    access: { to: "password" },
    body: z.strictObject({ password: secret, code }),
    answer: signedIn,
  })(async (deps, { body, request }) => {
    const { session, token } = staffOf(request);
    const done = await setUpStaff(deps, session, { token, ...body, now: deps.now() });
    if (done.kind === "faulty") throw toProblem(done.refused.faults);
    if (done.kind !== "signed-in") throw turnAway(done, deps);
    return { body: { next: "nothing", csrfToken: csrfTokenOf(done.token) }, setCookie: cookieOf(deps).write(done.token) };
  }),
  operation({
    ...bare,
    id: "auth.confirm",
    method: "POST",
    path: "/auth/confirm",
    summary: "Give password and code once more, for what asks for it: exports, roles, keys",
    command: null,
    access: { to: "signed-in" },
    body: z.strictObject({ password: secret, code }),
    answer: z.strictObject({ confirmed: z.literal(true) }),
  })(async (deps, { body, request }) => {
    const { session, token } = staffOf(request);
    const done = await confirmAgain(deps, session, { token, ...body, now: deps.now() });
    if (done.kind !== "confirmed") throw turnAway(done, deps);
    return { body: { confirmed: true } };
  }),
  operation({
    ...bare,
    id: "auth.password",
    method: "POST",
    path: "/auth/password",
    summary: "Choose another password; every other session of this person ends",
    command: null,
    access: { to: "signed-in" },
    body: z.strictObject({ current: secret, password: secret }),
    answer: signedIn,
  })(async (deps, { body, request }) => {
    const { session, token } = staffOf(request);
    const done = await changePassword(deps, session, { token, ...body, now: deps.now() });
    if (done.kind === "faulty") throw toProblem(done.refused.faults);
    if (done.kind !== "signed-in") throw turnAway(done, deps);
    return { body: { next: "nothing", csrfToken: csrfTokenOf(done.token) }, setCookie: cookieOf(deps).write(done.token) };
  }),
  operation({
    ...bare,
    id: "auth.sign-out",
    method: "POST",
    path: "/auth/sign-out",
    summary: "Sign out",
    command: null,
    access: { to: "password" },
    answer: z.strictObject({ signedOut: z.literal(true) }),
  })(async (deps, { request }) => {
    await transact(deps.db, async (tx) => endSession(tx, staffOf(request).token));
    return { body: { signedOut: true }, setCookie: cookieOf(deps).clear() };
  }),
  operation({
    ...bare,
    id: "auth.session",
    method: "GET",
    path: "/auth/session",
    summary: "Who is signed in, where they work and what they may do there",
    command: null,
    access: { to: "signed-in" },
    answer: z.strictObject({
      login: z.string(),
      name: z.string(),
      csrfToken: z.string(),
      idleUntil: momentText,
      endsAt: momentText,
      clinics: z.array(z.strictObject({ clinic: z.string(), role: z.enum(ROLES), permissions: z.array(z.enum(PERMISSIONS)) })),
    }),
  })(async (deps, { request }) => {
    const { session, token } = staffOf(request);
    const slugs = await findClinicSlugs(deps.db, [...session.roles.keys()]);
    const clinics = Array.from(session.roles, ([id, role]) => ({
      clinic: slugs.get(id) ?? id,
      role,
      permissions: [...permissionsOf(role)],
    }));
    return {
      body: {
        login: session.login,
        name: session.name,
        csrfToken: csrfTokenOf(token),
        idleUntil: toMoment(instant(deps.now() + IDLE_MINUTES * 60_000)),
        endsAt: toMoment(instant(session.beganAt + ABSOLUTE_HOURS * 3_600_000)),
        clinics,
      },
    };
  }),
];
