/** A series as staff write it, from any reader (YAML, JSON, CSV, HTTP), turned into a request that the rest of the program trusts. */
import { z } from "zod";
import { checkPlainData } from "./check-plain-data.ts";
import { checkSessions } from "./check-sessions.ts";
import type { EnqueueRequest, SessionRequest } from "./enqueue-request.ts";
import type { Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import { lineField, optional, part as partField, slugField, textField } from "./field.ts";
import type { Intake, SeriesContext } from "./intake.ts";
import { parseCadence } from "./parse-cadence.ts";
import { PATIENT_KEYS, parsePatient } from "./parse-patient.ts";
import { parseSession } from "./parse-session.ts";
import type { Zone } from "./place-in-time.ts";
import { parseProtocolName, protocolName } from "./protocol.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading, refused } from "./reading.ts";
import { pathTo } from "./show-value.ts";

/** Past and future together; a longer list is not read, because a thousand faults help nobody. */
const MOST_SESSIONS = 500;
const ALSO = PATIENT_KEYS.map((key) => `patient.${key}`);

const schema = z.strictObject(
  {
    externalId: optional(lineField("order-1001")),
    clinic: slugField("aspen-ridge"),
    patient: partField,
    protocol: textField(readProtocolName, "iv-ketamine@1"),
    condition: slugField("depression"),
    sessions: partField,
    cadence: partField,
  },
  "a series: clinic, patient, protocol, condition, and sessions or cadence",
);

/**
 * Reads a series against the clinic that enqueues it. All faults come at once, each with its path; the input is never changed and nothing is guessed. Sessions stay
 * in the order of the file, so that later faults find their paths. Their lengths may still be the protocol's: who knows it runs {@link checkSessions} again with
 * the real ends and then also gets its warnings, which are left out here so that none is said twice.
 */
export function parseSeries(input: unknown, context: SeriesContext): Parsed<EnqueueRequest> {
  const intake: Intake = { ...context, list: faultList(checkPlainData(input)) };
  const { list } = intake;
  const { whole, part } = readFields(schema, input, { path: "", list, also: ALSO });
  if (typeof input !== "object" || input === null || Array.isArray(input)) return list.conclude<EnqueueRequest>(undefined);
  if (part.clinic !== undefined && part.clinic !== context.clinic.slug)
    list.add({ path: "clinic", value: part.clinic }, `${context.clinic.slug}, the clinic that enqueues it`);
  const { protocols } = context;
  if (part.protocol !== undefined && protocols && !protocols.names.has(protocolName(part.protocol)))
    list.add({ path: "protocol", value: protocolName(part.protocol) }, protocols.expected);
  const { patient, zone } = parsePatient(intake, part.patient);
  const homeZone = zone === null ? context.clinic.zone : zone;
  const timing = parseTiming(intake, part, homeZone);
  if (!whole || !patient || !timing) return list.conclude<EnqueueRequest>(undefined);
  const { externalId, clinic, protocol, condition } = whole;
  return list.conclude({ externalId, clinic, patient, protocol, condition, ...timing });
}

type Timing = Pick<EnqueueRequest, "sessions" | "cadence">;

function parseTiming(
  intake: Intake,
  { sessions, cadence }: { sessions?: unknown; cadence?: unknown },
  homeZone: Zone | undefined,
): Timing | undefined {
  const { list } = intake;
  const [listed, made] = [sessions ?? null, cadence ?? null];
  if (listed !== null && made !== null) list.add({ path: "cadence", value: made }, "either sessions or cadence, not both");
  if (listed === null && made === null) list.add({ path: "sessions", value: undefined }, "either sessions or cadence");
  const request = made === null ? null : parseCadence(intake, made, "cadence");
  const requests = listed === null ? null : parseSessions(intake, listed, homeZone);
  return request === undefined || requests === undefined ? undefined : { cadence: request, sessions: requests };
}

function parseSessions(intake: Intake, input: unknown, homeZone: Zone | undefined): readonly SessionRequest[] | undefined {
  const place = { path: "sessions", value: input };
  if (!Array.isArray(input) || input.length > MOST_SESSIONS) {
    intake.list.add(
      place,
      Array.isArray(input) ? `at most ${MOST_SESSIONS} sessions` : 'a list of sessions: [{ startsAt: "2027-01-11T09:00" }]',
    );
    return undefined;
  }
  const read = input.map((entry: unknown, index) => parseSession(intake, entry, { path: pathTo("sessions", index), homeZone }));
  const times = read.flatMap((one) => one.times ?? []);
  if (times.length > 0 || input.length === 0) intake.list.adopt(checkSessions(times, { now: intake.now }).faults);
  const requests = read.flatMap(({ session }) => session ?? []);
  return requests.length < read.length ? undefined : requests;
}

function readProtocolName(text: string): Reading<{ id: string; version: number }> {
  const name = parseProtocolName(text);
  return name ? accepted(name) : refused("a protocol and its version, such as iv-ketamine@1");
}
