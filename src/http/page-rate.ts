/**
 * How often one address may ask for pages: a bucket of tokens each, in memory, for at most so many addresses at a time. Tokens of links cannot be guessed (256
 * bits); this keeps one address from keeping the database busy. A whole waiting room may share an address, so the bucket is generous.
 */
import { isIPv6 } from "node:net";

export type Rate = {
  readonly burst: number;
  readonly perSecond: number;
  /** Addresses remembered; the one that was away longest is forgotten first. */
  readonly addresses: number;
};

export const PAGE_RATE: Rate = { burst: 120, perSecond: 2, addresses: 10_000 };

/** Takes a page for this address and returns 0, or returns in how many whole seconds it may have one. `nowMs` only ever grows. */
export type PageRate = (address: string, nowMs: number) => number;

export function makePageRate({ burst, perSecond, addresses }: Rate): PageRate {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (address, nowMs) => {
    const key = toKey(address);
    const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: nowMs };
    const filled = Math.min(burst, tokens + ((nowMs - at) / 1_000) * perSecond);
    const left = filled >= 1 ? filled - 1 : filled;
    // Taken out and set anew, so that the map stays in the order of last use.
    buckets.delete(key);
    buckets.set(key, { tokens: left, at: nowMs });
    const [oldest] = buckets.keys();
    if (buckets.size > addresses && oldest !== undefined) buckets.delete(oldest);
    return filled >= 1 ? 0 : Math.ceil((1 - filled) / perSecond);
  };
}

/** A household has one IPv4 address, or a whole /64 of IPv6 to choose from. */
function toKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address.slice(0, 64);
  const [head = "", tail = ""] = (address.split("%")[0] ?? "").split("::");
  const groups = head.split(":").filter(Boolean);
  const end = tail.split(":").filter(Boolean);
  const zeros = address.includes("::") ? Array.from({ length: Math.max(0, 8 - groups.length - end.length) }, () => "0") : [];
  return [...groups, ...zeros, ...end].slice(0, 4).join(":");
}
