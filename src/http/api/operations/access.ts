/** Who may do what: staff, programs' keys, and the audit of what they did. */
import { z } from "zod";
import { listApiKeys } from "../../../db/api-keys.ts";
import { findClinicById, listAudit } from "../../../db/view-access.ts";
import { listStaff } from "../../../db/staff.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { parseLogin } from "../../../domain/parse-login.ts";
import { ROLES, SCOPES } from "../../../domain/roles.ts";
import { LONGEST_DAYS, makeApiKey, revokeKey } from "../../../producers/change-api-keys.ts";
import { addStaff, changeRole, disableSignIn, resetSignIn, type StaffChanged } from "../../../producers/change-staff.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toProblem } from "../api-problem.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import { clinicParam, idField, idText, lineText, momentField, momentText, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const role = z.enum(ROLES);
const loginParam = clinicParam.extend({ login: z.string().max(200) });
const CHANGE = requirePermission("staff.change", { of: "clinic", fresh: true });

function readLogin(text: string): string {
  const login = parseLogin(text);
  if (!login.ok) throw toProblem([{ path: "login", expected: login.expected }]);
  return login.value;
}

function staffChanged<Value extends z.ZodType>(value: Value) {
  return z.union([z.strictObject({ kind: z.literal("changed"), value }), z.strictObject({ kind: z.literal("same") })]);
}

function replyStaff<Value>(result: StaffChanged<Value>): { body: { kind: "changed"; value: Value } | { kind: "same" } } {
  if (result.kind === "refused") throw toProblem(result.faults);
  return { body: result };
}

const staff: readonly Operation[] = [
  operation({
    ...bare,
    id: "staff.list",
    method: "GET",
    path: "/clinics/{clinic}/staff",
    summary: "List everybody who works at a clinic",
    command: "staff list",
    access: requirePermission("staff.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({
      staff: z.array(
        z.strictObject({
          staff: idText,
          login: z.string(),
          name: z.string(),
          role,
          hasSetUp: z.boolean(),
          disabledAt: momentText.nullable(),
          seenAt: momentText.nullable(),
        }),
      ),
    }),
  })(async ({ db }, { request }) => ({
    body: {
      staff: (await listStaff(db, clinicOf(request))).map(({ id, disabledAt, seenAt, ...person }) => ({
        staff: toPublicId("staff", id),
        ...person,
        disabledAt: toMaybeMoment(disabledAt),
        seenAt: toMaybeMoment(seenAt),
      })),
    },
  })),
  operation({
    ...bare,
    id: "staff.add",
    method: "POST",
    path: "/clinics/{clinic}/staff",
    summary: "Add somebody; the password is shown once, to be handed over, and lets them choose their own for a week",
    command: "staff add",
    access: CHANGE.access,
    params: clinicParam,
    body: z.strictObject({ login: z.string().max(200), name: lineText(100, "Maria Lopez"), role }),
    status: 201,
    answer: staffChanged(z.strictObject({ staff: idText, login: z.string(), role, password: z.string().nullable() })),
  })(async (deps, { body, options: { actor }, request }) => {
    const clinic = await findClinicById(deps.db, clinicOf(request));
    const result = await addStaff(deps.db, clinic, { ...body, login: readLogin(body.login), actor, now: deps.now() });
    if (result.kind !== "changed") return replyStaff(result);
    return { body: { kind: "changed", value: { ...result.value, staff: toPublicId("staff", result.value.staff) } } };
  }),
  operation({
    ...bare,
    id: "staff.role",
    method: "PUT",
    path: "/clinics/{clinic}/staff/{login}/role",
    summary: "Give somebody another role at a clinic; null takes it away",
    command: "staff role",
    access: CHANGE.access,
    params: loginParam,
    body: z.strictObject({ role: role.nullable() }),
    answer: staffChanged(z.strictObject({ login: z.string(), role: role.nullable(), before: role })),
  })(async ({ db }, { params, body, options: { actor }, request }) =>
    replyStaff(await changeRole(db, { login: readLogin(params.login), clinicId: clinicOf(request), actor }, body.role)),
  ),
  operation({
    ...bare,
    id: "staff.reset",
    method: "POST",
    path: "/clinics/{clinic}/staff/{login}/reset",
    summary: "For somebody who lost their phone or forgot their password: one to set up anew with, shown once",
    command: "staff reset-totp",
    access: CHANGE.access,
    params: loginParam,
    answer: staffChanged(z.strictObject({ login: z.string(), password: z.string() })),
  })(async (deps, { params, options: { actor }, request }) =>
    replyStaff(await resetSignIn(deps.db, { login: readLogin(params.login), clinicId: clinicOf(request), actor }, deps.now())),
  ),
  operation({
    ...bare,
    id: "staff.disable",
    method: "POST",
    path: "/clinics/{clinic}/staff/{login}/disable",
    summary: "From now on they sign in nowhere; those who are signed in are not any more",
    command: "staff disable",
    access: CHANGE.access,
    params: loginParam,
    answer: staffChanged(z.strictObject({ login: z.string(), signedOut: z.int() })),
  })(async ({ db }, { params, options: { actor }, request }) =>
    replyStaff(await disableSignIn(db, { login: readLogin(params.login), clinicId: clinicOf(request), actor })),
  ),
];

const keys: readonly Operation[] = [
  operation({
    ...bare,
    id: "keys.list",
    method: "GET",
    path: "/clinics/{clinic}/api-keys",
    summary: "List the keys of a clinic's programs, those that open nothing any more included",
    command: "apikey list",
    access: requirePermission("keys.change", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({
      keys: z.array(
        z.strictObject({
          key: idText,
          name: z.string(),
          scopes: z.array(z.string()),
          createdBy: z.string(),
          createdAt: momentText,
          expiresAt: momentText,
          revokedAt: momentText.nullable(),
          lastUsedAt: momentText.nullable(),
        }),
      ),
    }),
  })(async ({ db }, { request }) => ({
    body: {
      keys: (await listApiKeys(db, clinicOf(request))).map(({ id, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, ...key }) => ({
        key: toPublicId("api-key", id),
        ...key,
        scopes: [...scopes],
        createdAt: toMoment(createdAt),
        expiresAt: toMoment(expiresAt),
        revokedAt: toMaybeMoment(revokedAt),
        lastUsedAt: toMaybeMoment(lastUsedAt),
      })),
    },
  })),
  operation({
    ...bare,
    id: "keys.create",
    method: "POST",
    path: "/clinics/{clinic}/api-keys",
    summary:
      "Make a key for a program; its secret is shown once. Two of a name may be good at a time, so that one takes over from the other",
    command: "apikey create",
    access: requirePermission("keys.change", { of: "clinic", fresh: true }).access,
    params: clinicParam,
    body: z.strictObject({
      name: lineText(60, "ehr"),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      days: z.int().min(1).max(LONGEST_DAYS).default(90),
    }),
    status: 201,
    answer: z.strictObject({ key: idText, name: z.string(), secret: z.string(), expiresAt: momentText }),
  })(async (deps, { body, options: { actor }, request }) => {
    const made = await makeApiKey(deps.db, { ...body, clinicId: clinicOf(request), actor, now: deps.now() });
    if (made.kind === "refused") throw toProblem(made.faults);
    return { body: { key: made.key, name: made.name, secret: made.secret, expiresAt: toMoment(made.expiresAt) } };
  }),
  operation({
    ...bare,
    id: "keys.revoke",
    method: "DELETE",
    path: "/api-keys/{key}",
    summary: "A key opens nothing any more; a repeat changes nothing",
    command: "apikey revoke",
    access: requirePermission("keys.change", { of: "api-key", param: "key" }).access,
    params: z.strictObject({ key: idField("api-key") }),
    answer: z.strictObject({ kind: z.enum(["revoked", "same"]), key: idText }),
  })(async ({ db }, { params, options: { actor } }) => {
    const done = await revokeKey(db, params.key, actor);
    if (done.kind === "refused") throw toProblem(done.faults);
    return { body: done };
  }),
];

const audit = operation({
  ...bare,
  id: "audit.list",
  method: "GET",
  path: "/clinics/{clinic}/audit",
  summary: "Who did, and who read, what: newest first",
  command: null,
  access: requirePermission("audit.read", { of: "clinic" }).access,
  params: clinicParam,
  query: z.strictObject({
    ...pagedBy("number"),
    subject: z
      .string()
      .max(60)
      .transform((text) => text.replace(/^[a-z]{2,3}_/, ""))
      .pipe(z.uuid("an id, such as pat_0197c3a4-5a1e-7c00-8f00-0123456789ab"))
      .optional()
      .meta({ description: "Only of this, by its id." }),
    since: momentField.optional(),
  }),
  answer: pageOf(
    z.strictObject({
      id: z.int(),
      kind: z.string(),
      actor: z.string(),
      subject: z.string(),
      data: z.record(z.string(), z.unknown()),
      at: momentText,
      recordedAt: momentText,
    }),
  ),
})(async ({ db }, { query: { limit, after, subject, since }, request }) => {
  const before = after === undefined ? null : Number(after[1]);
  if (before !== null && !Number.isSafeInteger(before))
    throw toProblem([{ path: "query.after", expected: "the `next` of an earlier page" }]);
  const rows = await listAudit(db, {
    clinicId: clinicOf(request),
    subjectId: subject ?? null,
    before,
    since: since ?? null,
    limit: limit + 1,
  });
  return {
    body: toPage(rows, {
      limit,
      keyOf: ({ id }) => ["", String(id)],
      toEntry: ({ id, kind, actor, subjectId, data, clinicAt, recordedAt }) => ({
        id,
        kind,
        actor,
        subject: subjectId,
        data: { ...data },
        at: toMoment(clinicAt),
        recordedAt: toMoment(recordedAt),
      }),
    }),
  };
});

export const access: readonly Operation[] = [...staff, ...keys, audit];
