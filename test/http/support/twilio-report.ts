/** A status report as Twilio posts it, right or forged. */
import { request } from "undici";
import { newId } from "../../../src/clock.ts";
import { signTwilioRequest } from "../../../src/local/twilio-poster.ts";
import { ACCOUNT_SID, AUTH_TOKENS, PUBLIC_BASE_URL, type Web } from "./aspen-ridge-web.ts";

export const DELIVERY = newId<"delivery">();
export const PATH = `/webhooks/twilio/status/${DELIVERY}`;
export const FORM = "application/x-www-form-urlencoded; charset=utf-8";

export type Params = Record<string, string>;
export const REPORT: Params = {
  AccountSid: ACCOUNT_SID,
  ApiVersion: "2010-04-01",
  From: "+13035550101",
  MessageSid: `SM${"a".repeat(32)}`,
  MessageStatus: "delivered",
  SmsSid: `SM${"a".repeat(32)}`,
  SmsStatus: "delivered",
  To: "+13035550111",
};

export const sign = (params: Params, { token = AUTH_TOKENS[0] ?? "", path = PATH, base = PUBLIC_BASE_URL } = {}) =>
  signTwilioRequest(token, base + path, params);

export type Posting = { path?: string; params?: Params; body?: string; signature?: string | null; type?: string; host?: string };

/** Posts a report as Twilio does, unless told otherwise; a signature of null is none. */
export async function post(
  { url }: Pick<Web, "url">,
  {
    path = PATH,
    params = REPORT,
    body = new URLSearchParams(params).toString(),
    signature = sign(params),
    type = FORM,
    host,
  }: Posting = {},
): Promise<number> {
  const headers = { "content-type": type, ...(signature !== null && { "x-twilio-signature": signature }), ...(host && { host }) };
  const answer = await request(url + path, { method: "POST", headers, body });
  await answer.body.text();
  return answer.statusCode;
}
