/** What every webhook of Twilio's has in common: whose requests are believed. */
import type { FastifyRequest } from "fastify";
import type { Database } from "../db/database.ts";
import type { Vault } from "../db/vault.ts";
import type { Log } from "../log.ts";
import type { ReportHints } from "./report-hints.ts";
import { verifyTwilioSignature } from "./verify-twilio-signature.ts";

export type TwilioDeps = {
  readonly db: Database;
  readonly vault: Vault;
  readonly log: Log;
  readonly hints: ReportHints;
  readonly publicBaseUrl: string;
  readonly accountSid: string;
  /** While tokens are rotated there are two. */
  readonly authTokens: readonly string[];
};

/** The form's fields, if they are signed. The address is the configured one and the path as it was asked for, never the Host header's. */
export function readSigned(
  { body, url, headers }: FastifyRequest,
  { publicBaseUrl, authTokens }: Pick<TwilioDeps, "publicBaseUrl" | "authTokens">,
): Record<string, string> | undefined {
  const signature = headers["x-twilio-signature"];
  if (!isForm(body) || typeof signature !== "string") return undefined;
  return verifyTwilioSignature({ url: publicBaseUrl + url, params: body, signature, authTokens }) ? body : undefined;
}

/** Every field once. Not by zod, which leaves out a field named __proto__: what is verified must be all that came. */
function isForm(body: unknown): body is Record<string, string> {
  return typeof body === "object" && body !== null && Object.values(body).every((value) => typeof value === "string");
}
