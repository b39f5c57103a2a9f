/** The clinic, the moment and the plain series that the tests of reading vary. */
import { type Instant, parseInstant } from "../../src/domain/calendar.ts";
import type { Fault, Parsed } from "../../src/domain/fault.ts";
import type { SeriesContext } from "../../src/domain/intake.ts";
import { parseZone, type Zone } from "../../src/domain/place-in-time.ts";

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`${text} is no instant`);
  return instant;
}

export function zone(name: string): Zone {
  const found = parseZone(name);
  if (!found) throw new Error(`${name} is no zone`);
  return found;
}

/** Monday 2027-01-04, 08:00 in Denver: when the demo begins. */
export const NOW = at("2027-01-04T15:00:00Z");

export const CONTEXT: SeriesContext = {
  clinic: { slug: "aspen-ridge", zone: zone("America/Denver"), country: "US", locale: "en" },
  now: NOW,
};

type Keys = { readonly [key: string]: unknown };

/** A plain series that is right; `changes` replace its keys, a change of undefined leaves one out. */
export function series(changes: Keys = {}): Keys {
  const sessions = [{ startsAt: "2027-01-11T09:00" }, { startsAt: "2027-01-13T09:00" }];
  return { clinic: "aspen-ridge", patient: patient(), protocol: "iv-ketamine@1", condition: "depression", sessions, ...changes };
}

export function patient(changes: Keys = {}): Keys {
  return { ref: "10482", name: "Ana Ortiz", phone: "(303) 555-0111", email: "ana@example.org", ...changes };
}

/** A series with one session: this one. */
export function oneSession(session: unknown, changes: Keys = {}): Keys {
  return series({ sessions: [session], ...changes });
}

export function faultsOf(parsed: Parsed<unknown>): readonly Fault[] {
  return parsed.ok ? [] : parsed.faults;
}

export function pathsOf(parsed: Parsed<unknown>): string[] {
  return faultsOf(parsed).map(({ path }) => path);
}

/** The value; the faults in the error when there is none. */
export function valueOf<Value>(parsed: Parsed<Value>): Value {
  if (!parsed.ok) throw new Error(`Refused: ${JSON.stringify(parsed.faults)}`);
  return parsed.value;
}
