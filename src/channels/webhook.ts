/**
 * Tells another system something: one POST within ten seconds, no redirect followed, and in production never to an address of this machine or of a private network,
 * whatever its name leads to at that moment. Never rejects.
 */
import { lookup as lookUp, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, request } from "undici";
import { judgeWebhookUrl, type WebhookRules } from "../domain/judge-webhook-url.ts";
import { isPrivateAddress } from "./private-address.ts";

export type WebhookOutcome =
  | { readonly kind: "taken"; readonly status: number }
  /** A code: an error of the connection, `timeout`, `address-refused`, or `answered` with a status other than 2xx. */
  | { readonly kind: "failed"; readonly code: string; readonly status: number | null };

export type WebhookPost = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

export type WebhookChannel = {
  send(post: WebhookPost): Promise<WebhookOutcome>;
  close(): Promise<void>;
};

type Options = WebhookRules & {
  readonly deadlineMs?: number;
  /** The certificate of a private authority (PEM), trusted instead of the public ones. */
  readonly ca?: string;
  /** How names become addresses, where not as this machine does it. */
  readonly resolve?: typeof lookUp;
};

const DEADLINE_MS = 10_000;
const ANSWER_BYTES = 16 * 1024;

export function createWebhookChannel({ deadlineMs = DEADLINE_MS, ca, resolve = lookUp, ...rules }: Options): WebhookChannel {
  const lookup = rules.isProduction ? { lookup: refusePrivate(resolve) } : {};
  const agent = new Agent({
    connect: { ...lookup, ...(ca === undefined ? {} : { ca }), timeout: deadlineMs },
    connections: 8,
    pipelining: 1,
  });
  return {
    send: async ({ url, headers, body }) => {
      // The rules may have changed since the address was given.
      if (!judgeWebhookUrl(url, rules).ok) return failed("address-refused");
      try {
        const signal = AbortSignal.timeout(deadlineMs);
        const { statusCode: status, body: answer } = await request(url, { dispatcher: agent, method: "POST", headers, body, signal });
        await answer.dump({ limit: ANSWER_BYTES, signal });
        return status >= 200 && status < 300 ? { kind: "taken", status } : { kind: "failed", code: "answered", status };
      } catch (error) {
        return failed(codeOf(error));
      }
    },
    close: () => agent.destroy(),
  };
}

function failed(code: string): WebhookOutcome {
  return { kind: "failed", code, status: null };
}

const OWN_CODE = /^[A-Z0-9_]{1,40}$/;

function codeOf(error: unknown): string {
  if (error instanceof PrivateAddress) return "address-refused";
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) return "timeout";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return OWN_CODE.test(code) ? code : "failed";
}

class PrivateAddress extends Error {}

/** Judges the addresses that are about to be connected to, and no others: a name may lead elsewhere a moment later. */
function refusePrivate(resolve: typeof lookUp): LookupFunction {
  return (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !first) callback(error ?? new Error("No address"), "", 0);
      else if (addresses.some(({ address }) => isPrivateAddress(address))) callback(new PrivateAddress(), "", 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}
