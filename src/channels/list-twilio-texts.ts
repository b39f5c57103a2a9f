/** Lists what Twilio has for a number, to find a text whose answer was lost: Twilio has no idempotency key to ask by. */
import { z } from "zod";
import { type Instant, instant } from "../domain/calendar.ts";
import type { TwilioEnd } from "./classify-twilio.ts";

/** A text as Twilio shows it; `body` is null when the account no longer keeps it. */
export type TwilioText = {
  readonly sid: string;
  readonly body: string | null;
  readonly status: string;
  readonly errorCode: string | null;
  readonly createdAt: Instant;
};

/** All texts to this number that were created in the span; undefined when that could not be told for sure. A repeat asks again. */
export type ListTexts = (query: {
  readonly to: string;
  readonly from: Instant;
  readonly until: Instant;
}) => Promise<readonly TwilioText[] | undefined>;

const moment = z.string().transform((text, context): Instant => {
  const at = Date.parse(text);
  if (Number.isFinite(at)) return instant(at);
  context.addIssue({ code: "custom", message: "no date" });
  return z.NEVER;
});

const page = z.object({
  messages: z.array(
    z.object({
      sid: z.string(),
      body: z.string().nullable(),
      status: z.string(),
      error_code: z.int().nullable(),
      date_created: moment,
      direction: z.string(),
    }),
  ),
  next_page_uri: z.string().nullable(),
});
type Page = z.output<typeof page>;

/** Newest first, so a recent span is on the first page; a number with so many later texts is a case for staff. */
const MOST_PAGES = 5;
const PAGE_SIZE = 50;

/**
 * `path` is the account's collection of messages. No filter by date is asked for: `DateSent` knows only days, and leaves out a text that Twilio has taken and not
 * passed on yet, which is exactly the one not to send again.
 */
export function listTwilioTexts({ path, get }: { path: string; get: (page: string) => Promise<TwilioEnd> }): ListTexts {
  return async ({ to, from, until }) => {
    const texts: TwilioText[] = [];
    let next = `${path}?${new URLSearchParams({ To: to, PageSize: String(PAGE_SIZE) }).toString()}`;
    for (let asked = 0; asked < MOST_PAGES; asked++) {
      const shown = readPage(await get(next));
      if (!shown) return undefined;
      texts.push(...shown.messages.filter(({ direction }) => direction !== "inbound").map(toText));
      const isPast = shown.messages.length > 0 && shown.messages.every(({ date_created: createdAt }) => createdAt < from);
      if (isPast || shown.next_page_uri === null) return texts.filter(({ createdAt }) => createdAt >= from && createdAt <= until);
      // Only ever another page of the same collection: what is asked carries the account's password.
      if (!shown.next_page_uri.startsWith(`${path}?`)) return undefined;
      next = shown.next_page_uri;
    }
    return undefined;
  };
}

function readPage(end: TwilioEnd): Page | undefined {
  if (end.kind !== "answered" || end.status !== 200) return undefined;
  try {
    return page.safeParse(JSON.parse(end.body ?? "")).data;
  } catch {
    // Not JSON: no answer to the question.
    return undefined;
  }
}

// What a trial account puts in front of every text.
const TRIAL_PREFIX = /^Sent from your Twilio trial account - /;

function toText({ sid, body, status, error_code: errorCode, date_created: createdAt }: Page["messages"][number]): TwilioText {
  const words = body?.replace(TRIAL_PREFIX, "") ?? "";
  return { sid, body: words === "" ? null : words, status, errorCode: errorCode === null ? null : String(errorCode), createdAt };
}
