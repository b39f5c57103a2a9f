import { once } from "node:events";
import { createServer } from "node:net";
import { listenOnLoopback } from "./loopback-port.ts";

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. Another process may take it first: whoever binds it retries. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  server.close();
  await once(server, "close");
  return port;
}
