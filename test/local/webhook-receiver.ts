import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listenOnLoopback } from "../../src/local/loopback-port.ts";

/** One form that was posted here. */
export type ReceivedForm = { readonly path: string; readonly params: Record<string, string>; readonly signature: string };

/** A web server that takes forms; `answerWith` is asked what to say to each, and may take its time. */
export async function startWebhookReceiver(answerWith: (form: ReceivedForm) => number | Promise<number> = () => 204) {
  const forms: ReceivedForm[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const params = Object.fromEntries(new URLSearchParams(await text(request)));
    const form = { path: request.url ?? "", params, signature: String(request.headers["x-twilio-signature"]) };
    forms.push(form);
    response.writeHead(await answerWith(form)).end("heard");
  }

  const server = createServer((request, response) => void take(request, response));
  const url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  return {
    url,
    forms,
    statuses: () => forms.map(({ params }) => params.MessageStatus),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
