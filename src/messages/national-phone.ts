/** Telephone numbers as people of the country write and dial them. */
import { parsePhoneNumberFromString } from "libphonenumber-js";

/** "(555) 010-0123" for `+15550100123`; a number that cannot be read comes back as it is. */
export function toNationalPhone(e164: string): string {
  return parsePhoneNumberFromString(e164)?.formatNational() ?? e164;
}

const CACHED = 500;
const formatted = new Map<string, string>();

/** The same, remembered: for the few numbers of clinics, not for those of patients. */
export function toClinicPhone(e164: string): string {
  const known = formatted.get(e164);
  if (known !== undefined) return known;
  if (formatted.size >= CACHED) formatted.clear();
  const national = toNationalPhone(e164);
  formatted.set(e164, national);
  return national;
}
