import { once } from "node:events";
import type { Server } from "node:net";

/** Makes a server listen on a port of 127.0.0.1 that the system chose, and returns the port. Throws when it cannot listen. */
export async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The system gave no TCP port.");
  return address.port;
}
