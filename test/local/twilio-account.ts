import { z } from "zod";
import { type LocalTwilioApi, startTwilioApi, type TwilioApiOptions } from "../../src/local/twilio-api.ts";

/** The account of the tests, its number, and whom it texts. */
export const accountSid = `AC${"5".repeat(32)}`;
export const authToken = "a-token-of-the-test";
export const clinic = "+15557654321";
export const ana = "+15551230001";
export const ben = "+15551230002";

/** A message to Ana that nothing is wrong with. */
export const toAna = { To: ana, From: clinic, Body: "See you at nine." };

/** The API with the account of the tests. */
export async function startApi(options: Omit<TwilioApiOptions, "accountSid" | "authToken"> = {}): Promise<LocalTwilioApi> {
  return startTwilioApi({ accountSid, authToken, ...options });
}

/** Sends a request as a client without an SDK would. */
export async function callApi(
  api: LocalTwilioApi,
  { path = "/Messages.json", ...init }: RequestInit & { path?: string } = {},
): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return fetch(`${api.url}/2010-04-01/Accounts/${accountSid}${path}`, { headers: { authorization }, ...init });
}

/** Creates a message. */
export async function createMessage(api: LocalTwilioApi, form: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return callApi(api, { method: "POST", body: new URLSearchParams(form), ...init });
}

const resource = z.object({
  sid: z.string(),
  status: z.string(),
  from: z.string().nullable(),
  messaging_service_sid: z.string().nullable(),
  date_created: z.string(),
  error_code: z.number().nullable(),
});

/** Reads the one message that the API shows in an answer. */
export async function readMessage(response: Response) {
  return resource.parse(await response.json());
}

/** How many messages the API lists for a query. */
export async function countListed(api: LocalTwilioApi, query: Record<string, string>): Promise<number> {
  const response = await callApi(api, { path: `/Messages.json?${new URLSearchParams(query).toString()}` });
  return z.object({ messages: z.array(resource) }).parse(await response.json()).messages.length;
}
