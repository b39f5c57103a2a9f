/**
 * Ends a connection on which PostgreSQL owes an answer and says nothing. A server that vanished without a word (a cable, a firewall that forgot) would otherwise
 * hold a statement for the quarter of an hour after which the system gives up, and every connection of the pool one after the other.
 */
import type pg from "pg";
import { monotonicMs } from "../clock.ts";

const LOOKS = 8;

/** Call it for each new connection of a pool; what was under way on one that is ended rejects, and the pool makes another. */
export function watchConnection(client: pg.ClientBase, { silentMs }: { silentMs: number }): void {
  const socket = socketOf(client);
  if (!socket) return;
  let read = -1;
  let written = -1;
  let changedAt = monotonicMs();
  const timer = setInterval(() => {
    const isStill = socket.bytesRead === read && socket.bytesWritten === written;
    if (!isStill || isIdle(client)) changedAt = monotonicMs();
    read = socket.bytesRead;
    written = socket.bytesWritten;
    if (monotonicMs() - changedAt > silentMs) socket.destroy(new ConnectionSilent(silentMs));
  }, silentMs / LOOKS).unref();
  client.once("end", () => clearInterval(timer));
}

export class ConnectionSilent extends Error {
  /** As the system would say it, had it noticed. */
  readonly code = "ETIMEDOUT";
  constructor(ms: number) {
    super(`PostgreSQL owed an answer and said nothing for ${ms} ms`);
    this.name = "ConnectionSilent";
  }
}

type Watched = { readonly bytesRead: number; readonly bytesWritten: number; destroy(error: Error): unknown };

/** pg does not type its socket, nor whether it waits for an answer. */
function socketOf(client: object): Watched | undefined {
  const connection = "connection" in client ? client.connection : undefined;
  const stream = typeof connection === "object" && connection !== null && "stream" in connection ? connection.stream : undefined;
  return isWatched(stream) ? stream : undefined;
}

function isWatched(stream: unknown): stream is Watched {
  return typeof stream === "object" && stream !== null && "bytesRead" in stream && "bytesWritten" in stream && "destroy" in stream;
}

function isIdle(client: object): boolean {
  return "readyForQuery" in client && client.readyForQuery === true;
}
