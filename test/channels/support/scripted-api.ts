import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const SID = `SM${"0123456789abcdef".repeat(2)}`;

/** What the API does with each request: the raw bytes of an answer, or one of its ways not to give one. */
export type ApiPlay = { readonly bytes: string } | "hang" | "reset" | "drip" | "close-when-idle";

export const CREATED = answer(201, JSON.stringify({ sid: SID, status: "queued" }));

/** A complete answer. */
export function answer(status: number, body: string, headers = ""): ApiPlay & { bytes: string } {
  return { bytes: `HTTP/1.1 ${status} Words\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}` };
}

/** An HTTP API of plain sockets, for answers and silences that a real server does not give. The last play is repeated. */
export async function startScriptedApi(...plays: ApiPlay[]) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that breaks off is part of the play.
    socket.on("error", () => undefined);
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString();
      if (!isWhole(heard)) return;
      requests.push(heard);
      heard = "";
      const play = plays[Math.min(requests.length, plays.length) - 1] ?? CREATED;
      if (play === "reset") socket.resetAndDestroy();
      else if (play === "drip") void drip(socket);
      else if (play === "close-when-idle") socket.end(CREATED.bytes);
      else if (play !== "hang") socket.write(play.bytes);
    });
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The system gave no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** The requests as they came over the wire. */
    requests,
    /** How many connections it has had. */
    connections: () => connections,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function isWhole(heard: string): boolean {
  const [head = "", ...body] = heard.split("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  return heard.includes("\r\n\r\n") && Buffer.byteLength(body.join("\r\n\r\n")) >= length;
}

async function drip(socket: Socket): Promise<void> {
  socket.write("HTTP/1.1 201 Created\r\nContent-Length: 60000\r\n\r\n");
  while (!socket.destroyed) {
    socket.write("{");
    await delay(10);
  }
}
