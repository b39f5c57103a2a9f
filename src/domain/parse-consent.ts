import { z } from "zod";
import { atTime, formatInstant, type Instant, parseDay, parseInstant, parseWallClock, wallClock } from "./calendar.ts";
import type { ConsentGiven } from "./enqueue-request.ts";
import { choiceField, lineField, optional, textField } from "./field.ts";
import type { Intake } from "./intake.ts";
import { placeLocal, type Zone } from "./place-in-time.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading } from "./reading.ts";
import { pathTo } from "./show-value.ts";

const CONSENT_TO = ["sms", "email", "detail"] as const;
const EXAMPLE = "2027-01-03T14:05-07:00";
const MOMENT = `a moment with its offset, such as ${EXAMPLE}, or a day such as 2027-01-03`;
/** A list of six would name a channel twice. */
const MOST = CONSENT_TO.length;

const schema = z.strictObject(
  {
    to: choiceField(CONSENT_TO),
    source: lineField("intake form"),
    at: textField(accepted, EXAMPLE),
    wording: optional(lineField("2026-10")),
  },
  `a consent: { to: sms, source: intake form, at: "${EXAMPLE}" }`,
);

/** Reads who agreed to what: a list of consents, or a map from channel to source and time. None is normal; each channel stands once, none lies in the future. */
export function parseConsents(intake: Intake, input: unknown, path: string): readonly ConsentGiven[] {
  if (input === undefined || input === null) return [];
  const consents: ConsentGiven[] = [];
  const seen = new Set<string>();
  for (const entry of toEntries(intake, input, path)) {
    const consent = parseConsent(intake, entry.input, entry.path);
    if (!consent) continue;
    if (seen.has(consent.to)) intake.list.add({ path: entry.path, value: consent.to }, "each channel once");
    seen.add(consent.to);
    consents.push(consent);
  }
  return consents;
}

function toEntries(intake: Intake, input: unknown, path: string): readonly { input: unknown; path: string }[] {
  if (Array.isArray(input) && input.length <= MOST)
    return input.map((entry: unknown, index) => ({ input: entry, path: pathTo(path, index) }));
  if (typeof input === "object" && input !== null && !Array.isArray(input))
    return Object.entries(input).flatMap(([to, given]: [string, unknown]) => toEntry(intake, given, { to, path: pathTo(path, to) }));
  intake.list.add({ path, value: input }, `a list of at most ${MOST} consents, or a map from ${CONSENT_TO.join(", ")} to source and time`);
  return [];
}

function toEntry(
  { list }: Intake,
  given: unknown,
  { to, path }: { to: string; path: string },
): readonly { input: unknown; path: string }[] {
  if (CONSENT_TO.every((known) => known !== to)) {
    list.add({ path, value: given }, `a known key (${CONSENT_TO.join(", ")})`);
    return [];
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return [{ input: given, path }];
  if (Object.hasOwn(given, "to"))
    list.add({ path: `${path}.to`, value: Reflect.get(given, "to") }, "no such key, because the map names the channel");
  return [{ input: { ...given, to }, path }];
}

function parseConsent({ clinic, now, list }: Intake, input: unknown, path: string): ConsentGiven | undefined {
  const { whole, part } = readFields(schema, input, { path, list });
  if (part.at === undefined) return undefined;
  const at = list.take(readMoment(part.at, clinic.zone), { path: `${path}.at`, value: part.at });
  if (at !== undefined && at > now)
    list.add({ path: `${path}.at`, value: part.at }, `a moment that has been (it is ${formatInstant(now)})`);
  return whole && at !== undefined ? { ...whole, at } : undefined;
}

/** A bare day counts from its first minute on the clinic's wall. */
function readMoment(text: string, zone: Zone): Reading<Instant> {
  const day = parseDay(text.slice(0, 10));
  if (day !== undefined && text.length === 10) return accepted(placeLocal(zone, atTime(day, wallClock(0))));
  // The reader of the engine also takes 24:00 and 30 February.
  const exists = day !== undefined && parseWallClock(text.slice(11, 16)) !== undefined;
  const at = exists ? parseInstant(text) : undefined;
  return at === undefined ? { ok: false, expected: MOMENT } : accepted(at);
}
