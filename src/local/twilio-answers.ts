import type { ServerResponse } from "node:http";
import { toErrorBody, toTwilioError } from "./twilio-errors.ts";
import type { RequestFault } from "./twilio-faults.ts";

/** Answers with a JSON text. */
export function answerJson(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(json) }).end(json);
}

/** Answers with the error of a code. */
export function answerError(response: ServerResponse, code: number): void {
  const error = toTwilioError(code);
  answerJson(response, error.status, toErrorBody(error));
}

/** Lets a fault answer, or not answer, in place of the API. */
export function answerFault(response: ServerResponse, fault: RequestFault): void {
  switch (fault.does) {
    case "refuse":
      return answerError(response, fault.code);
    case "throttle":
      response.setHeader("Retry-After", fault.retryAfterSeconds);
      return answerError(response, 20429);
    case "fail":
      return answerError(response, 20500);
    case "drop":
      response.socket?.resetAndDestroy();
      return;
    case "stall":
      return;
  }
}
