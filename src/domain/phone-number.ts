import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";
import { accepted, type Reading, refused } from "./reading.ts";

/** Kinds of number a person or a clinic answers on at the ordinary rate; premium, shared-cost, pager and voicemail numbers are none. */
const ANSWERED: ReadonlySet<string> = new Set(["FIXED_LINE", "MOBILE", "FIXED_LINE_OR_MOBILE", "TOLL_FREE", "VOIP"]);
/** Inside the United States' numbering and rates although they have a country code of their own. */
const US_TERRITORIES: ReadonlySet<string> = new Set(["PR", "VI", "GU", "AS", "MP"]);
/** 555-0100 to 555-0199 are kept free for fiction in every area code by the numbering plan; demos and tests use them. */
const FICTIONAL = /^[2-9]\d\d55501\d\d$/;
const PASTED_MARKS = /[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;
const SHORTEST = 7;

/** Reads one phone number of the country (ISO 3166 alpha-2) as E.164. Formatting, full-width and other Unicode digits and pasted direction marks are allowed. */
export function parsePhone(text: string, country: string): Reading<string> {
  if (!isSupportedCountry(country)) return refused(`a phone number of a known country (${country} is none)`);
  const plain = toPlainDigits(text);
  const fault = findShapeFault(plain, country);
  if (fault) return refused(fault);
  const number = parsePhoneNumberFromString(plain.replace(/^\((\+\d+)\)/, "$1 "), { defaultCountry: country, extract: false });
  if (!number || number.ext) return refused(numberOf(country));
  return judge(number, country);
}

/** ASCII digits, hyphens and spaces for whatever script or keyboard wrote them. */
function toPlainDigits(text: string): string {
  return text
    .replace(PASTED_MARKS, "")
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, digitOf)
    .replace(/\p{Pd}|\u2212/gu, "-")
    .replace(/\p{Zs}+/gu, " ")
    .trim();
}

/** Unicode keeps decimal digits in runs of ten from zero upwards, and no two runs that NFKC leaves touch each other. */
function digitOf(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value++;
  return String(value);
}

function findShapeFault(plain: string, country: CountryCode): string | undefined {
  const digits = plain.replace(/\D/g, "").length;
  if (digits === 0) return numberOf(country);
  if (/[\r\n,;|&]|\d\D*\b(or|and|y|o)\b\D*\d/i.test(plain) || plain.split("/").filter((part) => countDigits(part) >= SHORTEST).length > 1)
    return `one number in the field, ${numberOf(country)}`;
  if (/\d\s*(x|ext|extension|#)\.?\s*\d+$/i.test(plain)) return `${numberOf(country)}, without an extension`;
  if (/\p{L}/u.test(plain)) return `${numberOf(country)}, in digits instead of letters`;
  if (!/^[(+\d][\d ()./-]*$/.test(plain.replace(/^\(\+/, "("))) return `${numberOf(country)}, in digits, spaces, hyphens and brackets only`;
  if (digits < SHORTEST) return `${numberOf(country)}, not an emergency or short number`;
  if (digits > 15) return `one number of at most 15 digits, ${numberOf(country)}`;
  return digits === SHORTEST && country === "US" ? `${numberOf(country)}, with its area code` : undefined;
}

function countDigits(text: string): number {
  return text.replace(/\D/g, "").length;
}

function judge(number: PhoneNumber, country: CountryCode): Reading<string> {
  if (number.countryCallingCode !== getCountryCallingCode(country)) return refused(foreign(number, country));
  const fictional = country === "US" && FICTIONAL.test(number.nationalNumber) && number.isPossible();
  if (!fictional && !number.isValid()) return refused(`${numberOf(country)}, with a number of digits and an area code that exist`);
  const type = number.getType();
  if (type !== undefined && !ANSWERED.has(type)) return refused(`${numberOf(country)}, at the ordinary rate (this is ${describe(type)})`);
  if (!fictional && !belongs(number, country)) return refused(foreign(number, country));
  return accepted(number.number);
}

function belongs(number: PhoneNumber, country: CountryCode): boolean {
  if (number.country === country || (country === "US" && US_TERRITORIES.has(number.country ?? ""))) return true;
  // Toll-free numbers are shared by every country of a calling code; the library names only the first.
  return number.getType() === "TOLL_FREE";
}

function foreign(number: PhoneNumber, country: CountryCode): string {
  const elsewhere = number.countryCallingCode === getCountryCallingCode(country) ? number.country : undefined;
  return `${numberOf(country)}; this one belongs to ${elsewhere ?? `+${number.countryCallingCode}`}`;
}

function describe(type: string): string {
  return `a ${type
    .replace(/_NUMBER$/, "")
    .toLowerCase()
    .replaceAll("_", "-")} number`;
}

function numberOf(country: CountryCode): string {
  return country === "US"
    ? "a US phone number such as (303) 555-0142"
    : `a phone number of ${country} (+${getCountryCallingCode(country)} and its digits)`;
}
