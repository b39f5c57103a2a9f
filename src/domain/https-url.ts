import { accepted, type Reading, refused } from "./reading.ts";

const EXPECTED = "a link that begins with https://, such as https://visit.example.org/room";

/** Reads a link that a patient is sent to: https only, no user name or password, no spaces or invisible characters; at most 500 characters. */
export function parseHttpsUrl(text: string): Reading<string> {
  const url = /[\p{C}\p{Z}<>"\\]/u.test(text) ? null : URL.parse(text);
  if (!url || url.protocol !== "https:" || !/^https:\/\/[^/]/i.test(text)) return refused(EXPECTED);
  if (url.username || url.password) return refused(`${EXPECTED}, without a user name or password`);
  return url.href.length <= 500 ? accepted(url.href) : refused("a link of at most 500 characters");
}
