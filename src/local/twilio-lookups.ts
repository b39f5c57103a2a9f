import { type TwilioMessage, toResource } from "./twilio-messages.ts";

/** One page of messages, the newest first, as the API shows it. `query` is the request's, with `To`, `From`, `DateSent`, `DateSent<`, `DateSent>`, `Page`, `PageSize`. */
export function toMessagePage(messages: readonly TwilioMessage[], query: URLSearchParams, accountSid: string) {
  const wanted = messages.filter((message) => fits(message, query)).reverse();
  const pageSize = Math.min(1000, Math.max(1, Number(query.get("PageSize")) || 50));
  const page = Math.max(0, Number(query.get("Page")) || 0);
  const start = page * pageSize;
  const shown = wanted.slice(start, start + pageSize);
  const uriOf = (page: number) => `/2010-04-01/Accounts/${accountSid}/Messages.json?${withPage(query, { page, pageSize })}`;
  return {
    messages: shown.map((message) => toResource(message, accountSid)),
    page,
    page_size: pageSize,
    start,
    end: start + Math.max(0, shown.length - 1),
    uri: uriOf(page),
    first_page_uri: uriOf(0),
    previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    next_page_uri: start + pageSize < wanted.length ? uriOf(page + 1) : null,
  };
}

function withPage(query: URLSearchParams, { page, pageSize }: { page: number; pageSize: number }): string {
  const next = new URLSearchParams(query);
  next.set("PageSize", String(pageSize));
  next.set("Page", String(page));
  return next.toString();
}

function fits(message: TwilioMessage, query: URLSearchParams): boolean {
  const to = query.get("To");
  const from = query.get("From");
  return (to === null || to === message.to) && (from === null || from === message.from) && wasSentThen(message.sentAt, query);
}

// A date means its midnight in UTC; DateSent alone means the whole day. "DateSent>=X" arrives as the parameter "DateSent>".
function wasSentThen(sentAt: Date | undefined, query: URLSearchParams): boolean {
  const on = query.get("DateSent");
  const after = query.get("DateSent>");
  const before = query.get("DateSent<");
  if (on === null && after === null && before === null) return true;
  if (sentAt === undefined) return false;
  if (on !== null && sentAt.toISOString().slice(0, 10) !== on.slice(0, 10)) return false;
  return (after === null || sentAt.getTime() >= Date.parse(after)) && (before === null || sentAt.getTime() <= Date.parse(before));
}
