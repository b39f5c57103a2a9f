/** Another system on a port of its own, which keeps what it is told and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { afterAll } from "vitest";

export type Heard = { readonly headers: IncomingHttpHeaders; readonly body: string };
export type WebhookReceiver = {
  readonly url: string;
  readonly host: string;
  readonly heard: Heard[];
  /** How it answers from now on: with a status, or as it is told. */
  answerWith(answer: number | ((response: ServerResponse) => void)): void;
};

export async function openReceiver(): Promise<WebhookReceiver> {
  const heard: Heard[] = [];
  let answer: number | ((response: ServerResponse) => void) = 204;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => void (body += part));
    request.on("end", () => {
      heard.push({ headers: request.headers, body });
      if (typeof answer === "function") answer(response);
      else response.writeHead(answer).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${address.port}`;
  return { url: `http://${host}/in`, host, heard, answerWith: (how) => void (answer = how) };
}

/** As a receiver checks it, from the documentation alone: whether one of the signatures is of these bytes with this secret. */
export function isSigned({ headers, body }: Heard, secret: string): boolean {
  const parts = String(headers["afterglow-signature"]).split(",");
  const time = parts.find((part) => part.startsWith("t="))?.slice(2) ?? "";
  const expected = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return parts.includes(`v1=${expected}`);
}
