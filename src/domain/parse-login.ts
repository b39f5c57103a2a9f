/** What staff sign in with, and what makes a password good enough. */
import { accepted, type Reading, refused } from "./reading.ts";

/** A short name or an email address, in lower case; it stands in the audit. */
export function parseLogin(text: string): Reading<string> {
  const login = text.trim().normalize("NFKC").toLowerCase();
  return /^[a-z0-9][a-z0-9._+-]{0,62}[a-z0-9](@[a-z0-9.-]{1,60}[a-z0-9])?$/.test(login)
    ? accepted(login)
    : refused("2 to 64 letters, digits, dots, hyphens or underscores, or an email address");
}

const LEAST = 12;
const MOST = 200;

/**
 * Length and not a mixture of kinds, as NIST SP 800-63B-4 asks, and nothing that is guessed first: the login, or one character over and over.
 * https://pages.nist.gov/800-63-4/sp800-63b.html
 */
export function parsePassword(text: string, { login }: { login: string }): Reading<string> {
  const password = text.normalize("NFC");
  if (password.length < LEAST || password.length > MOST) return refused(`${LEAST} to ${MOST} characters`);
  const folded = password.toLowerCase();
  const [name = login] = login.split("@");
  if (folded.includes(login) || (name.length > 3 && folded.includes(name))) return refused("a password that does not hold the login");
  return new Set(folded).size < 5 ? refused("a password of at least five different characters") : accepted(password);
}
