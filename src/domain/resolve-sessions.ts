/** From what staff asked for to the sessions of a series: written ones as they stand, or a cadence's dates by the protocol's phases. Enqueueing and preview share it. */
import {
  addDays,
  atTime,
  DAY,
  dayOf,
  formatLocal,
  type CalendarDay,
  type Instant,
  instant,
  lengthOf,
  type LocalDateTime,
  MINUTE,
} from "./calendar.ts";
import { checkSessions } from "./check-sessions.ts";
import type { ClinicFacts } from "./clinic.ts";
import type { EnqueueRequest, SessionRequest } from "./enqueue-request.ts";
import type { Fault } from "./fault.ts";
import { makeSessions } from "./make-sessions.ts";
import { placeLocal, resolveLocal, toLocal, type Zone } from "./place-in-time.ts";
import type { Protocol, SessionKind, Setting } from "./protocol.ts";
import { checkSpacing } from "./spacing.ts";

export type ResolvedSession = SessionRequest & {
  /** Position in the series by time, from 1. */
  readonly number: number;
  /** Planned end, observation included. */
  readonly endsAt: Instant;
};

export type ResolvedSessions = {
  readonly sessions: readonly ResolvedSession[];
  /** Last day made of an open-ended phase; null when there is none. */
  readonly horizonUntil: CalendarDay | null;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
};

/** When the patient is busy with another series. */
export type TakenTime = { readonly startsAt: Instant; readonly endsAt: Instant };

export type ResolveContext = {
  readonly protocol: Protocol;
  readonly clinic: Pick<ClinicFacts, "zone" | "closures">;
  readonly patientZone: Zone;
  readonly now: Instant;
  readonly taken?: readonly TakenTime[];
};

export function resolveSessions(request: Pick<EnqueueRequest, "sessions" | "cadence">, context: ResolveContext): ResolvedSessions {
  const { protocol, now } = context;
  const horizonUntil = request.cadence ? findHorizon(context) : null;
  const { written, faults } = request.sessions
    ? { written: request.sessions, faults: [] }
    : writeCadence(request, { ...context, horizonUntil });
  const sessions = written
    .map((session, index) => ({ ...session, path: `sessions[${index}]`, endsAt: endOf(session, protocol) }))
    .toSorted((a, b) => a.startsAt - b.startsAt)
    .map((session, index) => ({ ...session, number: index + 1 }));
  const checked = faults.length > 0 ? { faults: [], warnings: [] } : checkSessions(sessions, { now });
  const spacing = checkSpacing(protocol, sessions);
  return {
    sessions,
    horizonUntil,
    faults: [...faults, ...checked.faults, ...findClashes(sessions, context)],
    warnings: [...checked.warnings, ...spacing],
  };
}

/** Sessions at a time that another series of the same patient has taken already. */
function findClashes(sessions: readonly (ResolvedSession & { path: string })[], { taken = [] }: ResolveContext): Fault[] {
  const clashing = sessions.filter(
    ({ status, startsAt, endsAt }) => status === null && taken.some((other) => startsAt < other.endsAt && other.startsAt < endsAt),
  );
  const expected = "a time at which this patient has no session of another series";
  return clashing.map(({ path, local }) => ({ path: `${path}.startsAt`, value: formatLocal(local), expected }));
}

/** The last day for which sessions of an open-ended phase are made now; null when the protocol has no such phase. */
export function findHorizon({ protocol, clinic, now }: Pick<ResolveContext, "protocol" | "clinic" | "now">): CalendarDay | null {
  const open = protocol.phases.find(({ count, onRequest }) => count === undefined && !onRequest);
  if (!open) return null;
  const ahead = open.horizon ? Math.ceil(lengthOf(open.horizon) / DAY) : DEFAULT_HORIZON_DAYS;
  return addDays(dayOf(toLocal(clinic.zone, now)), ahead);
}

/** Five weeks: enough for every stage before a session, short enough that a changed rhythm changes little. */
const DEFAULT_HORIZON_DAYS = 35;

type CadenceContext = ResolveContext & { readonly horizonUntil: CalendarDay | null };

function writeCadence(
  { cadence }: Pick<EnqueueRequest, "cadence">,
  context: CadenceContext,
): { written: SessionRequest[]; faults: Fault[] } {
  if (!cadence) return { written: [], faults: [{ path: "sessions", expected: "sessions or a cadence" }] };
  const { protocol, clinic, horizonUntil } = context;
  const made = makeSessions({ cadence, phases: protocol.phases, closures: clinic.closures, horizonUntil: horizonUntil ?? cadence.first });
  const faults: Fault[] = [];
  const written = made.map(({ kind, setting, day, at, minutes }): SessionRequest => {
    const zone = zoneOf(setting, context);
    const local = atTime(day, at);
    const placement = resolveLocal(zone, local);
    if (placement.kind === "gap") faults.push(gapFault(local, placement));
    const startsAt = placeLocal(zone, local);
    const resolution = placement.kind === "overlap" ? "overlap-first" : "exact";
    return {
      kind,
      setting,
      owner: "ours",
      local,
      zone,
      startsAt,
      resolution,
      minutes,
      place: null,
      with: null,
      joinUrl: null,
      externalId: null,
      status: null,
    };
  });
  return { written, faults };
}

function gapFault(local: LocalDateTime, { before, after }: { before: LocalDateTime; after: LocalDateTime }): Fault {
  const expected = `a time that exists: on that day the clocks jump over it (nearest valid times ${formatLocal(before)} and ${formatLocal(after)})`;
  return { path: "cadence.at", value: formatLocal(local), expected };
}

/** A visit happens where the clinic is, unless the patient stays at home. */
function zoneOf(setting: Setting, { clinic, patientZone }: ResolveContext): Zone {
  return setting === "home" || setting === "telehealth" ? patientZone : clinic.zone;
}

/** When a session that starts then is over, observation included. */
export function endOf({ startsAt, minutes, kind }: Pick<SessionRequest, "startsAt" | "minutes" | "kind">, protocol: Protocol): Instant {
  const length = (minutes ?? usualMinutes(kind, protocol)) * MINUTE;
  const observation = kind === "dosing" || kind === "booster" ? lengthOf(protocol.instructions.observation) : 0;
  return instant(startsAt + length + observation);
}

function usualMinutes(kind: SessionKind, { phases }: Protocol): number {
  const phase = phases.find((each) => each.kind === kind) ?? phases.find(({ followedBy }) => followedBy?.kind === kind)?.followedBy;
  return phase?.minutes ?? 60;
}
