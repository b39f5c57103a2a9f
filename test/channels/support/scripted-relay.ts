import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export type Step = "greeting" | "EHLO" | "STARTTLS" | "AUTH" | "MAIL" | "RCPT" | "DATA" | "dot" | "QUIT";
/**
 * A reply, or what the relay does instead: `hang` never answers, `reset` breaks off, `close` hangs up in good manners, `drip` sends one byte of an endless reply
 * every 10 ms and `trickle` one every second.
 */
export type Play = string;

const WELL: Record<Step, Play> = {
  greeting: "220 relay",
  EHLO: "250-relay\r\n250 AUTH PLAIN",
  STARTTLS: "502 5.5.1 no such command",
  AUTH: "235 2.7.0 welcome",
  MAIL: "250 2.1.0 ok",
  RCPT: "250 2.1.5 ok",
  DATA: "354 go on",
  dot: "250 2.0.0 queued",
  QUIT: "221 bye",
};

/** A relay of plain sockets that follows a script word by word, for replies and silences that a real server does not give. */
export async function startScriptedRelay(script: Partial<Record<Step, Play>> = {}) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that breaks off is part of the play.
    socket.on("error", () => undefined);
    let mail: string | undefined;
    let line = "";

    async function play(step: Step): Promise<void> {
      const what = script[step] ?? WELL[step];
      if (what === "reset") socket.resetAndDestroy();
      else if (what === "close") socket.end();
      else if (what === "drip") await drip(socket, 10);
      else if (what === "trickle") await drip(socket, 1_000);
      else if (what !== "hang") socket.write(`${what}\r\n`);
    }

    async function hear(chunk: Buffer): Promise<void> {
      if (mail !== undefined) {
        mail += chunk.toString("latin1");
        if (!mail.endsWith("\r\n.\r\n")) return;
        mail = undefined;
        return play("dot");
      }
      line += chunk.toString("latin1");
      const commands = line.split("\r\n");
      line = commands.pop() ?? "";
      for (const command of commands) {
        heard.push(command);
        const step = readStep(command);
        if (step === "DATA" && (script.DATA ?? WELL.DATA).startsWith("354")) mail = "";
        await play(step);
      }
    }

    socket.on("data", (chunk) => void hear(chunk));
    void play("greeting");
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The system gave no TCP port.");
  return {
    port: address.port,
    url: `smtp://127.0.0.1:${address.port}`,
    /** The commands it was sent, in order. */
    heard,
    /** How many connections it has had. */
    connections: () => connections,
    /** Ends the connections it has now. */
    hangUp: () => sockets.forEach((socket) => socket.end()),
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function readStep(command: string): Step {
  const word = command.slice(0, 8).split(" ")[0]?.toUpperCase() ?? "";
  const known: readonly Step[] = ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"];
  const step = known.find((step) => step === word);
  if (!step) throw new Error(`The relay does not know ${word}.`);
  return step;
}

async function drip(socket: Socket, everyMs: number): Promise<void> {
  while (!socket.destroyed) {
    socket.write("2");
    await delay(everyMs);
  }
}
