import { connect } from "node:net";
import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { startHttp } from "../../src/http/start-http.ts";
import { enqueueExample, openClinic, pathOf, startWeb, type Web } from "./support/aspen-ridge-web.ts";

let web: Web;
let path: string;
beforeAll(async () => {
  web = await startWeb({ changes: { PUBLIC_BASE_URL: "http://clinic.example.org/afterglow/" } });
  await openClinic(web, ["iv-ketamine"]);
  const { seriesId } = await enqueueExample(web, "ana-iv");
  // Read without cookies: the address in front of the server has a folder that it does not have itself.
  path = `${await pathOf(web, seriesId)}/read`;
});

test("a fault of ours shows a reference, which finds it in the log, and nothing else", async () => {
  await sql`alter table links rename to gone`.execute(web.db);
  const answer = await fetch(web.url + path);
  await sql`alter table gone rename to links`.execute(web.db);
  const page = await answer.text();
  expect(answer.status).toBe(500);
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page).toContain("Something went wrong");
  expect(page).not.toMatch(/links|relation|at .*\.ts|Error/);
  const [, reference = ""] = /Reference: ([0-9a-f-]{36})/.exec(page) ?? [];
  const line = web.logged.find((each) => each.includes("http.failed"));
  expect(line).toContain(reference);
  expect(line).toContain('"errorCode":"42P01"');
  expect(line).not.toContain(path.slice(3, -5));
  expect((await fetch(web.url + path)).status).toBe(200);
});

test("without TLS at the public address no browser is told to insist on it, and a folder in it stands before the stylesheet", async () => {
  const answer = await fetch(web.url + path);
  expect(answer.headers.has("strict-transport-security")).toBe(false);
  expect(await answer.text()).toMatch(/href="\/afterglow\/assets\/page\.[0-9a-f]{16}\.css"/);
});

test("a request that is no HTTP is answered 400 and tells nothing", async () => {
  const { hostname, port } = new URL(web.url);
  const socket = connect(Number(port), hostname);
  const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
  socket.write("NONSENSE\r\n\r\n");
  expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
});

test("close lets what is under way end and frees the port", async () => {
  const server = await startHttp({ ...web, config: { ...web.config, PORT: 0 } });
  const client = await web.pool.connect();
  await client.query("begin; lock table links in access exclusive mode");
  const answer = fetch(server.url + path);
  await expect
    .poll(async () => (await web.pool.query("select 1 from pg_locks where not granted and relation = 'links'::regclass")).rowCount)
    .toBe(1);
  const closing = server.close();
  await client.query("rollback");
  client.release();
  expect((await answer).status).toBe(200);
  await closing;
  await expect(fetch(server.url + path)).rejects.toThrow();
});

test("a port that is taken is said at once", async () => {
  const taken = Number(new URL(web.url).port);
  await expect(startHttp({ ...web, config: { ...web.config, PORT: taken } })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
