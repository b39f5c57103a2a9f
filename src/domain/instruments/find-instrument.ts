/** Every instrument in every version that was ever asked. Versions are added, never changed. */
import type { Locale } from "../clinic.ts";
import { HOME_SAFE, INTEGRATION, NEXT_DAY, SIDE_EFFECTS, THREE_DAYS } from "./check-ins.ts";
import { GAD_7 } from "./gad-7.ts";
import type { Instrument } from "./instrument.ts";
import { PCL_5 } from "./pcl-5.ts";
import { PHQ_2, PHQ_9 } from "./phq.ts";

export const INSTRUMENTS: readonly Instrument[] = [PHQ_9, PHQ_2, GAD_7, PCL_5, HOME_SAFE, NEXT_DAY, THREE_DAYS, SIDE_EFFECTS, INTEGRATION];

const NEWEST: ReadonlyMap<string, Instrument> = new Map(
  INSTRUMENTS.toSorted((a, b) => a.version - b.version).map((instrument) => [instrument.id, instrument]),
);

/** The newest version, or the one that is asked for; undefined for what does not exist. */
export function findInstrument(id: string, version?: number): Instrument | undefined {
  if (version === undefined) return NEWEST.get(id);
  return INSTRUMENTS.find((instrument) => instrument.id === id && instrument.version === version);
}

/** The same; throws for what does not exist, which a stored answer never names. */
export function getInstrument(id: string, version?: number): Instrument {
  const found = findInstrument(id, version);
  if (!found) throw new Error(`There is no instrument ${id}${version === undefined ? "" : ` in version ${version}`}`);
  return found;
}

/** Whether an answer to it may say that somebody thinks of harming themselves: then the clinic must have somebody who looks. */
export function asksAboutSelfHarm({ items }: Instrument): boolean {
  return items.some(({ alarms }) => alarms.some(({ kind }) => kind === "self-harm-answer"));
}

/** Whether it can be asked in writing in this language. */
export function speaks({ locales }: Instrument, locale: Locale): boolean {
  return locales.includes(locale);
}
