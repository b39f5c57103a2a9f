import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LocalTwilioApi } from "../../src/local/twilio-api.ts";
import type { RequestFault } from "../../src/local/twilio-faults.ts";
import { ana, ben, callApi, createMessage, startApi, toAna } from "./twilio-account.ts";

let api: LocalTwilioApi;

beforeEach(async () => {
  api = await startApi();
});

afterEach(async () => {
  await api.stop();
});

describe("a fault", () => {
  test("of one number leaves the others", async () => {
    api.setFaults([{ does: "refuse", code: 21610, to: ana }]);
    expect(await (await createMessage(api, toAna)).json()).toMatchObject({ code: 21610, status: 400 });
    expect((await createMessage(api, { ...toAna, To: ben })).status).toBe(201);
    expect(api.messages().map(({ to }) => to)).toEqual([ben]);
  });

  test("that throttles says when to come back, and ends when it is spent", async () => {
    api.setFaults([{ does: "throttle", retryAfterSeconds: 3, times: 1 }]);
    const throttled = await createMessage(api, toAna);
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(await throttled.json()).toMatchObject({ code: 20429 });
    expect((await createMessage(api, toAna)).status).toBe(201);
    expect(api.messages()).toHaveLength(1);
  });

  test.each([
    ["before-accepting", 0],
    ["after-accepting", 1],
  ] as const)("%s fails, drops or stalls the request and the ledger tells the truth", async (when, kept) => {
    const create = async (does: "fail" | "drop" | "stall", init: RequestInit = {}) => {
      api.clear();
      api.setFaults([{ does, when }]);
      const end = await createMessage(api, toAna, init).then(
        ({ status }) => status,
        () => "no answer",
      );
      return [end, api.messages().length];
    };
    expect(await create("fail")).toEqual([500, kept]);
    expect(await create("drop")).toEqual(["no answer", kept]);
    expect(await create("stall", { signal: AbortSignal.timeout(300) })).toEqual(["no answer", kept]);
  });

  test.each<[RequestFault, number | string]>([
    [{ does: "fail", when: "before-accepting", on: "lookup" }, 500],
    [{ does: "throttle", retryAfterSeconds: 1, on: "lookup" }, 429],
    [{ does: "drop", when: "before-accepting", on: "lookup" }, "no answer"],
  ])("of lookups leaves creating alone: %o", async (fault, expected) => {
    api.setFaults([fault]);
    expect((await createMessage(api, toAna)).status).toBe(201);
    const end = await callApi(api).then(
      ({ status }) => status,
      () => "no answer",
    );
    expect(end).toBe(expected);
  });
});
