import { domainToASCII } from "node:url";
import { nameCharacter } from "./forbidden-character.ts";
import { accepted, type Reading, refused } from "./reading.ts";

const EXAMPLE = "such as ana@example.org";
/** RFC 5321 section 4.5.3.1: 64 octets before the @, 254 in all (256 for the path with its angle brackets). */
const LONGEST_LOCAL_PART = 64;
const LONGEST = 254;
/** RFC 5322 dot-atom. */
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Checked before folding: `domainToASCII` also decodes percent signs, drops zero-width characters and fills up IPv4 addresses. */
const DOMAIN_AS_WRITTEN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * Reads one bare address: what stands before the @ is kept as written, the domain becomes A-labels in lower case. Display names, quoted local parts, lists,
 * address literals and hosts without a dot are refused, so that nothing in it can add a recipient or a header.
 */
export function parseEmail(text: string): Reading<string> {
  const address = text.replace(/^[ \u00A0]+|[ \u00A0]+$/g, "");
  const shape = findShapeFault(address);
  if (shape) return refused(shape);
  const [local = "", domain = ""] = address.split("@");
  const wrongLocalPart = findLocalPartFault(local);
  if (wrongLocalPart) return refused(wrongLocalPart);
  const ascii = DOMAIN_AS_WRITTEN.test(domain) ? domainToASCII(domain.normalize("NFKC").toLowerCase()) : "";
  const wrongDomain = findDomainFault(domain, ascii);
  if (wrongDomain) return refused(wrongDomain);
  const whole = `${local}@${ascii}`;
  return whole.length <= LONGEST ? accepted(whole) : refused(`an address of at most ${LONGEST} characters (it has ${whole.length})`);
}

function findShapeFault(address: string): string | undefined {
  const odd = /[\p{C}\p{Z}]/u.exec(address)?.[0];
  if (/[<>]/.test(address)) return `the bare address without a name or angle brackets, ${EXAMPLE}`;
  if (/[,;]/.test(address)) return `one address, without commas or semicolons, ${EXAMPLE}`;
  if (odd) return `one address without spaces or invisible characters, ${EXAMPLE} (it holds ${nameCharacter(odd)})`;
  if (address.includes('"')) return `an address without quotation marks, ${EXAMPLE}`;
  if (/[()]/.test(address)) return `an address without comments in brackets, ${EXAMPLE}`;
  const signs = address.split("@").length - 1;
  if (signs > 1) return `one address with one @, ${EXAMPLE}`;
  return signs === 0 ? `an address with an @, ${EXAMPLE}` : undefined;
}

function findLocalPartFault(local: string): string | undefined {
  if (local === "") return `a name before the @, ${EXAMPLE}`;
  if (/\P{ASCII}/u.test(local)) return `only ASCII characters before the @ (the mail server would need SMTPUTF8), ${EXAMPLE}`;
  if (local.length > LONGEST_LOCAL_PART) return `at most ${LONGEST_LOCAL_PART} characters before the @ (it has ${local.length})`;
  return DOT_ATOM.test(local) ? undefined : `only letters, digits, single dots and . _ + - and the like before the @, ${EXAMPLE}`;
}

function findDomainFault(domain: string, ascii: string): string | undefined {
  const labels = ascii.split(".");
  const last = labels.at(-1) ?? "";
  if (domain.startsWith("[") || /^[\d.]+$/.test(domain)) return `a domain name after the @, not an IP address, ${EXAMPLE}`;
  if (/(^|\.)local(host|domain)?$/i.test(domain)) return `a domain that can be reached from outside, ${EXAMPLE}`;
  if (domain.endsWith(".")) return `an address without a dot at its end, ${EXAMPLE}`;
  if (domain !== "" && !domain.includes(".") && LABEL.test(ascii)) return `a domain with a dot after the @, ${EXAMPLE}`;
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || /^\d+$/.test(last))
    return `a valid domain after the @, ${EXAMPLE}`;
  return ascii.length <= 253 ? undefined : "a domain of at most 253 characters after the @";
}
