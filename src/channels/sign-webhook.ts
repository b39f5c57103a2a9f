/** The signature of what another system is told: over the moment and the very bytes, with each secret that is good at that moment. */
import { createHmac } from "node:crypto";

/** The value of `Afterglow-Signature`: `t=<seconds since 1970>,v1=<hex of HMAC-SHA256 of "t.body">`, a v1 for each secret. */
export function signWebhook(body: string, { secrets, atSeconds }: { secrets: readonly string[]; atSeconds: number }): string {
  const signatures = secrets.map((secret) => `v1=${createHmac("sha256", secret).update(`${atSeconds}.${body}`).digest("hex")}`);
  return [`t=${atSeconds}`, ...signatures].join(",");
}
