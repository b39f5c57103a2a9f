/**
 * Answers what never became a request: headers that are no HTTP or too long, and a client that does not finish what it began. A problem document, and the end of the
 * connection; no correlation id, because there is nothing to correlate. Nothing is written where an answer has begun: whoever reads it would take one for the other.
 */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

const STATUSES: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

export function answerUnreadable({ code }: { readonly code?: string }, socket: Socket): void {
  // The other side has gone.
  if (code === "ECONNRESET" || socket.destroyed) return;
  const status = STATUSES[code ?? ""] ?? 400;
  if (socket.writable && !hasBegunToAnswer(socket)) socket.end(toAnswer(status), () => socket.destroy());
  else socket.destroy();
}

/** Node keeps the answer that is being written on the connection itself, and has no other place where it can be asked for. */
function hasBegunToAnswer(socket: Socket): boolean {
  const answer: unknown = Reflect.get(socket, "_httpMessage");
  return typeof answer === "object" && answer !== null && "headersSent" in answer && answer.headersSent === true;
}

function toAnswer(status: number): string {
  const title = STATUS_CODES[status] ?? "Error";
  const body = JSON.stringify({ type: "about:blank", title, status });
  const headers = [
    `HTTP/1.1 ${status} ${title}`,
    "connection: close",
    "content-type: application/problem+json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${headers.join("\r\n")}\r\n\r\n${body}`;
}
