/** An error as Twilio words it: its code and the HTTP status that goes with it. */
export type TwilioError = { readonly code: number; readonly status: number; readonly message: string };

// https://www.twilio.com/docs/api/errors
const KNOWN: Readonly<Record<number, Omit<TwilioError, "code">>> = {
  20003: { status: 401, message: "Authenticate" },
  20404: { status: 404, message: "The requested resource was not found" },
  20429: { status: 429, message: "Too Many Requests" },
  20500: { status: 500, message: "Internal Server Error" },
  21211: { status: 400, message: "Invalid 'To' Phone Number" },
  21212: { status: 400, message: "Invalid 'From' Number" },
  21408: { status: 400, message: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number" },
  21602: { status: 400, message: "Message body is required." },
  21603: { status: 400, message: "A 'From' phone number is required." },
  21604: { status: 400, message: "A 'To' phone number is required." },
  21606: { status: 400, message: "The 'From' phone number is not a valid message-capable Twilio phone number for this destination" },
  21609: { status: 400, message: "The 'StatusCallback' URL is not a valid URL." },
  21610: { status: 400, message: "Attempt to send to unsubscribed recipient" },
  21611: { status: 400, message: "This 'From' number has exceeded the maximum number of queued messages" },
  21612: { status: 400, message: "The 'To' phone number is not currently reachable via SMS" },
  21614: { status: 400, message: "'To' number is not a valid mobile number" },
  21617: { status: 400, message: "The concatenated message body exceeds the 1600 character limit" },
  21701: { status: 400, message: "The Messaging Service does not exist" },
  90007: { status: 400, message: "Invalid validity period value" },
};

/** The error of a code; a code that is not listed here comes with status 400. */
export function toTwilioError(code: number): TwilioError {
  return { code, ...(KNOWN[code] ?? { status: 400, message: `Error ${code}` }) };
}

/** The body of an error answer. */
export function toErrorBody({ code, status, message }: TwilioError): string {
  return JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}
