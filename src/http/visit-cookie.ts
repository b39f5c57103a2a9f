/**
 * The cookie that stands for an opened link, so that no address but the first holds its token. It says which link, in which language its reader chose to read and
 * whether the year of birth was given, is signed with the keys of the links, and runs out on the machine's clock. Each link has a cookie of its own name: two
 * visits stay open side by side without one answering for the other.
 *
 * SameSite is Lax and not Strict: a browser that comes from a mail on the web keeps a Strict cookie to itself on the way through the redirect, and the page would
 * not open. No answer is taken by GET, and a POST from elsewhere carries no Lax cookie.
 */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { KeyRing } from "../config.ts";
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { Instant } from "../domain/calendar.ts";
import type { LinkId } from "../domain/ids.ts";

export type Visit = {
  readonly linkId: LinkId;
  /** What its reader chose; null: the language that is stored. */
  readonly locale: Locale | null;
  readonly yearVerified: boolean;
};

/** A name for a link that opens nothing: part of the clean address and of the cookie's name. 12 characters of base64url. */
export function handleOf(linkId: LinkId): string {
  return createHash("sha256").update(linkId).digest("base64url").slice(0, 12);
}

export type VisitCookies = {
  /** The value of Set-Cookie that keeps the visit for so many seconds from now. */
  write(visit: Visit, when: { now: Instant; seconds: number }): string;
  /** The visit under this handle in a Cookie header; undefined when there is none, or none that we signed and that has not run out. */
  read(header: string | undefined, handle: string, now: Instant): Visit | undefined;
};

export function makeVisitCookies(ring: KeyRing, publicBaseUrl: string): VisitCookies {
  const keys = new Map(Array.from(ring.keys, ([id, key]) => [id, createSecretKey(key)]));
  const [writing] = keys;
  if (!writing) throw new Error("Visits need at least one key");
  const [writeId, writeKey] = writing;
  // A browser keeps a __Host- cookie only from https; a demo on one machine has none.
  const isSecure = publicBaseUrl.startsWith("https:");
  const nameOf = (handle: string) => `${isSecure ? "__Host-" : ""}visit-${handle}`;
  return {
    write({ linkId, locale, yearVerified }, { now, seconds }) {
      const payload = [linkId, Math.floor(now / 1_000) + seconds, locale ?? "-", yearVerified ? "y" : "n", writeId].join(".");
      const value = `${payload}.${sign(writeKey, payload).toString("base64url")}`;
      const secure = isSecure ? "; Secure" : "";
      return `${nameOf(handleOf(linkId))}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
    },
    read(header, handle, now) {
      const value = findCookie(header ?? "", nameOf(handle));
      const [linkId, until, locale, year, keyId = "", mac] = (value ?? "").split(".");
      const key = keys.get(keyId);
      if (!key || !isLinkId(linkId) || !mac || !isSigned(key, [linkId, until, locale, year, keyId].join("."), mac)) return undefined;
      const visit = { linkId, locale: LOCALES.find((each) => each === locale) ?? null, yearVerified: year === "y" };
      return Number(until) * 1_000 > now && handleOf(visit.linkId) === handle ? visit : undefined;
    },
  };
}

function isLinkId(text: string | undefined): text is LinkId {
  return text !== undefined && /^[0-9a-f-]{36}$/.test(text);
}

/** Another purpose than a token's, under the same key: no signature of one is ever one of the other. */
function sign(key: KeyObject, payload: string): Buffer {
  return createHmac("sha256", key).update(`visit\0${payload}`).digest();
}

function isSigned(key: KeyObject, payload: string, mac: string): boolean {
  const given = Buffer.from(mac, "base64url");
  const right = sign(key, payload);
  return given.length === right.length && timingSafeEqual(given, right);
}

function findCookie(header: string, name: string): string | undefined {
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
