import { Secret, TOTP } from "otpauth";
import { beforeAll, describe, expect, test } from "vitest";
import { machineNow } from "../../../src/clock.ts";
import { findClinic } from "../../../src/db/clinics.ts";
import { type Instant, instant } from "../../../src/domain/calendar.ts";
import { addStaff, disableSignIn, resetSignIn } from "../../../src/producers/change-staff.ts";
import { openClinic, startWeb, type Web } from "../support/aspen-ridge-web.ts";

let web: Web;
/** Machine time, as far as signing in is concerned: stepped by the tests. */
let now: Instant = machineNow();
beforeAll(async () => {
  web = await startWeb({ api: { now: () => now, signInRate: { burst: 1_000, perSecond: 100, addresses: 10 } } });
  await openClinic(web, []);
});

const MINUTE = 60_000;
function pass(minutes: number): void {
  now = instant(now + minutes * MINUTE);
}

type Answer = {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly cookie: string;
  readonly setCookie: string;
  readonly retryAfter: string | null;
};

async function ask(
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await fetch(`${web.url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const setCookie = answer.headers.get("set-cookie") ?? "";
  const parsed: Record<string, unknown> = JSON.parse(await answer.text());
  return {
    status: answer.status,
    body: parsed,
    setCookie,
    cookie: setCookie.split(";")[0] ?? "",
    retryAfter: answer.headers.get("retry-after"),
  };
}

const post = (path: string, body: unknown, headers?: Record<string, string>) => ask("POST", path, { body, ...(headers && { headers }) });
const as = ({ cookie, body }: Answer): Record<string, string> => ({
  cookie,
  "x-csrf-token": String(body["csrfToken"]),
  "sec-fetch-site": "same-origin",
});
const who = (headers: Record<string, string>) => ask("GET", "/auth/session", { headers });

async function addPerson(login: string): Promise<string> {
  const clinic = await findClinic(web.db, "aspen-ridge");
  if (!clinic) throw new Error("No clinic");
  const added = await addStaff(web.db, clinic, { login, name: "Maria Lopez", role: "front-desk", actor: "test", now });
  if (added.kind !== "changed" || added.value.password === null) throw new Error("Not added");
  return added.value.password;
}

const PASSWORD = "orange boat lamp";
const codeOf = (secret: string, at: Instant = now) => TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at });

/** Somebody who has set up, with the secret of their app; the next code is good from the next half minute on. */
async function setUp(login: string): Promise<string> {
  const handed = await addPerson(login);
  const first = await post("/auth/sign-in", { login, password: handed });
  const { secret } = first.body["totp"] as { secret: string };
  const done = await post("/auth/set-up", { password: PASSWORD, code: codeOf(secret) }, as(first));
  expect(done.status).toBe(200);
  pass(1);
  return secret;
}

async function signIn(login: string, secret: string): Promise<Record<string, string>> {
  const first = await post("/auth/sign-in", { login, password: PASSWORD });
  const second = await post("/auth/code", { code: codeOf(secret) }, as(first));
  expect(second.status).toBe(200);
  return as(second);
}

describe("setting up", () => {
  test("with the password that was handed over somebody chooses their own, ties an app, and is signed in", async () => {
    const handed = await addPerson("maria");
    const first = await post("/auth/sign-in", { login: "Maria ", password: handed });
    expect(first).toMatchObject({ status: 200, body: { next: "set-up" } });
    expect(first.setCookie).toMatch(/^__Host-afterglow-staff=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const { url, secret } = first.body["totp"] as { url: string; secret: string };
    expect(url).toMatch(/^otpauth:\/\/totp\/Afterglow:maria\?/);
    expect(await who(as(first))).toMatchObject({ status: 401, body: { detail: "second-step" } });
    const done = await post("/auth/set-up", { password: PASSWORD, code: codeOf(secret) }, as(first));
    expect(done).toMatchObject({ status: 200, body: { next: "nothing" } });
    expect(done.cookie).not.toBe(first.cookie);
    expect(await who(as(first))).toMatchObject({ status: 401 });
    expect(await who(as(done))).toMatchObject({
      status: 200,
      body: { login: "maria", clinics: [{ clinic: "aspen-ridge", role: "front-desk" }] },
    });
    expect(await post("/auth/sign-in", { login: "maria", password: handed })).toMatchObject({ status: 401 });
  });

  test("a password that is short, or holds the login, is refused with its path", async () => {
    const handed = await addPerson("sam.reed");
    const first = await post("/auth/sign-in", { login: "sam.reed", password: handed });
    for (const password of ["short", "sam.reed is here", "aaaaaaaaaaaaaaa"])
      expect(await post("/auth/set-up", { password, code: "000000" }, as(first))).toMatchObject({
        status: 422,
        body: { faults: [{ path: "password" }] },
      });
  });

  test("a password that was handed over is good for a week", async () => {
    const handed = await addPerson("late");
    pass(8 * 24 * 60);
    expect(await post("/auth/sign-in", { login: "late", password: handed })).toMatchObject({ status: 401 });
  });
});

describe("the second factor", () => {
  test("a code is taken once, and one of two steps ago is not taken", async () => {
    const secret = await setUp("dee");
    await signIn("dee", secret);
    const again = await post("/auth/sign-in", { login: "dee", password: PASSWORD });
    expect(await post("/auth/code", { code: codeOf(secret) }, as(again))).toMatchObject({ status: 401 });
    pass(2);
    expect(await post("/auth/code", { code: codeOf(secret, instant(now - 90_000)) }, as(again))).toMatchObject({ status: 401 });
    expect(await post("/auth/code", { code: codeOf(secret) }, as(again))).toMatchObject({ status: 200 });
  });

  test("both of two requests with the same code at once do not sign in", async () => {
    const secret = await setUp("finn");
    const steps = await Promise.all([
      post("/auth/sign-in", { login: "finn", password: PASSWORD }),
      post("/auth/sign-in", { login: "finn", password: PASSWORD }),
    ]);
    const code = codeOf(secret);
    const answers = await Promise.all(steps.map((step) => post("/auth/code", { code }, as(step))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
  });
});

describe("lock-out", () => {
  test("after five tries a login is locked for a quarter of an hour, right or wrong, and whether or not somebody has it", async () => {
    const secret = await setUp("eva");
    for (const login of ["eva", "nobody-has-this"]) {
      for (let turn = 0; turn < 5; turn++)
        expect(await post("/auth/sign-in", { login, password: "wrong horse" })).toMatchObject({ status: 401 });
      const locked = await post("/auth/sign-in", { login, password: PASSWORD });
      expect(locked).toMatchObject({ status: 429, body: { title: "Too many tries" } });
      expect(Number(locked.retryAfter)).toBeLessThanOrEqual(900);
    }
    pass(16);
    await signIn("eva", secret);
  });

  test("a right password does not give back the tries that guessing codes has cost", async () => {
    await setUp("chen");
    const step = await post("/auth/sign-in", { login: "chen", password: PASSWORD });
    for (let turn = 0; turn < 4; turn++) expect(await post("/auth/code", { code: "000000" }, as(step))).toMatchObject({ status: 401 });
    expect(await post("/auth/code", { code: "000000" }, as(step))).toMatchObject({ status: 429 });
    expect(await post("/auth/sign-in", { login: "chen", password: PASSWORD })).toMatchObject({ status: 429 });
    pass(16);
  });

  test("tries at once are counted like tries one after the other", async () => {
    await setUp("ben");
    const answers = await Promise.all(Array.from({ length: 12 }, () => post("/auth/sign-in", { login: "ben", password: "wrong horse" })));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    pass(16);
  });
});

describe("a session", () => {
  test("ends after a quarter of an hour in which nothing was asked", async () => {
    const headers = await signIn("ana", await setUp("ana"));
    pass(14);
    expect((await who(headers)).status).toBe(200);
    pass(14);
    expect((await who(headers)).status).toBe(200);
    pass(15);
    expect(await who(headers)).toMatchObject({ status: 401, body: { detail: "sign-in" } });
  });

  test("ends after twelve hours, however busy somebody is", async () => {
    const headers = await signIn("busy", await setUp("busy"));
    for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
      pass(10);
      expect((await who(headers)).status).toBe(200);
    }
    pass(10);
    expect((await who(headers)).status).toBe(401);
  });

  test("ends when somebody signs out, is disabled, or is set back", async () => {
    const secret = await setUp("gone");
    const clinic = await findClinic(web.db, "aspen-ridge");
    if (!clinic) throw new Error("No clinic");
    const of = { login: "gone", clinicId: clinic.id, actor: "test" };
    const first = await signIn("gone", secret);
    expect(await post("/auth/sign-out", {}, first)).toMatchObject({ status: 200 });
    expect((await who(first)).status).toBe(401);
    pass(1);
    const second = await signIn("gone", secret);
    const back = await resetSignIn(web.db, of, now);
    expect((await who(second)).status).toBe(401);
    if (back.kind !== "changed") throw new Error("Not set back");
    const third = await post("/auth/sign-in", { login: "gone", password: back.value.password });
    expect(third).toMatchObject({ status: 200, body: { next: "set-up" } });
    await disableSignIn(web.db, of);
    expect(await post("/auth/set-up", { password: PASSWORD, code: "000000" }, as(third))).toMatchObject({ status: 401 });
    expect(await post("/auth/sign-in", { login: "gone", password: back.value.password })).toMatchObject({ status: 401 });
  });
});

describe("a change by somebody signed in", () => {
  let headers: Record<string, string>;
  beforeAll(async () => {
    headers = await signIn("csrf", await setUp("csrf"));
  });
  const change = (extra: Record<string, string | undefined>) => {
    const sent = Object.fromEntries(
      Object.entries({ ...headers, ...extra }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return post("/auth/confirm", { password: "wrong horse", code: "000000" }, sent);
  };

  test("is refused without the token of the session, and with that of another", async () => {
    expect(await change({ "x-csrf-token": undefined })).toMatchObject({ status: 403, body: { detail: "not-our-page" } });
    expect(await change({ "x-csrf-token": "x".repeat(43) })).toMatchObject({ status: 403, body: { detail: "not-our-page" } });
  });

  test("is refused from another site, by what the browser says of itself", async () => {
    expect(await change({ "sec-fetch-site": "cross-site" })).toMatchObject({ status: 403, body: { detail: "not-our-page" } });
    expect(await change({ "sec-fetch-site": "same-site" })).toMatchObject({ status: 403, body: { detail: "not-our-page" } });
    expect(await change({ "sec-fetch-site": undefined, origin: "https://evil.example" })).toMatchObject({
      status: 403,
      body: { detail: "not-our-page" },
    });
  });

  test("is heard from a page of our own", async () => {
    expect(await change({})).toMatchObject({ status: 401, body: { title: "That was not right" } });
  });
});

test("no answer and no line of the log holds a password, a code's secret or a session", async () => {
  const secret = await setUp("quiet");
  const headers = await signIn("quiet", secret);
  const token = headers["cookie"]?.split("=")[1] ?? "";
  const said = web.logged.join("\n");
  for (const each of [PASSWORD, secret, token]) expect(said).not.toContain(each);
  const rows = JSON.stringify(await web.db.selectFrom("staffSessions").selectAll().execute());
  expect(rows).not.toContain(token);
});
