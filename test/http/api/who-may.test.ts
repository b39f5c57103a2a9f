import { beforeAll, describe, expect, test } from "vitest";
import { mayDo, ROLES, type Role, SCOPES, type Scope } from "../../../src/domain/roles.ts";
import { OPERATIONS } from "../../../src/http/api/operations.ts";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { keyOf, type SignedIn, signInAs } from "../support/sign-in.ts";
import { ask, pathWith, setStage, type Stage } from "./support.ts";

let stage: Stage;
const own = new Map<Role, SignedIn>();
const others = new Map<Role, SignedIn>();
beforeAll(async () => {
  stage = await setStage(await startWeb({ api: { callsAMinute: 1_000_000 } }));
  for (const role of ROLES) {
    own.set(role, await signInAs(stage.web, { role }));
    others.set(role, await signInAs(stage.web, { role, clinic: "bell-harbor" }));
  }
});

const guarded = OPERATIONS.flatMap((operation) => (operation.access.to === "permitted" ? [{ ...operation, rule: operation.access }] : []));
/** What is asked is never done: it cannot be read, so whoever gets as far as reading may have asked. */
const UNREADABLE = { type: "application/json", body: "{" };
const DENIED = new Set([401, 403, 404]);

async function statusOf(
  operation: (typeof guarded)[number],
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; detail: unknown }> {
  const sent = operation.method === "GET" ? {} : UNREADABLE;
  const line = `${operation.method} ${pathWith(operation.path, stage.ids)}${operation.method === "GET" ? "?nothing=known" : ""}`;
  const { status, body } = await ask(stage.web, line, { headers, ...sent });
  return { status, detail: body["detail"] };
}

test("the table is as wide as it should be", () => {
  expect(guarded.length).toBeGreaterThan(70);
  expect(new Set(OPERATIONS.map(({ id }) => id)).size).toBe(OPERATIONS.length);
  expect(new Set(OPERATIONS.map(({ method, path }) => `${method} ${path}`)).size).toBe(OPERATIONS.length);
});

describe.each(ROLES)("a %s", (role) => {
  test("is let in where the table says so, at their own clinic, and nowhere else", async () => {
    const wrong: unknown[] = [];
    for (const operation of guarded) {
      const { rule, id } = operation;
      const { status, detail } = await statusOf(operation, own.get(role)?.headers ?? {});
      // Two clinics: nobody of one alone may touch the whole installation.
      const isAllowed = mayDo(role, rule.permission) && rule.of !== "installation";
      const isRight = isAllowed ? status === 400 || status === 422 : status === 403 && detail === "forbidden";
      if (!isRight) wrong.push({ id, status, detail, isAllowed });
    }
    expect(wrong).toEqual([]);
  });

  test("finds nothing of another clinic, whatever they may do at their own", async () => {
    const wrong: unknown[] = [];
    for (const operation of guarded.filter(({ rule }) => rule.of !== "installation")) {
      const { status } = await statusOf(operation, others.get(role)?.headers ?? {});
      if (status !== 404) wrong.push({ id: operation.id, status });
    }
    expect(wrong).toEqual([]);
  });
});

test("nobody who is not signed in gets past the door", async () => {
  const wrong: unknown[] = [];
  for (const operation of OPERATIONS.filter(({ access }) => access.to !== "public")) {
    const line = `${operation.method} ${pathWith(operation.path, stage.ids)}`;
    const { status } = await ask(stage.web, line, operation.method === "GET" ? {} : UNREADABLE);
    if (status !== 401) wrong.push({ id: operation.id, status });
  }
  expect(wrong).toEqual([]);
});

describe("a key", () => {
  test("with every scope does what its scopes say, and nothing that is for people", async () => {
    const headers = await keyOf(stage.web, { scopes: SCOPES });
    const wrong: unknown[] = [];
    for (const operation of guarded) {
      const { rule, id } = operation;
      const { status } = await statusOf(operation, headers);
      const isScoped = SCOPES.some((scope) => scope === rule.permission) && rule.of !== "installation" && !rule.fresh;
      if (isScoped ? status !== 400 && status !== 422 : status !== 403) wrong.push({ id, status, isScoped });
    }
    expect(wrong).toEqual([]);
  });

  test("with one scope does what that one says alone", async () => {
    const wrong: unknown[] = [];
    for (const scope of ["plans.read", "tasks.change"] satisfies Scope[]) {
      const headers = await keyOf(stage.web, { scopes: [scope] });
      for (const operation of guarded) {
        const { status } = await statusOf(operation, headers);
        const isAllowed = operation.rule.permission === scope && operation.rule.of !== "installation";
        if (isAllowed === DENIED.has(status)) wrong.push({ id: operation.id, scope, status });
      }
    }
    expect(wrong).toEqual([]);
  });

  test("of another clinic finds nothing of this one", async () => {
    const headers = await keyOf(stage.web, { clinic: "bell-harbor", scopes: SCOPES });
    for (const operation of guarded.filter(({ rule }) => rule.of !== "installation"))
      expect([operation.id, (await statusOf(operation, headers)).status]).toEqual([operation.id, 404]);
  });

  test("with a letter changed, or of another key, is none", async () => {
    const [one, other] = [await keyOf(stage.web, { scopes: SCOPES }), await keyOf(stage.web, { scopes: SCOPES })];
    const [id = ""] = one.authorization.split(".");
    const [, secret = ""] = other.authorization.split(".");
    for (const authorization of [`${one.authorization}x`, one.authorization.slice(0, -1), `${id}.${secret}`, id, "Bearer x", "Basic eDp5"])
      expect((await ask(stage.web, "GET /clinics", { headers: { authorization } })).status).toBe(401);
  });
});

test("front desk sees alerts and answers none of them", () => {
  expect([mayDo("front-desk", "alerts.read"), mayDo("front-desk", "alerts.answer"), mayDo("nurse", "alerts.answer")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("only a clinician approves protocols and wording, and no key does", () => {
  for (const permission of ["protocols.approve", "templates.publish"] as const) {
    expect(ROLES.filter((role) => mayDo(role, permission))).toEqual(["clinician"]);
    expect(SCOPES.some((scope: string) => scope === permission)).toBe(false);
  }
});
