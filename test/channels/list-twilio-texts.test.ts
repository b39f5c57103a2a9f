import { describe, expect, test } from "vitest";
import type { TwilioEnd } from "../../src/channels/classify-twilio.ts";
import { listTwilioTexts } from "../../src/channels/list-twilio-texts.ts";
import { createSmsChannel } from "../../src/channels/sms.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import { type LocalTwilioApi, startTwilioApi } from "../../src/local/twilio-api.ts";
import { ANA, toPerson } from "./support/cast.ts";

const ACCOUNT = { accountSid: `AC${"0".repeat(32)}`, authToken: "token" };
const BEGIN = Date.UTC(2027, 0, 11, 16);
const PATH = "/2010-04-01/Accounts/AC/Messages.json";

async function withTexts<Result>(
  count: number,
  use: (api: LocalTwilioApi, list: ReturnType<typeof listTwilioTexts>) => Promise<Result>,
  options: { timeouts?: { lookUpMs: number } } = {},
): Promise<Result> {
  let now = BEGIN;
  const api = await startTwilioApi({ ...ACCOUNT, now: () => new Date(now) });
  const channel = createSmsChannel({
    ...ACCOUNT,
    apiBaseUrl: api.url,
    connections: 2,
    statusCallbackUrl: () => "http://127.0.0.1:9/",
    ...options,
  });
  try {
    for (let sent = 0; sent < count; sent++) {
      await channel.send(toPerson(ANA), { body: `text ${sent}` });
      now += MINUTE;
    }
    return await use(api, channel.listTexts);
  } finally {
    await channel.close();
    await api.stop();
  }
}

const span = (fromMinute: number, toMinute: number) => ({
  from: instant(BEGIN + fromMinute * MINUTE),
  until: instant(BEGIN + toMinute * MINUTE),
});

describe("what the provider has for a number", () => {
  test("is listed for the span that is asked about, its ends included, with what became of it", async () => {
    await withTexts(4, async (_api, list) => {
      const texts = await list({ to: ANA, ...span(1, 2) });
      expect(texts?.map(({ body, status, errorCode }) => ({ body, status, errorCode }))).toEqual([
        { body: "text 2", status: "delivered", errorCode: null },
        { body: "text 1", status: "delivered", errorCode: null },
      ]);
      expect(texts?.map(({ createdAt }) => createdAt)).toEqual([instant(BEGIN + 2 * MINUTE), instant(BEGIN + MINUTE)]);
    });
  });

  test("is nothing for another number", async () => {
    await withTexts(1, async (_api, list) => expect(await list({ to: "+14155550199", ...span(-5, 5) })).toEqual([]));
  });

  test("is looked through page by page, until the pages are older than the span", async () => {
    await withTexts(120, async (_api, list) => {
      expect((await list({ to: ANA, ...span(9, 10) }))?.map(({ body }) => body)).toEqual(["text 10", "text 9"]);
      expect((await list({ to: ANA, ...span(-5, 500) }))?.length).toBe(120);
    });
  });

  test("cannot be told when there are more pages than anybody would look through", async () => {
    await withTexts(260, async (_api, list) => expect(await list({ to: ANA, ...span(-5, 1) })).toBeUndefined());
  });

  test.each([
    ["does not answer", { does: "stall", when: "before-accepting", on: "lookup" }],
    ["breaks off", { does: "drop", when: "before-accepting", on: "lookup" }],
    ["fails", { does: "fail", when: "before-accepting", on: "lookup" }],
    ["turns us away", { does: "throttle", retryAfterSeconds: 5, on: "lookup" }],
  ] as const)("cannot be told when it %s", async (_, fault) => {
    await withTexts(
      1,
      async (api, list) => {
        api.setFaults([fault]);
        expect(await list({ to: ANA, ...span(-5, 5) })).toBeUndefined();
      },
      { timeouts: { lookUpMs: 300 } },
    );
  });
});

describe("an answer", () => {
  const answered = (body: unknown): TwilioEnd => ({
    kind: "answered",
    status: 200,
    retryAfter: null,
    body: typeof body === "string" ? body : JSON.stringify(body),
    now: 0,
  });
  const text = (changes: object = {}) => ({
    sid: "SM1",
    body: "hello",
    status: "sent",
    error_code: null,
    date_created: "Mon, 11 Jan 2027 16:00:00 +0000",
    direction: "outbound-api",
    ...changes,
  });
  const listed = (...bodies: unknown[]) => {
    const asked: string[] = [];
    const get = async (page: string) => {
      asked.push(page);
      return answered(bodies[asked.length - 1] ?? "");
    };
    return { asked, texts: listTwilioTexts({ path: PATH, get })({ to: ANA, ...span(-5, 5) }) };
  };

  test.each(["", "<html>", "[]", '{"messages":[{}],"next_page_uri":null}'])("that cannot be read tells nothing: %j", async (body) => {
    expect(await listed(body).texts).toBeUndefined();
  });

  test("that points elsewhere for more is not followed there", async () => {
    const { asked, texts } = listed({
      messages: [text()],
      next_page_uri: "https://evil.example/2010-04-01/Accounts/AC/Messages.json?Page=1",
    });
    expect(await texts).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  test("leaves out what patients wrote, says of words that are gone that they are, and reads past what a trial account puts before them", async () => {
    const messages = [
      text({ direction: "inbound" }),
      text({ sid: "SM2", body: "" }),
      text({ sid: "SM3", body: "Sent from your Twilio trial account - hello", error_code: 30003 }),
    ];
    expect(await listed({ messages, next_page_uri: null }).texts).toMatchObject([
      { sid: "SM2", body: null, errorCode: null },
      { sid: "SM3", body: "hello", errorCode: "30003" },
    ]);
  });
});
