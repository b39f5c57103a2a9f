import { HOUR } from "./calendar.ts";
import type { Intake } from "./intake.ts";
import { parseZone, toLocal, type Zone } from "./place-in-time.ts";
import { accepted, type Reading, refused } from "./reading.ts";

/** What people write in the United States when they mean a place: abbreviations change twice a year or name three countries, so they are only a hint. */
const ABBREVIATIONS = new Map([
  ["pst", "America/Los_Angeles"],
  ["pdt", "America/Los_Angeles"],
  ["pt", "America/Los_Angeles"],
  ["mst", "America/Denver"],
  ["mdt", "America/Denver"],
  ["mt", "America/Denver"],
  ["cst", "America/Chicago"],
  ["cdt", "America/Chicago"],
  ["ct", "America/Chicago"],
  ["est", "America/New_York"],
  ["edt", "America/New_York"],
  ["et", "America/New_York"],
]);
const ZONES = new Map(Intl.supportedValuesOf("timeZone").map((name) => [name.toLowerCase(), name]));

/** Reads an IANA zone through {@link parseZone}; where the spelling is near one, the refusal names it. */
export function readZone(text: string): Reading<Zone> {
  const zone = parseZone(text);
  if (zone) return accepted(zone);
  const folded = text.trim().toLowerCase().replaceAll(" ", "_");
  const near = ZONES.get(folded) ?? ABBREVIATIONS.get(folded);
  return refused(`an IANA time zone, exactly spelled, such as America/Denver${near ? `; did you mean ${near}?` : ""}`);
}

/** Further than this from the clinic's wall is possible, and more often a slip. */
const FAR_HOURS = 3;

/** Warns where the wall of a zone is now more than three hours from the clinic's. */
export function warnFarZone({ clinic, now, list }: Intake, { zone, path }: { zone: Zone; path: string }): void {
  const hours = Math.abs(toLocal(zone, now) - toLocal(clinic.zone, now)) / HOUR;
  if (hours > FAR_HOURS) list.warn(path, `${zone} is ${hours} hours from the clinic's ${clinic.zone}`);
}
