import { z } from "zod";
import { formatLocal, type Instant, instant, type LocalDateTime, MINUTE, parseLocalDateTime } from "./calendar.ts";
import type { SessionTimes } from "./check-sessions.ts";
import type { PastStatus, SessionRequest } from "./enqueue-request.ts";
import { choiceField, lineField, optional, textField, withDefault } from "./field.ts";
import { parseHttpsUrl } from "./https-url.ts";
import type { Intake } from "./intake.ts";
import { parsePersonName } from "./person-name.ts";
import { resolveLocal, type Zone } from "./place-in-time.ts";
import { SESSION_KINDS, SETTINGS, type Setting } from "./protocol.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading, refused } from "./reading.ts";
import { readZone, warnFarZone } from "./zone-name.ts";

const PAST_STATUSES = ["completed", "not_dosed", "no_show", "cancelled"] as const satisfies readonly PastStatus[];
const MINUTES = "a whole number of minutes from 10 to 480";

const schema = z.strictObject(
  {
    kind: withDefault(choiceField(SESSION_KINDS), "dosing"),
    startsAt: textField(readLocalDateTime, "2027-01-11T09:00"),
    minutes: optional(z.int(MINUTES).min(10, MINUTES).max(480, MINUTES)),
    setting: withDefault(choiceField(SETTINGS), "clinic"),
    place: optional(lineField("Room 2")),
    with: optional(textField(parsePersonName, "Dr. Lee")),
    joinUrl: optional(textField(parseHttpsUrl, "https://visit.example.org/room")),
    owner: withDefault(choiceField(["ours", "external"]), "ours"),
    externalId: optional(lineField("visit-2207")),
    status: optional(choiceField(PAST_STATUSES)),
    zone: optional(textField(readZone, "America/Denver")),
    occurrence: optional(choiceField(["first", "second"])),
  },
  'a session: { kind: dosing, startsAt: "2027-01-11T09:00" }',
);

type Resolved = Pick<SessionRequest, "startsAt" | "resolution">;

/** The session when everything is right, and its times as soon as they are, so that they are checked although another key is wrong. */
export type SessionRead = { readonly session: SessionRequest | undefined; readonly times: SessionTimes | undefined };

const NOTHING: SessionRead = { session: undefined, times: undefined };

/** Reads one session and places it: in its own zone, else the clinic's, else (at home or by telehealth) the patient's. `homeZone` is undefined while it is unknown. */
export function parseSession(
  intake: Intake,
  input: unknown,
  { path, homeZone }: { path: string; homeZone: Zone | undefined },
): SessionRead {
  const { whole, part } = readFields(schema, input, { path, list: intake.list });
  if (part.zone) warnFarZone(intake, { zone: part.zone, path: `${path}.zone` });
  const zone = "zone" in part ? (part.zone ?? zoneOf(part.setting, { clinicZone: intake.clinic.zone, homeZone })) : undefined;
  if (part.startsAt === undefined || zone === undefined) return NOTHING;
  const resolved = placeWritten(intake, { local: part.startsAt, zone, occurrence: part.occurrence ?? null }, `${path}.startsAt`);
  if (!resolved) return NOTHING;
  const times =
    "status" in part
      ? { path, zone, startsAt: resolved.startsAt, endsAt: endOf(resolved.startsAt, part.minutes), status: part.status ?? null }
      : undefined;
  if (!whole) return { session: undefined, times };
  const { startsAt: local, occurrence: _, ...session } = whole;
  return { session: { ...session, local, zone, ...resolved }, times };
}

/** Until the protocol's length is known, a session without its own takes up no time. */
function endOf(startsAt: Instant, minutes: number | null | undefined): Instant {
  return instant(startsAt + (minutes ?? 0) * MINUTE);
}

function zoneOf(
  setting: Setting | undefined,
  { clinicZone, homeZone }: { clinicZone: Zone; homeZone: Zone | undefined },
): Zone | undefined {
  if (setting === undefined) return undefined;
  return setting === "home" || setting === "telehealth" ? homeZone : clinicZone;
}

/** A date and time as somebody wrote it; `occurrence`: which of the two, where the clocks are set back. */
export type WrittenTime = { readonly local: LocalDateTime; readonly zone: Zone; readonly occurrence: "first" | "second" | null };

/** Finds the moment; a time that the clocks jump over is a fault, one that happens twice a warning that says which was taken. */
export function placeWritten({ list }: Pick<Intake, "list">, { local, zone, occurrence }: WrittenTime, path: string): Resolved | undefined {
  const placement = resolveLocal(zone, local);
  const text = formatLocal(local);
  if (placement.kind === "exact") {
    if (occurrence) list.warn(path, `${text} exists once in ${zone}; occurrence: ${occurrence} is not needed`);
    return { startsAt: placement.at, resolution: "exact" };
  }
  if (placement.kind === "gap") {
    const nearest = `${formatLocal(placement.before)} or ${formatLocal(placement.after)}`;
    list.add({ path, value: text }, `a time that exists: the clocks in ${zone} jump over it; the nearest are ${nearest}`);
    return undefined;
  }
  if (occurrence === null) list.warn(path, `${text} happens twice in ${zone}; the first is taken (occurrence: second takes the other)`);
  return chosen(placement, occurrence);
}

function chosen({ first, second }: { first: Instant; second: Instant }, occurrence: WrittenTime["occurrence"]): Resolved {
  return occurrence === "second" ? { startsAt: second, resolution: "overlap-second" } : { startsAt: first, resolution: "overlap-first" };
}

/** Reads a local date and time as `2027-01-11T09:00`. */
export function readLocalDateTime(text: string): Reading<LocalDateTime> {
  const local = parseLocalDateTime(text);
  if (local !== undefined) return accepted(local);
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.+$/.test(text))
    return refused("a local time without seconds and offset, written as 2027-01-11T09:00 (a zone goes into the key zone)");
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return refused("a date that exists and a time from 00:00 to 23:59");
  return refused("a local date and time, written as 2027-01-11T09:00");
}
