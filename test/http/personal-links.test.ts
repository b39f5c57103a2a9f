import { sql } from "kysely";
import { request } from "undici";
import { beforeAll, describe, expect, test } from "vitest";
import { checksum } from "./support/checksum.ts";
import { type Enqueued, enqueueExample, openClinic, pathOf, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { makeReader, type Reader } from "./support/reader.ts";

let web: Web;
let reader: Reader;
let ana: Enqueued;
let dee: Enqueued;

beforeAll(async () => {
  web = await startWeb({ pageRate: { burst: 1_000, perSecond: 1, addresses: 10 } });
  reader = makeReader(web);
  await openClinic(web, ["iv-ketamine", "kap-lozenge"]);
  ana = await enqueueExample(web, "ana-iv");
  dee = await enqueueExample(web, "dee-kap");
});

describe("a link that does not hold", () => {
  const missing = `/v/${"A".repeat(43)}`;
  const headersOf = (answer: Response) => [...answer.headers].filter(([name]) => name !== "date");
  async function look(path: string) {
    const answer = await fetch(web.url + path);
    return { status: answer.status, headers: headersOf(answer), body: await answer.text() };
  }

  test("looks the same whether it is unknown, revoked, expired, cut off or malformed", async () => {
    const path = await pathOf(web, await reader.sessionOf(ana, 2));
    const unknown = await look(missing);
    expect(unknown.status).toBe(404);
    expect(unknown.body).toContain("call your clinic");
    expect(unknown.body).toContain("llame a su clínica");
    await web.db
      .updateTable("links")
      .set({ revokedAt: sql`now()` })
      .where("subjectId", "=", await reader.sessionOf(ana, 2))
      .execute();
    expect(await look(path)).toEqual(unknown);
    await web.db
      .updateTable("links")
      .set({ revokedAt: null })
      .where("subjectId", "=", await reader.sessionOf(ana, 2))
      .execute();
    expect(await reader.atMoment("2027-03-01T00:00:00Z", () => look(path))).toEqual(unknown);
    for (const bad of [
      path.slice(0, -1),
      `${path}.`,
      `${path}/`,
      `/v/${"ä".repeat(43)}`,
      "/v/%zz",
      "/v/",
      `/v/${"A".repeat(400)}`,
      `${path}%00`,
    ])
      expect(await look(bad)).toEqual(unknown);
    expect((await look(path)).status).toBe(200);
  });

  test("ends on clinic time, to the millisecond", async () => {
    const id = await reader.sessionOf(ana, 6);
    const path = await pathOf(web, id);
    const { expiresAt } = await web.db
      .selectFrom("links")
      .select("expiresAt")
      .where("subjectId", "=", id)
      .where("recipient", "=", "patient")
      .executeTakeFirstOrThrow();
    const statusAt = (moment: number) => reader.atMoment(new Date(moment).toISOString(), async () => (await look(path)).status);
    expect(await statusAt(expiresAt - 1)).toBe(200);
    expect(await statusAt(expiresAt)).toBe(404);
  });

  test("ends with a series that was undone", async () => {
    const path = await pathOf(web, dee.seriesId);
    await web.db.updateTable("series").set({ status: "void" }).where("id", "=", dee.seriesId).execute();
    expect(await look(path)).toEqual(await look(missing));
    await web.db.updateTable("series").set({ status: "active" }).where("id", "=", dee.seriesId).execute();
  });

  test("of another kind does not open the page of a visit", async () => {
    const id = await reader.sessionOf(ana, 4);
    const path = await pathOf(web, id);
    await web.db.updateTable("links").set({ kind: "survey" }).where("subjectId", "=", id).where("kind", "=", "session").execute();
    expect((await look(path)).body).toContain("Please open the link again");
    await web.db.updateTable("links").set({ kind: "session" }).where("subjectId", "=", id).where("kind", "=", "survey").execute();
  });
});

test("opening a page a hundred times, by GET and by HEAD, changes no row anywhere", async () => {
  const path = await pathOf(web, await reader.sessionOf(ana, 1));
  const before = await checksum(web.db);
  for (let round = 0; round < 100; round++) {
    const answer = await fetch(web.url + path, { method: round % 2 ? "HEAD" : "GET" });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
  expect(await checksum(web.db)).toEqual(before);
  await web.db
    .updateTable("links")
    .set({ generation: 7 })
    .where("subjectId", "=", await reader.sessionOf(ana, 5))
    .execute();
  expect(await checksum(web.db)).not.toEqual(before);
});

describe("every answer", () => {
  const STRICT = {
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "strict-transport-security": "max-age=15552000",
  };

  test.each(["page", "/v/nothing", "/v/%zz", "/", "/healthz", "/readyz"])("of %s carries the strict headers", async (where) => {
    const path = where === "page" ? await pathOf(web, ana.seriesId) : where;
    const { headers } = await fetch(web.url + path);
    expect(Object.fromEntries(headers)).toMatchObject(STRICT);
  });

  test("loads one stylesheet of our own, which browsers may keep for good, and nothing else", async () => {
    const page = await reader.open(ana.seriesId);
    const [, href = ""] = /<link rel="stylesheet" href="([^"]+)">/.exec(page) ?? [];
    expect(page).not.toMatch(/<script|style=|src=|@import|url\(|\son\w+=/);
    const answer = await fetch(web.url + href);
    expect(answer.headers.get("content-type")).toBe("text/css; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(Buffer.byteLength(page) + (await answer.arrayBuffer()).byteLength).toBeLessThan(50_000);
    expect((await fetch(`${web.url}/assets/page.0000000000000000.css`)).status).toBe(404);
  });

  test("to the Host of somebody else is the same page", async () => {
    const path = await pathOf(web, ana.seriesId);
    const answer = await request(`${web.url}${path}/read`, { headers: { host: "evil.example" } });
    expect(await answer.body.text()).toBe(await (await fetch(`${web.url}${path}/read`)).text());
    const first = await request(web.url + path, { headers: { host: "evil.example" } });
    expect(first.headers["location"]).toBe(`${path}/read`);
  });
});

test("the log holds the route's pattern and never the link", async () => {
  const path = await pathOf(web, ana.seriesId);
  await (await fetch(web.url + path)).arrayBuffer();
  await expect.poll(() => web.logged.at(-1)).toContain('"route":"/v/:token/read"');
  expect(web.logged.join("")).not.toContain(path.slice(3));
});

test("only a token of the right shape is looked up", async () => {
  let asked = 0;
  web.pool.on("acquire", () => (asked += 1));
  const askedFor = async (tokens: readonly string[]) => {
    const before = asked;
    for (const token of tokens) await (await fetch(`${web.url}/v/${token}`)).arrayBuffer();
    return asked - before;
  };
  const misshapen = ["x", "A".repeat(42), "A".repeat(44), `${"A".repeat(42)}=`, `${"A".repeat(42)}.`];
  // Another part of the process may ask the database at that very moment, once; five look-ups would be seen each time.
  await expect.poll(() => askedFor(misshapen)).toBe(0);
  expect(await askedFor(["A".repeat(43)])).toBeGreaterThan(0);
});
