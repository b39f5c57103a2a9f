/** Stands between a client and its server on this machine, and can stop passing anything on, or stop listening. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  /** The given address with the proxy's port in place of the server's. */
  readonly url: string;
  /** From now on nothing passes either way, and nobody is told. */
  stall(): void;
  /** Passes on what was held back, and whatever follows. */
  flow(): void;
  /** Ends every connection and takes no new one. */
  cut(): Promise<void>;
  /** Takes connections again, at the same address, for the same server or another, and passes on whatever comes. */
  mend(target?: string): Promise<void>;
  /** Forgets the connections there are: nothing passes on them any more and nobody is told. New ones are well. */
  strand(): void;
  /** Connections open now. */
  connections(): number;
};

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  let { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const all = new Set<Socket>();
  let stalled = false;
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    all.add(from);
    from.on("data", (data) => to.write(data));
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      all.delete(from);
      to.destroy();
    });
    if (stalled) from.pause();
  };
  const makeServer = () =>
    createServer((client) => {
      const upstream = connect(Number(port), hostname);
      pass(client, upstream);
      pass(upstream, client);
    });
  let server = makeServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  const url = new URL(target);
  url.port = String(address.port);
  return {
    url: url.toString(),
    stall: () => {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    flow: () => {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
    cut: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of all) socket.destroy();
      await closed;
    },
    strand: () => {
      for (const socket of sockets) socket.pause();
      sockets.clear();
    },
    mend: async (to) => {
      if (to !== undefined) ({ hostname, port } = new URL(to));
      stalled = false;
      server = makeServer();
      server.listen(address.port, "127.0.0.1");
      await once(server, "listening");
    },
    connections: () => sockets.size / 2,
  };
}
