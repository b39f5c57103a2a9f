import { validateRequest } from "twilio";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../src/local/free-port.ts";
import type { LocalTwilioApi } from "../../src/local/twilio-api.ts";
import type { ReportFault } from "../../src/local/twilio-faults.ts";
import { accountSid, ana, authToken, callApi, clinic, createMessage, readMessage, startApi, toAna } from "./twilio-account.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

let api: LocalTwilioApi;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;

beforeEach(async () => {
  api = await startApi();
  receiver = await startWebhookReceiver();
});

afterEach(async () => {
  await api.stop();
  await receiver.stop();
});

const withCallback = (url = `${receiver.url}/status/dlv_1?try=1`) => ({ ...toAna, StatusCallback: url });

describe("status callbacks", () => {
  test("say sent and then delivered, each signed so that Twilio's own check accepts it and no change of it", async () => {
    const made = await readMessage(await createMessage(api, withCallback()));
    await api.waitForCallbacks(2, { withinMs: 5_000 });
    expect(receiver.statuses()).toEqual(["sent", "delivered"]);
    for (const { path, params, signature } of receiver.forms) {
      expect(path).toBe("/status/dlv_1?try=1");
      expect(params).toMatchObject({ MessageSid: made.sid, SmsSid: made.sid, AccountSid: accountSid, To: ana, From: clinic });
      expect(validateRequest(authToken, signature, `${receiver.url}${path}`, params)).toBe(true);
      expect(validateRequest(authToken, signature, `${receiver.url}${path}`, { ...params, MessageStatus: "failed" })).toBe(false);
      expect(validateRequest("other", signature, `${receiver.url}${path}`, params)).toBe(false);
    }
    expect(api.callbacks().map(({ answer }) => answer)).toEqual([204, 204]);
  });

  test.each<[string, Omit<ReportFault, "does">, string[]]>([
    ["doubled", { statuses: ["sent", "sent", "delivered", "delivered"] }, ["sent", "sent", "delivered", "delivered"]],
    ["out of order", { statuses: ["delivered", "sent"] }, ["delivered", "sent"]],
    ["of a failure", { statuses: ["sent", "undelivered"], errorCode: 30005 }, ["sent", "undelivered"]],
  ])("come %s when the script says so", async (_how, report, expected) => {
    api.setFaults([{ does: "report", ...report }]);
    await createMessage(api, withCallback());
    await api.waitForCallbacks(expected.length, { withinMs: 5_000 });
    expect(receiver.statuses()).toEqual(expected);
    expect(receiver.forms.at(-1)?.params.ErrorCode).toBe(report.errorCode?.toString());
  });

  test("do not come when the script lists none, and the message still arrives", async () => {
    api.setFaults([{ does: "report", statuses: [] }]);
    const { sid } = await readMessage(await createMessage(api, withCallback()));
    await api.settle();
    expect(receiver.forms).toEqual([]);
    expect(await (await callApi(api, { path: `/Messages/${sid}.json` })).json()).toMatchObject({ status: "delivered", error_code: null });
  });

  test("come before the answer when the script says so", async () => {
    const order: unknown[] = [];
    const early = await startWebhookReceiver((form) => order.push(form.params.MessageStatus) && 204);
    api.setFaults([{ does: "report", statuses: ["sent", "delivered"], when: "before-answer" }]);
    order.push((await createMessage(api, withCallback(early.url))).status);
    expect(order).toEqual(["sent", "delivered", 201]);
    await early.stop();
  });

  test("that nobody answers hold up neither the answer nor the end", async () => {
    const silent = await startWebhookReceiver(() => new Promise(() => undefined));
    expect((await createMessage(api, withCallback(silent.url))).status).toBe(201);
    await expect.poll(() => silent.forms.length).toBe(1);
    await api.stop();
    expect(api.callbacks().map(({ answer }) => answer)).toContain("no-answer");
    await silent.stop();
  });

  test("are kept until they are asked for when the script says so", async () => {
    api.setFaults([{ does: "report", statuses: ["delivered"], when: "on-request" }]);
    await createMessage(api, withCallback());
    await api.settle();
    expect(receiver.forms).toEqual([]);
    await api.sendHeldCallbacks();
    expect(receiver.statuses()).toEqual(["delivered"]);
  });

  test("go out for a message whose sender got no answer", async () => {
    api.setFaults([{ does: "drop", when: "after-accepting" }]);
    await expect(createMessage(api, withCallback())).rejects.toThrow();
    await api.waitForCallbacks(2, { withinMs: 5_000 });
    expect(receiver.statuses()).toEqual(["sent", "delivered"]);
  });

  test("are tried once, and one that fails is written down", async () => {
    await createMessage(api, withCallback(`http://127.0.0.1:${await findFreePort()}/`));
    await api.settle();
    expect(api.callbacks().map(({ answer }) => answer)).toEqual(["no-answer", "no-answer"]);
  });

  test.each([
    "http://192.0.2.1/status",
    "https://clinic.example/status",
    "http://127.0.0.1.example/status",
    "http://localhost.example/status",
  ])("are not posted to another machine: %s", async (url) => {
    await createMessage(api, withCallback(url));
    await api.settle();
    expect(api.callbacks().map(({ answer }) => answer)).toEqual(["other-host", "other-host"]);
  });
});

describe("an inbound text", () => {
  const fromAna = (body: string) => ({ from: ana, to: clinic, body });

  test("is posted signed, and the webhook's answer comes back", async () => {
    const answer = await api.sendInbound(fromAna("C"), `${receiver.url}/reply`);
    expect(answer).toMatchObject({ status: 204 });
    const [form] = receiver.forms;
    expect(form?.params).toMatchObject({ From: ana, To: clinic, Body: "C", MessageSid: answer.sid, AccountSid: accountSid, NumMedia: "0" });
    expect(validateRequest(authToken, String(form?.signature), `${receiver.url}/reply`, form?.params ?? {})).toBe(true);
  });

  test("keeps accents, emoji and signs of the form whole", async () => {
    await api.sendInbound(fromAna("¿Sí? 100% & más = +1 🙂\n"), `${receiver.url}/reply`);
    const [form] = receiver.forms;
    expect(form?.params.Body).toBe("¿Sí? 100% & más = +1 🙂\n");
    expect(validateRequest(authToken, String(form?.signature), `${receiver.url}/reply`, form?.params ?? {})).toBe(true);
  });

  test("of the word STOP opts its sender out of that number until START", async () => {
    const send = async (From = clinic) => (await createMessage(api, { ...toAna, From })).json();
    await api.sendInbound(fromAna("stop please"), `${receiver.url}/reply`);
    expect(await send()).toMatchObject({ status: "queued" });
    await api.sendInbound(fromAna(" Stop\n"), `${receiver.url}/reply`);
    expect(await send()).toMatchObject({ code: 21610 });
    expect(await send("+15557654322")).toMatchObject({ status: "queued" });
    await api.sendInbound(fromAna("START"), `${receiver.url}/reply`);
    expect(await send()).toMatchObject({ status: "queued" });
  });

  test("is not posted to another machine", async () => {
    await expect(api.sendInbound(fromAna("C"), "https://clinic.example/reply")).rejects.toThrow("clinic.example is not this machine");
  });
});
