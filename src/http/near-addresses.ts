/** Addresses of this machine and of private networks: proxies and monitoring live there, patients do not. The names are those of proxy-addr, which fastify asks. */
import { BlockList, isIP } from "node:net";

/** Proxies that are believed when they say for whom they ask. */
export const NEAR_NETWORKS = ["loopback", "linklocal", "uniquelocal"];

const near = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
] as const)
  near.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  near.addSubnet(network, bits, "ipv6");

/** Whether a request comes from close by. `false` for whatever is not an address. */
export function isNear(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && near.check(address, version === 4 ? "ipv4" : "ipv6");
}
