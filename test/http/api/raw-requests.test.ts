import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startHttp } from "../../../src/http/start-http.ts";
import { startWeb, type Web } from "../support/aspen-ridge-web.ts";
import { keyOf } from "../support/sign-in.ts";
import { setStage, type Stage } from "./support.ts";

/** Short, so that nobody waits for who never ends; only where nothing but its end is waited for, because a slow machine is no faster than any limit. */
const IMPATIENT = { requestMs: 600, headersMs: 300, checkMs: 50 };

let stage: Stage;
let web: Web;
let authorization: string;
type Server = Awaited<ReturnType<typeof startHttp>>;
let impatient: Server;
let patient: Server;

beforeAll(async () => {
  web = await startWeb();
  stage = await setStage(web);
  const deps = { ...web, config: { ...web.config, PORT: 0 } };
  const api = { callsAMinute: 1_000_000 };
  [impatient, patient] = [await startHttp(deps, { patience: IMPATIENT, api }), await startHttp(deps, { api })];
  ({ authorization } = await keyOf(web, { scopes: ["patients.hold", "plans.read"] }));
});
afterAll(() => Promise.all([impatient, patient].map((server) => server.close())));

function reach(server: Server): Socket {
  const { port, hostname } = new URL(server.url);
  return connect(Number(port), hostname);
}

type Raw = { readonly status: number; readonly type: string; readonly body: string };

/** What is answered until the other side ends the connection; the test fails by its time limit if it never does. */
async function send(write: (socket: Socket) => void, server = patient): Promise<Raw> {
  const socket = reach(server);
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  // A reset after the answer is an end too.
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  write(socket);
  await ended;
  const [head = "", ...rest] = Buffer.concat(parts).toString().split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    type: /content-type: ([^\r\n;]*)/i.exec(head)?.[1] ?? "",
    body: rest.join("\r\n\r\n"),
  };
}

const headers = (...more: string[]) =>
  [
    `POST /api/v1/patients/${stage.ids["patient"]}/hold HTTP/1.1`,
    `host: ${new URL(patient.url).host}`,
    `authorization: ${authorization}`,
    ...more,
    "",
    "",
  ].join("\r\n");
const JSON_TYPE = "content-type: application/json";

function expectProblem({ type, body }: Raw, status: number): void {
  expect(type).toBe("application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ type: "about:blank", status });
}

describe("who does not finish is answered and let go", () => {
  test("a body of which one byte comes", async () => {
    const answer = await send((socket) => socket.write(`${headers(JSON_TYPE, "content-length: 1000")}{`), impatient);
    expect(answer.status).toBe(408);
    expectProblem(answer, 408);
  });

  test("a body that comes byte by byte, for ever", async () => {
    const answer = await send((socket) => {
      socket.write(headers(JSON_TYPE, "content-length: 50000"));
      const drip = setInterval(() => (socket.writable ? socket.write(" ") : clearInterval(drip)), 20);
      socket.once("close", () => clearInterval(drip));
    }, impatient);
    expect(answer.status).toBe(408);
    expectProblem(answer, 408);
  });

  test("chunks of which the last never comes", async () => {
    const answer = await send((socket) => socket.write(`${headers(JSON_TYPE, "transfer-encoding: chunked")}1\r\n{\r\n`), impatient);
    expect(answer.status).toBe(408);
    expectProblem(answer, 408);
  });

  test("headers that never end", async () => {
    const answer = await send((socket) => socket.write("GET /api/v1/clinics HTTP/1.1\r\nhost: x\r\n"), impatient);
    expect(answer.status).toBe(408);
    expectProblem(answer, 408);
  });

  test("somebody without a key, who would have sent a body, hears so at once and holds nothing", async () => {
    const answer = await send((socket) =>
      socket.write(`POST /api/v1/patients/x/hold HTTP/1.1\r\nhost: x\r\n${JSON_TYPE}\r\ncontent-length: 50000\r\n\r\n{`),
    );
    expect(answer.status).toBe(401);
    expectProblem(answer, 401);
  });

  test("somebody who waits to be told to go on, and then does not", async () => {
    const answer = await send((socket) => socket.write(headers(JSON_TYPE, "content-length: 10", "expect: 100-continue")), impatient);
    expect(`HTTP/1.1 ${answer.status}\n${answer.body}`).toContain("HTTP/1.1 408");
  });

  test("somebody who leaves in the middle is no fault of ours in the log", async () => {
    const before = web.logged.filter((line) => line.includes("http.failed")).length;
    const gone = reach(impatient);
    await new Promise<void>((resolve) => gone.write(`${headers(JSON_TYPE, "content-length: 1000")}{`, () => resolve()));
    gone.destroy();
    await send((socket) => socket.write(`${headers(JSON_TYPE, "content-length: 1000")}{`), impatient);
    expect(web.logged.filter((line) => line.includes("http.failed")).length).toBe(before);
  });
});

describe("what is too large is not waited for", () => {
  test("a body that is announced as too large", async () => {
    const answer = await send((socket) => socket.write(headers(JSON_TYPE, "content-length: 10000000")));
    expect(answer.status).toBe(413);
    expectProblem(answer, 413);
  });

  test("chunks that go on beyond the limit", async () => {
    const answer = await send((socket) => {
      socket.write(headers(JSON_TYPE, "transfer-encoding: chunked"));
      for (let index = 0; index < 20; index++) socket.write(`2000\r\n${" ".repeat(0x2000)}\r\n`);
    });
    expect(answer.status).toBe(413);
    expectProblem(answer, 413);
  });

  test("headers of twenty kilobytes", async () => {
    const answer = await send((socket) => socket.write(headers(`x-long: ${"x".repeat(20_000)}`)));
    expect(answer.status).toBe(431);
    expectProblem(answer, 431);
  });
});

describe("what is no HTTP is refused", () => {
  test.each([
    ["two lengths", () => `${headers(JSON_TYPE, "content-length: 2", "content-length: 3")}{}`],
    ["a length and chunks", () => `${headers(JSON_TYPE, "content-length: 2", "transfer-encoding: chunked")}0\r\n\r\n`],
    ["a size of a chunk that is no number", () => `${headers(JSON_TYPE, "transfer-encoding: chunked")}zz\r\n{}\r\n0\r\n\r\n`],
    ["a NUL in a header", () => headers("x-y: a\u0000b")],
    ["a NUL in the address", () => `GET /api/v1/clinics/\u0000 HTTP/1.1\r\nhost: x\r\n\r\n`],
    ["a word that is no method", () => "NONSENSE\r\n\r\n"],
  ])("%s", async (_name, text) => {
    const answer = await send((socket) => socket.write(text()));
    expect(answer.status).toBe(400);
    expectProblem(answer, 400);
  });
});

describe("a body that cannot be read is refused, and the connection lives or ends, but is not held", () => {
  const post = (type: string, body: Buffer | string) =>
    send((socket) => {
      const bytes = Buffer.from(body);
      socket.write(headers("connection: close", `content-type: ${type}`, `content-length: ${bytes.length}`));
      socket.write(bytes);
    });
  test.each([
    ["no UTF-8", "application/json", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ["half a character of UTF-8", "application/json", Buffer.from([0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ["ten thousand levels of objects", "application/json", '{"a":'.repeat(10_000), 400],
    ["ten thousand levels of lists", "application/json", "[".repeat(10_000), 400],
    ["ten thousand levels within a text", "application/json", `{"code":"${"[".repeat(10_000)}"}`, 422],
    ["a NUL", "application/json", '{"code":"other","reason":"a\\u0000b"}', 422],
    ["a bare NUL", "application/json", '{"code":"other","reason":"a\u0000b"}', 400],
    ["a lone surrogate", "application/json", '{"code":"other","reason":"a\\ud800b"}', 422],
    ["a sixty-thousand-character key", "application/json", `{"${"k".repeat(60_000)}":1}`, 422],
    ["ten thousand keys", "application/json", `{${Array.from({ length: 5_000 }, (_, index) => `"k${index}":1`).join(",")}}`, 422],
    ["JSON with its type left out of the list", "text/plain", "{}", 415],
    ["a form", "multipart/form-data; boundary=x", "--x--", 415],
    ["a type of a megabyte of nonsense", `application/json;${"a".repeat(4_000)}`, "{}", 422],
    ["a type that is none", "\u00ff/\u00ff", "{}", 415],
  ])("%s", async (_name, type, body, status) => {
    const answer = await post(type, body);
    expect(answer.status).toBe(status);
    expectProblem(answer, status);
  });
});
