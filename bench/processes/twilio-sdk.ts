/** R5: Twilio's own SDK with undici instead of axios under it, 20 requests at once. */
import { Pool } from "undici";
import twilio from "twilio";
import responses from "twilio/lib/http/response.js";
import { z } from "zod";
import { moment, serve } from "./serve.ts";

const startInput = z.object({ url: z.string(), accountSid: z.string(), authToken: z.string(), connections: z.number() });
const textsInput = z.object({ texts: z.number() });

type RequestOptions = Parameters<InstanceType<typeof twilio.RequestClient>["request"]>[0];

/** What the SDK needs of a client, over one pool. */
class UndiciClient extends twilio.RequestClient {
  readonly #pool: Pool;
  constructor(pool: Pool) {
    super();
    this.#pool = pool;
  }
  override async request(options: RequestOptions) {
    const { method, uri, username = "", password = "", data, headers } = options;
    const { pathname, search } = new URL(uri);
    const body = new URLSearchParams(Object.entries(z.record(z.string(), z.coerce.string()).parse(data ?? {}))).toString();
    const answer = await this.#pool.request({
      path: pathname + search,
      method: z.enum(["GET", "POST"]).parse(method.toUpperCase()),
      headers: {
        ...z.record(z.string(), z.string()).parse(headers ?? {}),
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body,
    });
    return new responses.default(answer.statusCode, JSON.parse(await answer.body.text()), answer.headers);
  }
}

let client: ReturnType<typeof twilio> | undefined;
let atOnce = 1;

serve({
  start: (input) => {
    const { url, accountSid, authToken, connections } = startInput.parse(input);
    const pool = new Pool(url, { connections, pipelining: 1 });
    client = twilio(accountSid, authToken, { httpClient: new UndiciClient(pool) });
    client.api.baseUrl = url;
    atOnce = connections;
    return Promise.resolve({});
  },
  send: async (input) => {
    const { texts } = textsInput.parse(input);
    const via = client;
    if (!via) throw new Error("Not started");
    let left = texts;
    const startedAt = moment();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0)
          await via.messages.create({
            to: "+13035550111",
            from: "+13035550101",
            body: "Aspen Ridge Clinic: your visit is Mon, Jan 11 at 9:00 AM. Details: https://clinic.example.org/v/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6",
            statusCallback: "https://clinic.example.org/webhooks/twilio/status/0198f1d2-7a6e-7000-8000-000000000000",
            validityPeriod: 14_400,
          });
      }),
    );
    return { ms: moment() - startedAt };
  },
});
