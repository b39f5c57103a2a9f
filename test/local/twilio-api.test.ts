import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import twilio from "twilio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LocalTwilioApi } from "../../src/local/twilio-api.ts";
import { makeOpenFolder } from "./bare-checkout.ts";
import {
  accountSid,
  ana,
  authToken,
  ben,
  callApi,
  clinic,
  countListed,
  createMessage,
  readMessage,
  startApi,
  toAna,
} from "./twilio-account.ts";

let api: LocalTwilioApi;

beforeEach(async () => {
  api = await startApi();
});

afterEach(async () => {
  await api.stop();
});

describe("Twilio's own SDK", () => {
  function connect() {
    const client = twilio(accountSid, authToken);
    client.api.baseUrl = api.url;
    return client;
  }

  test("creates, fetches and lists messages", async () => {
    const client = connect();
    const made = await client.messages.create({ to: ana, from: clinic, body: "See you at nine.", validityPeriod: 3600 });
    expect(made).toMatchObject({
      status: "queued",
      to: ana,
      from: clinic,
      numSegments: "1",
      direction: "outbound-api",
      errorCode: null,
      accountSid,
    });
    expect(made.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(made.dateCreated).toBeInstanceOf(Date);
    expect((await client.messages(made.sid).fetch()).status).toBe("delivered");
    const listed = await client.messages.list({ to: ana, from: clinic, dateSentAfter: new Date(made.dateCreated.getTime() - 1000) });
    expect(listed.map(({ sid }) => sid)).toEqual([made.sid]);
  });

  test("walks through the pages of a long list, the newest message first", async () => {
    const client = connect();
    for (const body of ["one", "two", "three"]) await client.messages.create({ to: ana, from: clinic, body });
    const listed = await client.messages.list({ pageSize: 2 });
    expect(listed.map(({ body }) => body)).toEqual(["three", "two", "one"]);
  });

  test("raises the error of a refusal", async () => {
    const refused = connect().messages.create({ to: "12", from: clinic, body: "Hello" });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 21211, moreInfo: "https://www.twilio.com/docs/errors/21211" });
  });
});

describe("a request", () => {
  test.each<[string, Record<string, string>, number]>([
    ["no recipient", { To: "" }, 21604],
    ["a recipient that is not E.164", { To: "5551230001" }, 21211],
    ["no sender", { From: "" }, 21603],
    ["a sender that is none", { From: "+0" }, 21212],
    ["a service that is none", { MessagingServiceSid: "MG1" }, 21701],
    ["no text", { Body: "" }, 21602],
    ["1601 characters", { Body: "a".repeat(1601) }, 21617],
    ["a callback that is no address", { StatusCallback: "/status" }, 21609],
    ["no time to live", { ValidityPeriod: "0" }, 90007],
    ["more than ten hours to live", { ValidityPeriod: "36001" }, 90007],
    ["part of a second to live", { ValidityPeriod: "1.5" }, 90007],
    ["Twilio's invalid number", { To: "+15005550001" }, 21211],
    ["Twilio's unreachable number", { To: "+15005550002" }, 21612],
    ["Twilio's foreign number", { To: "+15005550003" }, 21408],
    ["Twilio's opted-out number", { To: "+15005550004" }, 21610],
    ["Twilio's landline", { To: "+15005550009" }, 21614],
    ["Twilio's invalid sender", { From: "+15005550001" }, 21212],
    ["Twilio's sender that cannot text", { From: "+15005550007" }, 21606],
    ["Twilio's sender with a full queue", { From: "+15005550008" }, 21611],
  ])("with %s is refused and not kept", async (_fault, part, code) => {
    const response = await createMessage(api, { ...toAna, ...part });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      code,
      status: 400,
      message: expect.any(String),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
    });
    expect(api.messages()).toEqual([]);
  });

  test.each([{ Body: "a".repeat(1600) }, { ValidityPeriod: "1" }, { ValidityPeriod: "36000" }])(
    "at the edge of what is allowed is taken: %o",
    async (part) => {
      expect((await createMessage(api, { ...toAna, ...part })).status).toBe(201);
    },
  );

  test("without the account's password is refused", async () => {
    const response = await createMessage(api, toAna, { headers: { authorization: `Basic ${btoa(`${accountSid}:guess`)}` } });
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ code: 20003 })]);
    expect(api.messages()).toEqual([]);
  });

  test.each(["/Messages/SM0.json", "/Calls.json", "/Messages.xml"])("for %s finds nothing", async (path) => {
    const response = await callApi(api, { path });
    expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ code: 20404 })]);
  });

  test("from a number that is not the account's is refused when the account's numbers are known", async () => {
    const strict = await startApi({ senders: [clinic] });
    expect(await (await createMessage(strict, { ...toAna, From: "+15550009999" })).json()).toMatchObject({ code: 21606 });
    expect((await createMessage(strict, toAna)).status).toBe(201);
    await strict.stop();
  });

  test("through a Messaging Service learns its sender only later", async () => {
    const service = `MG${"7".repeat(32)}`;
    const response = await createMessage(api, { To: ana, MessagingServiceSid: service, Body: "Hello" });
    const made = await readMessage(response);
    expect(made).toMatchObject({ status: "accepted", from: null, messaging_service_sid: service });
    const fetched = await callApi(api, { path: `/Messages/${made.sid}.json` });
    expect(await readMessage(fetched)).toMatchObject({ from: "+15005550006" });
  });
});

describe("an accepted message", () => {
  test("is kept in the order of arrival and wakes whoever waits for it", async () => {
    const both = api.waitForMessages(2, { withinMs: 5_000 });
    await createMessage(api, toAna);
    await createMessage(api, { ...toAna, To: ben });
    expect((await both).map(({ to }) => to)).toEqual([ana, ben]);
    await expect(api.waitForMessages(3, { withinMs: 20 })).rejects.toThrow("Only 2 of 3 messages within 20 ms.");
  });

  test("carries the times of the clock the API was given and is found by its day", async () => {
    const at = new Date("2027-01-11T23:59:30.500Z");
    const timed = await startApi({ now: () => at });
    const made = await readMessage(await createMessage(timed, toAna));
    expect(made.date_created).toBe("Mon, 11 Jan 2027 23:59:30 +0000");
    const found = [
      { DateSent: "2027-01-11" },
      { "DateSent>": "2027-01-11" },
      { "DateSent<": "2027-01-12" },
      { "DateSent>": "2027-01-11T23:59:30Z" },
    ];
    const missed = [{ DateSent: "2027-01-12" }, { "DateSent>": "2027-01-12" }, { "DateSent<": "2027-01-11" }, { To: ben }, { From: ana }];
    expect(await Promise.all(found.map((query) => countListed(timed, query)))).toEqual(found.map(() => 1));
    expect(await Promise.all(missed.map((query) => countListed(timed, query)))).toEqual(missed.map(() => 0));
    await timed.stop();
  });

  test("is a file a person can open, named by order and recipient", async () => {
    const room = await makeOpenFolder();
    const filing = await startApi({ dir: join(room.folder, "texts") });
    await createMessage(filing, toAna);
    await createMessage(filing, { ...toAna, To: ben });
    await filing.stop();
    expect((await readdir(join(room.folder, "texts"))).sort()).toEqual([`0001-${ana}.txt`, `0002-${ben}.txt`]);
    expect(await readFile(join(room.folder, "texts", `0001-${ana}.txt`), "utf8")).toMatch(
      new RegExp(`^To: \\${ana}\n[\\s\\S]*\n\nSee you at nine.\n$`),
    );
    await room.remove();
  });

  test("is forgotten on request", async () => {
    await createMessage(api, toAna);
    api.clear();
    expect(api.messages()).toEqual([]);
  });
});
