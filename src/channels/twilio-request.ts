import type { Dispatcher } from "undici";
import type { TwilioEnd } from "./classify-twilio.ts";

export type TwilioRequest = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The form to post; null asks for what stands at the path. */
  readonly body: string | null;
  /** Milliseconds from first to last, waiting for a connection included. */
  readonly deadlineMs: number;
  readonly now: () => number;
};

/** No answer about one message is longer, and no page of fifty; what is, is not read to its end. */
const LONGEST_ANSWER = 65_536;
const LONGEST_PAGE = 524_288;

/**
 * Makes one request and says how it ended; never rejects. Uses undici's handlers instead of its request(), because they tell the moment at which the request is
 * handed to a socket, and with it "not sent" from "maybe sent", also when a kept connection turns out to be dead.
 */
export function askTwilio(dispatcher: Dispatcher, { path, headers, body, deadlineMs, now }: TwilioRequest): Promise<TwilioEnd> {
  return new Promise((resolve) => {
    let connection: Dispatcher.DispatchController | undefined;
    let answer: { readonly status: number; readonly retryAfter: string | null } | undefined;
    let expired = false;
    let size = 0;
    const longest = body === null ? LONGEST_PAGE : LONGEST_ANSWER;
    const chunks: Buffer[] = [];

    const deadline = setTimeout(() => {
      expired = true;
      if (connection) connection.abort(new Error("deadline"));
      else end(toBroken("EDEADLINE"));
    }, deadlineMs);

    function end(how: TwilioEnd): void {
      clearTimeout(deadline);
      resolve(how);
    }
    const toBroken = (error: string): TwilioEnd => ({ kind: "broken", written: connection !== undefined, error });
    const toAnswered = (text: string | null): TwilioEnd | undefined => answer && { kind: "answered", ...answer, body: text, now: now() };

    dispatcher.dispatch(
      { path, method: body === null ? "GET" : "POST", headers, body },
      {
        onRequestStart(controller) {
          // Given up while it waited for a connection: aborted here, nothing of it is written.
          if (expired) return controller.abort(new Error("deadline"));
          connection = controller;
        },
        onResponseStart(_controller, status, { "retry-after": retryAfter }) {
          answer = { status, retryAfter: typeof retryAfter === "string" ? retryAfter : null };
        },
        onResponseData(controller, chunk) {
          size += chunk.length;
          if (size > longest) controller.abort(new Error("answer too long"));
          else chunks.push(chunk);
        },
        onResponseEnd() {
          end(toAnswered(Buffer.concat(chunks).toString()) ?? toBroken("EPROTOCOL"));
        },
        onResponseError(_controller, error) {
          // A status that has come stands, whatever became of its body.
          end(toAnswered(null) ?? toBroken(expired ? "EDEADLINE" : readCode(error)));
        },
      },
    );
  });
}

function readCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
