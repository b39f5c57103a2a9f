/** Addresses that are not of the public internet: this machine, private networks, the link, what is reserved. */
import { BlockList, isIPv6 } from "node:net";

const V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Those that stand for an IPv4 address are left out altogether: nobody needs them to be reached. */
const V6 = ["::/96", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"];

/** A list each: a list of both takes every IPv4 address for the IPv6 address that stands for it. */
function listOf(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

const [v4, v6] = [listOf(V4, "ipv4"), listOf(V6, "ipv6")];

export function isPrivateAddress(address: string): boolean {
  return isIPv6(address) ? v6.check(address, "ipv6") : v4.check(address, "ipv4");
}
