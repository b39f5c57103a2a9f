/** Three clinics and any number of series of 24 touchpoints, made from a protocol that ships and one parsed request a clinic. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { newId } from "../../src/clock.ts";
import type { StoredClinic } from "../../src/db/clinics.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { ClinicSettings } from "../../src/domain/clinic-settings.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import type { Parsed } from "../../src/domain/fault.ts";
import { parseClinic } from "../../src/domain/parse-clinic.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Two sessions two days apart, without an escort, make 24 touchpoints of this protocol. */
export const PROTOCOL = "iv-ketamine";

const CLINICS = [
  { slug: "aspen-ridge", zone: "America/Denver", phone: "(303) 555-0100", sms: "(303) 555-0101" },
  { slug: "bay-laurel", zone: "America/Los_Angeles", phone: "(213) 555-0100", sms: "(213) 555-0101" },
  { slug: "cedar-point", zone: "America/New_York", phone: "(212) 555-0100", sms: "(212) 555-0101" },
];

/** A million a second: the rate never bounds. */
const UNBOUNDED = 1_000_000;

function must<Value>(parsed: Parsed<Value>): Value {
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.faults.map(({ path, expected }) => `${path}: expected ${expected}`).join("\n"));
}

/** The example clinic in three zones, each of a group of its own. */
export async function readBenchClinics(): Promise<ClinicSettings[]> {
  const example: { senders: object } = parse(await readFile(join(ROOT, "examples/clinic.yaml"), "utf8"));
  return CLINICS.map(({ slug, zone, phone, sms }) => {
    const senders = {
      email: { address: `care@${slug}.example.org`, name: "Aspen Ridge Clinic", perSecond: 10 },
      sms: { number: sms, perSecond: 10 },
    };
    const settings = must(parseClinic({ ...example, slug, zone, phone, senders }));
    return { ...settings, email: { ...settings.email, perSecond: UNBOUNDED }, sms: { ...settings.sms, perSecond: UNBOUNDED } };
  });
}

export type RequestRange = {
  readonly first: number;
  readonly count: number /** Starting days are spread over so many weeks. */;
  readonly weeks?: number;
};

/** Requests of people who differ in chart number, name, phone, address and starting week; the sessions begin three weeks from now. */
export function makeRequests(clinic: ClinicSettings, { first, count, weeks = 8 }: RequestRange): EnqueueRequest[] {
  const now = instant(Date.now());
  const templates = Array.from({ length: Math.min(weeks, count) }, (_, week) =>
    must(parseSeries(toInput(clinic, now + (21 + 7 * week) * DAY), { clinic, now })),
  );
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const template = templates[index % templates.length];
    if (!template) throw new Error("No request to copy");
    const patient = {
      ...template.patient,
      ref: `bench-${number}`,
      name: `Ana Ortiz ${number}`,
      phone: `+1${clinic.phone.slice(2, 5)}${String(2_000_000 + number)}`,
      email: `patient-${number}@patients.example.org`,
    };
    return { ...template, externalId: `bench-${number}`, patient };
  });
}

function toInput({ slug }: ClinicSettings, from: number): unknown {
  // Two days on from a Tuesday is a Thursday: never a weekend, whatever day the benchmark runs.
  const tuesday = from + ((9 - new Date(from).getUTCDay()) % 7) * DAY;
  const startsAt = (days: number) => `${new Date(tuesday + days * DAY).toISOString().slice(0, 10)}T10:00`;
  const consent = { source: "intake form", at: "2026-01-05T10:00-07:00" };
  return {
    clinic: slug,
    patient: {
      ref: "bench",
      name: "Ana Ortiz",
      phone: "(303) 555-0111",
      email: "ana@patients.example.org",
      birthDate: "1984-05-17",
      consent: { sms: consent, email: consent },
    },
    protocol: `${PROTOCOL}@1`,
    condition: "depression",
    sessions: [0, 2].map((days) => ({ startsAt: startsAt(days), minutes: 45, place: "Room 2", with: "Dr. Lee" })),
  };
}

/** A clinic's facts without a database, for the planner alone. */
export function toClinicFacts(
  settings: ClinicSettings,
): Pick<StoredClinic, "id" | "zone" | "locale" | "staffedHours" | "closures" | "quietHours" | "textsPerWeek" | "surveysEnabled"> {
  const { zone, locale, staffedHours, closures, quietHours, textsPerWeek, surveysEnabled } = settings;
  return { id: newId<"clinic">(), zone, locale, staffedHours, closures: new Set(closures), quietHours, textsPerWeek, surveysEnabled };
}
