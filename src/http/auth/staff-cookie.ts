/** The cookie of somebody signed in, and the token that every form of theirs carries: made from the cookie, which no other site can read. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { ABSOLUTE_HOURS } from "../../db/staff-sessions.ts";

export type StaffCookie = {
  /** The session's token in a Cookie header. */
  read(header: string | undefined): string | undefined;
  /** The value of Set-Cookie that keeps it. */
  write(token: string): string;
  /** The value of Set-Cookie that forgets it. */
  clear(): string;
};

/**
 * A browser keeps a `__Host-` cookie only from https, for this host and every path of it; a demo on one machine has none. SameSite is Lax, so that the link in a
 * page to staff opens for somebody who is signed in; whatever changes something asks for {@link csrfTokenOf} besides.
 */
export function makeStaffCookie(publicBaseUrl: string): StaffCookie {
  const secure = publicBaseUrl.startsWith("https:");
  const name = `${secure ? "__Host-" : ""}afterglow-staff`;
  const write = (token: string, seconds: number) =>
    `${name}=${token}; Max-Age=${seconds}; Path=/; HttpOnly${secure ? "; Secure" : ""}; SameSite=Lax`;
  return {
    read: (header) => findCookie(header ?? "", name),
    write: (token) => write(token, ABSOLUTE_HOURS * 3_600),
    clear: () => write("", 0),
  };
}

function findCookie(header: string, name: string): string | undefined {
  const pair = header.split(";").find((each) => each.trim().startsWith(`${name}=`));
  return pair?.trim().slice(name.length + 1) || undefined;
}

/** What a form sends as `_csrf`, or a script as the header `x-csrf-token`. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac("sha256", sessionToken).update("csrf").digest("base64url");
}

export function isCsrfToken(given: unknown, sessionToken: string): boolean {
  if (typeof given !== "string") return false;
  const [one, other] = [Buffer.from(given), Buffer.from(csrfTokenOf(sessionToken))];
  return one.length === other.length && timingSafeEqual(one, other);
}
