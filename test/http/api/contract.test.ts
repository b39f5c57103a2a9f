import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import { OPERATIONS } from "../../../src/http/api/operations.ts";
import { valueOf } from "../../domain/aspen-ridge.ts";
import { parsePlainText } from "../../../src/domain/parse-series-text.ts";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";
import { type Answer, ask, pathWith, setStage, type Stage } from "./support.ts";

let stage: Stage;
let clinician: SignedIn;
let admin: SignedIn;
let document: { openapi: string; paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>> };
// What is checked once is not worth making fast.
const ajv = new Ajv2020({ strict: false, allErrors: true, code: { optimize: false } });
addFormats.default(ajv);
beforeAll(async () => {
  stage = await setStage(await startWeb({ api: { callsAMinute: 1_000_000 } }));
  clinician = await signInAs(stage.web, { role: "clinician" });
  admin = await signInAs(stage.web, { role: "admin" });
  document = JSON.parse(await (await fetch(`${stage.web.url}/docs/openapi.json`)).text());
  ajv.addSchema(document, "openapi");
});

/** What the documentation says against what came. */
function faultsOf(id: string, { status, body }: Answer): unknown {
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) => (operationId === id ? [{ path, method }] : [])),
  );
  const [place] = found;
  if (!place) return `${id} is not documented`;
  const pointer = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");
  const schema =
    status < 400
      ? `openapi#/paths/${pointer(place.path)}/${place.method}/responses/${status}/content/application~1json/schema`
      : "openapi#/components/schemas/Problem";
  const validate = ajv.compile({ $ref: schema.replaceAll("{", "%7B").replaceAll("}", "%7D") });
  return validate(body) ? null : validate.errors;
}

test("the documentation is OpenAPI 3.1, has every operation, and every reference in it leads somewhere", () => {
  expect(document.openapi).toBe("3.1.0");
  const documented = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  expect(documented.toSorted()).toEqual(OPERATIONS.map(({ id }) => id).toSorted());
  const text = JSON.stringify(document);
  const schemas: object = JSON.parse(text).components.schemas;
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(Object.keys(schemas)).toContain(name);
});

test("the page of the documentation opens without a script of somebody else", async () => {
  const page = await fetch(`${stage.web.url}/docs/`);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toMatch(/script-src 'self';/);
});

describe("an operation that reads answers as it is documented", () => {
  const reading = OPERATIONS.filter(({ method, answers }) => method === "GET" && answers === undefined);
  const seen: string[] = [];

  test.each(reading.map(({ id }) => id))("%s", async (id) => {
    const { method, path, access } = reading.find((each) => each.id === id) ?? expect.unreachable();
    const isAdmins = access.to === "permitted" && /^(staff|keys|audit|ledger|ops|webhooks)/.test(access.permission);
    const answer = await ask(stage.web, `${method} ${pathWith(path, stage.ids)}`, { headers: (isAdmins ? admin : clinician).headers });
    expect(faultsOf(id, answer)).toBeNull();
    // What is of the whole installation is nobody's who has one of two clinics.
    expect(answer.status).toBe(access.to === "permitted" && access.of === "installation" ? 403 : 200);
    if (answer.status === 200) seen.push(id);
  });

  test("and they are many", () => expect(seen.length).toBeGreaterThan(25));
});

/** A change each, with what it takes; done for real, in this order. */
const CHANGES: readonly (readonly [id: string, body?: unknown])[] = [
  ["series.pause"],
  ["series.pause"],
  ["series.resume"],
  ["series.void", { reach: "undo" }],
  ["sessions.move", { to: "2027-01-13T09:00", because: "patient" }],
  ["sessions.postpone", { because: "clinic" }],
  ["sessions.add", { kind: "booster", startsAt: "2027-06-07T09:00" }],
  ["patients.contact", { phone: "(303) 555-0119" }],
  ["patients.escort", { name: "Marta Ortiz", phone: "(303) 555-0112" }],
  ["patients.escort-remove"],
  ["patients.consent-revoke", { channel: "email", source: "phone call" }],
  ["patients.hold", { code: "hospitalised", reason: "sister called" }],
  ["patients.release"],
  ["patients.watch"],
  ["patients.unwatch"],
  ["patients.verify"],
  ["patients.export"],
  ["tasks.take", {}],
  ["tasks.done", { outcome: "reached", note: "brings her sister" }],
  ["alerts.acknowledge", {}],
  ["alerts.close", { outcome: "reached" }],
  ["alerts.raise", { kind: "worsening", level: "medium" }],
  ["replies.close"],
  ["incidents.close", { outcome: "low-risk", note: "one reminder, no name in it" }],
  ["incidents.close", { outcome: "notified" }],
  ["roster.test", { person: "Sam Ortiz" }],
  ["roster.test", { person: "Nobody" }],
  ["series.migrate-all", { from: "iv-ketamine@1", to: "iv-ketamine@1" }],
  ["sessions.answer", { answers: ["confirmed"] }],
  ["touchpoints.settle", { as: "arrived" }],
  ["clinics.close", { day: "2028-02-02", reason: "snow" }],
  ["closures.reopen"],
  ["clinics.move-day", { from: "2028-03-01", to: "2028-03-02" }],
  ["switches.off", { scope: "channel", subject: "sms", reason: "twice" }],
  ["switches.on", { scope: "channel", subject: "sms" }],
  ["protocols.approve"],
  ["templates.preview", {}],
  ["outcomes.assess", { kind: "interview", level: "no risk", by: "Dr. Lee", at: "2027-01-01T09:00-07:00" }],
];

test("changes answer as they are documented, done or refused, shown first or not", async () => {
  const wrong: unknown[] = [];
  const done: string[] = [];
  for (const [id, body] of CHANGES) {
    const found = OPERATIONS.find((operation) => operation.id === id);
    if (!found) throw new Error(`No ${id}`);
    const line = `${found.method} ${pathWith(found.path, stage.ids)}`;
    for (const query of found.dryRun ? ["?dryRun=true", ""] : [""]) {
      const answer = await ask(stage.web, line + query, { headers: clinician.headers, ...(body === undefined ? {} : { body }) });
      const faults = faultsOf(id, answer);
      if (faults !== null || answer.status >= 500 || answer.status === 403)
        wrong.push({ id, query, status: answer.status, body: answer.body, faults });
      if (answer.status < 300 && query === "") done.push(id);
    }
  }
  expect(wrong).toEqual([]);
  expect(new Set(done).size).toBeGreaterThan(20);
});

function exampleSeries(changes: Record<string, unknown>): unknown {
  const file = valueOf(parsePlainText(readFileSync("examples/ana-iv.yaml", "utf8"), "yaml"));
  return { ...(file as object), ...changes };
}

describe("a key of idempotency", () => {
  const KEY = (key: string) => ({ ...clinician.headers, "idempotency-key": key });
  const raise = (key: string, level: string) =>
    ask(stage.web, `POST /patients/${stage.ids["patient"]}/alerts`, { headers: KEY(key), body: { kind: "worsening", level } });
  const countAlerts = async () => (await stage.web.db.selectFrom("alerts").select("id").execute()).length;

  test("with the same request gives the same answer, and nothing is done twice", async () => {
    const before = await countAlerts();
    const [first, second] = [await raise("k1", "medium"), await raise("k1", "medium")];
    expect(first.status).toBe(201);
    expect([second.status, second.text, second.headers.get("idempotent-replayed")]).toEqual([201, first.text, "true"]);
    expect(await countAlerts()).toBe(before + 1);
  });

  test("with another request is refused", async () => {
    await raise("k2", "medium");
    expect(await raise("k2", "high")).toMatchObject({ status: 422, body: { faults: [{ path: "Idempotency-Key" }] } });
  });

  test("of many requests at once does it once: the others hear the same answer, or that it is under way", async () => {
    const before = await countAlerts();
    const answers = await Promise.all(Array.from({ length: 12 }, () => raise("k3", "medium")));
    expect(await countAlerts()).toBe(before + 1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
  });

  test("without one, the same twelve are twelve", async () => {
    const before = await countAlerts();
    const line = `POST /patients/${stage.ids["patient"]}/alerts`;
    await Promise.all(
      Array.from({ length: 12 }, () => ask(stage.web, line, { headers: clinician.headers, body: { kind: "worsening", level: "medium" } })),
    );
    expect(await countAlerts()).toBe(before + 12);
  });

  test("that was refused is free for the request put right", async () => {
    const line = `POST /patients/${stage.ids["patient"]}/alerts`;
    expect((await ask(stage.web, line, { headers: KEY("k4"), body: { kind: "worsening", level: "none" } })).status).toBe(422);
    expect((await raise("k4", "medium")).status).toBe(201);
  });

  test("belongs to whoever sends it", async () => {
    const other = await signInAs(stage.web, { role: "nurse" });
    await raise("k5", "medium");
    const line = `POST /patients/${stage.ids["patient"]}/alerts`;
    const answer = await ask(stage.web, line, {
      headers: { ...other.headers, "idempotency-key": "k5" },
      body: { kind: "worsening", level: "high" },
    });
    expect(answer.status).toBe(201);
  });

  test("keeps nothing that can be read in the database", async () => {
    const rows = await stage.web.db.selectFrom("idempotencyKeys").selectAll().execute();
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.every(({ answerSealed }) => answerSealed === null || !answerSealed.toString("latin1").includes("alr_"))).toBe(true);
  });
});

describe("If-Match", () => {
  test("lets an edit of what was seen through, and refuses one of what somebody has changed since", async () => {
    const path = `/patients/${stage.ids["patient"]}`;
    const seen = await ask(stage.web, `GET ${path}`, { headers: clinician.headers });
    const etag = seen.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"\d+"$/);
    const edit = (verb: string) => ask(stage.web, `POST ${path}/${verb}`, { headers: { ...clinician.headers, "if-match": etag } });
    const first = await edit("watch");
    expect(first.status).toBe(200);
    expect(await edit("unwatch")).toMatchObject({ status: 412, body: { faults: [{ path: "revision" }] } });
    const fresh = { ...clinician.headers, "if-match": first.headers.get("etag") ?? "" };
    expect((await ask(stage.web, `POST ${path}/unwatch`, { headers: fresh })).status).toBe(200);
  });

  test("that is no ETag is refused with its path", async () => {
    const answer = await ask(stage.web, `POST /patients/${stage.ids["patient"]}/watch`, {
      headers: { ...clinician.headers, "if-match": "4" },
    });
    expect(answer).toMatchObject({ status: 422, body: { faults: [{ path: "If-Match" }] } });
  });
});

describe("what cannot be read", () => {
  const PATIENT = () => `POST /patients/${stage.ids["patient"]}/hold`;
  const good = { code: "other", reason: "asked for it" };
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  type Case = [name: string, sent: { body?: unknown; type?: string; headers?: Record<string, string> }, status: number, path?: string];
  const CASES: Case[] = [
    ["malformed JSON", { body: "{" }, 400, "(whole input)"],
    ["nothing", {}, 422, "(whole input)"],
    ["a list", { body: "[]" }, 422],
    ["a key twice", { body: '{"code":"other","code":"safety","reason":"x"}' }, 400, "code"],
    ["a key twice, once escaped", { body: '{"code":"other","c\\u006fde":"safety","reason":"x"}' }, 400, "code"],
    ["__proto__", { body: '{"__proto__":{"code":"other"}}' }, 400, "__proto__"],
    ["constructor", { body: '{"constructor":{"prototype":{}}}' }, 400, "constructor"],
    ["ten thousand levels", { body: deep(10_000) }, 400, "(whole input)"],
    ["NaN", { body: '{"code":NaN,"reason":"x"}' }, 400, "(whole input)"],
    ["1e400", { body: '{"code":1e400,"reason":"x"}' }, 422, "code"],
    ["a whole number that no double holds", { body: '{"code":9007199254740993,"reason":"x"}' }, 422, "code"],
    ["a key that is unknown", { body: { ...good, resaon: "x" } }, 422, "resaon"],
    ["an empty reason", { body: { ...good, reason: "  " } }, 422, "reason"],
    ["a NUL", { body: { ...good, reason: "a\u0000b" } }, 422, "reason"],
    ["a text turned around by bidi marks", { body: { ...good, reason: "a\u202eb" } }, 422, "reason"],
    ["ten thousand characters", { body: { ...good, reason: "x".repeat(10_000) } }, 422, "reason"],
    ["a word that is none", { body: { ...good, code: "holiday" } }, 422, "code"],
    ["another content type", { body: "code=other", type: "application/x-www-form-urlencoded" }, 415],
    ["JSON said to be CSV", { body: "{}", type: "text/csv" }, 415],
    ["a packed body", { body: "{}", headers: { "content-encoding": "gzip" } }, 415],
    ["a key of idempotency with a space", { body: good, headers: { "idempotency-key": "a b" } }, 422, "Idempotency-Key"],
  ];

  test.each<Case>(CASES)("%s is refused with its path", async (_name, { headers = {}, ...sent }, status, path) => {
    const answer = await ask(stage.web, PATIENT(), { ...sent, headers: { ...clinician.headers, ...headers } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json; charset=utf-8"]);
    if (path !== undefined) expect((answer.body["faults"] as { path: string }[]).map((fault) => fault.path)).toContain(path);
    expect(faultsOf("patients.hold", answer)).toBeNull();
  });

  test("bytes that are no UTF-8 are refused", async () => {
    const answer = await fetch(`${stage.web.url}/api/v1/patients/${stage.ids["patient"]}/hold`, {
      method: "POST",
      headers: { ...clinician.headers, "content-type": "application/json" },
      body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(answer.status).toBe(400);
  });

  test("fifty megabytes are not taken in", async () => {
    const answer = await fetch(`${stage.web.url}/api/v1/patients/${stage.ids["patient"]}/hold`, {
      method: "POST",
      headers: { ...clinician.headers, "content-type": "application/json" },
      body: "x".repeat(50 * 1024 * 1024),
    }).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
  });

  test.each([
    "GET /patients/pat_x",
    "GET /patients/%00",
    "GET /clinics/%00/series",
    "GET /clinics/../series",
    "GET /nothing",
    "GET /series/ser_0197c3a4-5a1e-7c00-8f00-0123456789ab",
  ])("%s is not found", async (line) => expect((await ask(stage.web, line, { headers: clinician.headers })).status).toBe(404));

  test.each(["limit=0", "limit=201", "limit=x", "after=x", "after=W10", "unknown=1", "status=sleeping", "limit=1&limit=2"])(
    "a list with ?%s is refused",
    async (query) =>
      expect((await ask(stage.web, `GET /clinics/aspen-ridge/series?${query}`, { headers: clinician.headers })).status).toBe(422),
  );

  test("a series is refused with every path that is wrong, and no answer says what was sent", async () => {
    const body = exampleSeries({
      externalId: "x-1",
      protocol: "iv-ketamine",
      patient: { ref: "77", name: "Canary Wren", phone: "911" },
      sessions: [{ startsAt: "2027-02-30T09:00" }],
    });
    const answer = await ask(stage.web, "POST /clinics/aspen-ridge/series", { headers: clinician.headers, body });
    expect(answer.status).toBe(422);
    const paths = (answer.body["faults"] as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["protocol", "patient.phone", "sessions[0].startsAt"]));
    expect(answer.text).not.toMatch(/Canary|911/);
  });
});

test("lists come in pages that leave nothing out and say nothing twice", async () => {
  const all = await ask(stage.web, "GET /clinics/aspen-ridge/sessions?from=2026-01-01T00:00Z&to=2030-01-01T00:00Z&limit=200", {
    headers: clinician.headers,
  });
  const whole = (all.body["entries"] as { session: string }[]).map(({ session }) => session);
  const paged: string[] = [];
  let next: unknown = "";
  while (typeof next === "string") {
    const after = next === "" ? "" : `&after=${next}`;
    const page = await ask(stage.web, `GET /clinics/aspen-ridge/sessions?from=2026-01-01T00:00Z&to=2030-01-01T00:00Z&limit=2${after}`, {
      headers: clinician.headers,
    });
    paged.push(...(page.body["entries"] as { session: string }[]).map(({ session }) => session));
    next = page.body["next"];
  }
  expect(whole.length).toBeGreaterThan(4);
  expect(paged).toEqual(whole);
});

test("reading what tells of somebody's health stands in the audit, with who did it; a list without names does not", async () => {
  const count = async (kind: string) =>
    (
      await stage.web.db
        .selectFrom("events")
        .select("id")
        .where("kind", "=", kind)
        .where("actor", "=", `staff:${clinician.login}`)
        .execute()
    ).length;
  const before = await count("patient.revealed");
  await ask(stage.web, `GET /patients/${stage.ids["patient"]}`, { headers: clinician.headers });
  expect(await count("patient.revealed")).toBe(before + 1);
});

test("both factors must have been given lately for an export", async () => {
  const early = await signInAs(stage.web, { role: "clinician", now: Date.parse("2020-01-01T00:00:00Z") as never });
  expect((await ask(stage.web, `POST /patients/${stage.ids["patient"]}/export`, { headers: early.headers })).status).toBe(401);
  await stage.web.db.updateTable("staffSessions").set({ confirmedAt: "2020-01-01T00:00:00Z" }).execute();
  const answer = await ask(stage.web, `POST /patients/${stage.ids["patient"]}/export`, { headers: clinician.headers });
  expect(answer).toMatchObject({ status: 403, body: { detail: "confirm-again" } });
});
