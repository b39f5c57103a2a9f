import { isIPv4 } from "node:net";

/**
 * Whether a URL's host is this machine itself, where nothing can listen in between: `localhost`, 127.0.0.0/8 or ::1, spelled out. A name that merely resolves
 * to this machine is not: what a name resolves to can change, the rule that plain text stays inside the machine cannot.
 */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
}
