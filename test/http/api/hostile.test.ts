import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { machineNow, newId } from "../../../src/clock.ts";
import { insertApiKey, toKeyText } from "../../../src/db/api-keys.ts";
import { transact } from "../../../src/db/transact.ts";
import { instant } from "../../../src/domain/calendar.ts";
import { toPublicId } from "../../../src/domain/ids.ts";
import type { Operation } from "../../../src/http/api/operation.ts";
import { OPERATIONS } from "../../../src/http/api/operations.ts";
import { startWeb } from "../support/aspen-ridge-web.ts";
import { type SignedIn, signInAs } from "../support/sign-in.ts";
import { ask, pathWith, setStage, signInEverywhere, type Stage } from "./support.ts";

let stage: Stage;
let everywhere: SignedIn;
let clinician: SignedIn;

beforeAll(async () => {
  stage = await setStage(
    await startWeb({ api: { callsAMinute: 1_000_000, signInRate: { burst: 100_000, perSecond: 100_000, addresses: 10 } } }),
  );
  everywhere = await signInEverywhere(stage);
  clinician = await signInAs(stage.web, { role: "clinician" });
});

/** What nobody sends by mistake, and what somebody does. */
const HOSTILE: readonly unknown[] = [
  "",
  " ",
  "x",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\u202eabc",
  "😀".repeat(50),
  "x".repeat(20_000),
  "'; drop table patients; --",
  "{{ patient.name }}",
  "../../etc/passwd",
  "0000-01-01T00:00:00Z",
  "0001-01-01T00:00",
  "9999-12-31T23:59:59-12:00",
  "9999-12-31T23:59",
  "2027-02-30T09:00:00Z",
  "2027-02-30",
  "0000-00-00",
  "9999-12-31",
  "0000-01-01",
  "00000000-0000-0000-0000-000000000000",
  "infinity",
  "P99999999Y",
  0,
  -1,
  1.5,
  1e308,
  2_147_483_648,
  9_007_199_254_740_991,
  true,
  null,
  [],
  [[]],
  {},
  { a: 1 },
];

type Json = { readonly [key: string]: unknown };
const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** A body or query that a schema might let through. */
function exampleOf(schema: unknown): unknown {
  if (!isJson(schema)) return "x";
  if ("example" in schema) return schema["example"];
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  for (const union of ["anyOf", "oneOf"]) if (Array.isArray(schema[union])) return exampleOf(schema[union][0]);
  if (isJson(schema["properties"]))
    return Object.fromEntries(Object.entries(schema["properties"]).map(([key, value]) => [key, exampleOf(value)]));
  if (schema["type"] === "array") return [exampleOf(schema["items"])];
  if (schema["type"] === "integer" || schema["type"] === "number") return 1;
  return schema["type"] === "boolean" ? true : "2027-03-01T09:00";
}

function propertiesOf(schema: z.ZodType): string[] {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const shapes = [json, ...(json.anyOf ?? [])];
  return [...new Set(shapes.flatMap((shape) => (isJson(shape) && isJson(shape["properties"]) ? Object.keys(shape["properties"]) : [])))];
}

/** Permissions of administrators. */
const OF_ALL = /^(staff|keys|audit|ledger|ops|webhooks|system|clinic\.change|privacy)/;
/** Signing out would end it all. */
const SPARED = new Set(["auth.sign-out"]);

async function attack(operation: Operation, who: SignedIn): Promise<unknown[]> {
  const wrong: unknown[] = [];
  const { id, method, path, body, query } = operation;
  const place = pathWith(path, stage.ids);
  const tryOne = async (line: string, sent: unknown, what: unknown) => {
    const answer = await ask(stage.web, line, { headers: who.headers, ...(sent === undefined ? {} : { body: sent }) });
    if (
      answer.status >= 500 ||
      (answer.status >= 400 && !(answer.headers.get("content-type") ?? "").startsWith("application/problem+json"))
    )
      wrong.push({ id, what, status: answer.status });
  };
  for (const key of propertiesOf(query))
    for (const value of HOSTILE) {
      if (method !== "GET") continue;
      await tryOne(`${method} ${place}?${key}=${encodeURIComponent(wellFormed(String(value)))}`, undefined, { key, value });
    }
  if (body === null) return wrong;
  const example = exampleOf(z.toJSONSchema(body, { io: "input", unrepresentable: "any" }));
  for (const value of HOSTILE) if (typeof value !== "string") await tryOne(`${method} ${place}`, JSON.stringify(value), { body: value });
  for (const key of propertiesOf(body))
    for (const value of HOSTILE) {
      const dryRun = operation.dryRun ? "?dryRun=true" : "";
      const sent = JSON.stringify({ ...(isJson(example) ? example : {}), [key]: value });
      await tryOne(`${method} ${place}${dryRun}`, sent, { key, value });
    }
  return wrong;
}

const wellFormed = (text: string) => text.slice(0, 2_000).toWellFormed();

describe("nothing that anybody sends is answered with a fault of ours", () => {
  const ids = OPERATIONS.map(({ id }) => id).filter((id) => !SPARED.has(id));
  test.each(ids)("%s", async (id) => {
    const operation = OPERATIONS.find((each) => each.id === id) ?? expect.unreachable();
    const { access } = operation;
    const isOfAll = access.to === "permitted" && OF_ALL.test(access.permission);
    expect(await attack(operation, isOfAll ? everywhere : clinician)).toEqual([]);
  });
});

describe("the key of a page", () => {
  const key = (parts: unknown) =>
    encodeURIComponent(Buffer.from(typeof parts === "string" ? parts : JSON.stringify(parts)).toString("base64url"));
  const ID = "0197c3a4-5a1e-7c00-8f00-0123456789ab";
  const AT = "2027-01-11T16:00:00.000Z";
  const LISTS = OPERATIONS.filter(({ method, query }) => method === "GET" && propertiesOf(query).includes("after"));

  test("that was tampered with is refused by every list, whatever it holds", async () => {
    expect(LISTS.length).toBeGreaterThan(10);
    const wrong: unknown[] = [];
    for (const { id, path, access } of LISTS) {
      const isAdmins = access.to === "permitted" && access.permission.startsWith("audit");
      for (const parts of [
        "x",
        {},
        [AT],
        [AT, ID, ID],
        ["x", "y"],
        ["", ""],
        [AT, "x"],
        ["x", ID],
        [null, ID],
        ["2027-02-30T16:00:00.000Z", ID],
        ["0000-01-01T00:00:00.000Z'", ID],
        ["infinity", ID],
        ["2027-01-11 16:00:00+00", ID],
        ["", "99999999999999999999"],
        ["", "-1"],
        ["\u0000", "\u0000"],
      ]) {
        const answer = await ask(stage.web, `GET ${pathWith(path, stage.ids)}?after=${key(parts)}`, {
          headers: (isAdmins ? everywhere : clinician).headers,
        });
        if (answer.status !== 422) wrong.push({ id, parts, status: answer.status });
      }
    }
    expect(wrong).toEqual([]);
  });

  test("of another clinic's list shows nothing of that clinic", async () => {
    const other = await signInAs(stage.web, { clinic: "bell-harbor", role: "clinician" });
    const page = await ask(stage.web, `GET /clinics/bell-harbor/tasks?after=${key([AT, ID])}`, { headers: other.headers });
    expect(page.body).toEqual({ entries: [], next: null });
  });
});

describe("a key of a program", () => {
  async function keyUntil(milliseconds: number): Promise<string> {
    const [id, secret, now] = [newId<"api-key">(), "s".repeat(43), machineNow()];
    const key = {
      id,
      clinicId: stage.clinicId,
      name: `until-${milliseconds}`,
      secret,
      scopes: ["plans.read"],
      actor: "test",
      expiresAt: instant(now + milliseconds),
    } as const;
    await transact(stage.web.db, (tx) => insertApiKey(tx, key, now));
    return `Bearer ${toKeyText(id, secret)}`;
  }
  const list = (authorization: string) => ask(stage.web, "GET /clinics/aspen-ridge/series", { headers: { authorization } });

  test("opens until it expires, and not a moment longer", async () => {
    expect((await list(await keyUntil(60_000))).status).toBe(200);
    expect((await list(await keyUntil(-1))).status).toBe(401);
  });

  test("that was revoked opens nothing, at once", async () => {
    const authorization = await keyUntil(120_000);
    expect((await list(authorization)).status).toBe(200);
    await stage.web.db.updateTable("apiKeys").set({ revokedAt: "2020-01-01T00:00:00Z" }).where("name", "=", "until-120000").execute();
    expect((await list(authorization)).status).toBe(401);
  });

  test("changes nothing by a cookie that comes with it", async () => {
    const nurse = await signInAs(stage.web, { role: "nurse" });
    const headers = { ...nurse.headers, authorization: await keyUntil(180_000) };
    expect(
      (await ask(stage.web, `POST /patients/${stage.ids["patient"]}/hold`, { headers, body: { code: "other", reason: "x" } })).status,
    ).toBe(403);
  });
});

describe("what belongs to another clinic", () => {
  test("is not reached through the body of a request about one's own", async () => {
    const other = await signInAs(stage.web, { clinic: "bell-harbor", role: "clinician" });
    const switching = await ask(stage.web, "POST /clinics/bell-harbor/switches/off", {
      headers: other.headers,
      body: { scope: "patient", subject: stage.ids["patient"], reason: "x" },
    });
    expect(switching).toMatchObject({ status: 422, body: { faults: [{ path: "subject" }] } });
    const audit = await ask(stage.web, `GET /clinics/bell-harbor/audit?subject=${stage.ids["patient"]}`, {
      headers: (await signInAs(stage.web, { clinic: "bell-harbor", role: "auditor" })).headers,
    });
    expect(audit.body).toMatchObject({ entries: [] });
    expect((await ask(stage.web, `GET /alerts/${toPublicId("alert", newId())}`, { headers: other.headers })).status).toBe(404);
  });
});

describe("If-Match", () => {
  const watch = (header: string) =>
    ask(stage.web, `POST /patients/${stage.ids["patient"]}/watch?dryRun=true`, { headers: { ...clinician.headers, "if-match": header } });

  test.each([
    ['"999999999"', 412],
    ['W/"999999999"', 412],
    ['"1", "2"', 422],
    ['"-1"', 422],
    ['"9999999999"', 422],
    ["", 422],
    ["*", 200],
  ])("%s is answered with %i", async (header, status) => expect((await watch(header)).status).toBe(status));
});
