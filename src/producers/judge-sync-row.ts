/** What one row of an export asks of a session as it stands: nothing, a move, a cancellation, or a session that is not there yet. Judges times on their own; see `refuse-clashes`. */
import type { SeriesPlace } from "../db/session-places.ts";
import type { StoredSession } from "../db/sessions.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SessionRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import { type JudgedTime, judgeTime } from "../domain/judge-time.ts";
import { placeLocal, resolveLocal, toLocal, type Zone } from "../domain/place-in-time.ts";
import { endOf } from "../domain/resolve-sessions.ts";
import type { SyncRow } from "../domain/sync-row.ts";
import type { Alteration } from "./alter-sessions.ts";
import { UNDER_WAY } from "./change-series.ts";
import { refuseBegun } from "./change-session.ts";
import { endWith, type PatientSessions } from "./patient-sessions.ts";
import { expectGoingOn } from "./reopen-series.ts";
import type { PatientRow } from "./sync-patient.ts";

export type RowVerdict =
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly faults: readonly Fault[] }
  | { readonly kind: "move" | "cancel"; readonly alteration: Alteration; readonly warnings: readonly string[] }
  /** Another length at the same start. */
  | { readonly kind: "resize"; readonly session: StoredSession; readonly endsAt: Instant }
  | {
      readonly kind: "add";
      readonly request: SessionRequest;
      readonly time: JudgedTime;
      readonly place: SeriesPlace;
      readonly warnings: readonly string[];
    };

type Context = { readonly patient: PatientSessions; readonly now: Instant };

export function judgeRow({ row, session: id, place }: PatientRow, context: Context): RowVerdict {
  const session = context.patient.sessions.find((each) => each.id === id);
  if (!session) return judgeNew(row, place, context);
  if (place && place.id !== session.seriesId)
    return refuse({ path: "series", value: row.series ?? "", expected: "the series that the session with this id belongs to" });
  return judgeKnown(row, session, context);
}

function judgeKnown(row: SyncRow, session: StoredSession, { patient, now }: Context): RowVerdict {
  if (row.status === "over" || isAsWished(row, session)) return judgeLength(row, session, { patient, now });
  if (!UNDER_WAY.includes(session.seriesStatus))
    return refuse({
      path: "series.status",
      value: session.seriesStatus,
      expected: "a session of a series that goes on; this one's is over",
    });
  const begun = refuseBegun(session, now);
  if (begun) return begun;
  if (row.status === "cancelled")
    return { kind: "cancel", alteration: { session, to: "cancelled", time: null, because: null }, warnings: [] };
  const wish = wishOf(row, session.zone);
  if (!wish) return { kind: "unchanged" };
  const judged = judgeTime(wish, { path: "startsAt", now, taken: [], endOf: endWith(session, row.minutes, patient.protocolOf(session)) });
  if (!judged.ok) return { kind: "refused", faults: judged.faults };
  return { kind: "move", alteration: { session, to: "scheduled", time: judged.value, because: null }, warnings: judged.warnings };
}

/** A postponed session whose old time still stands in the export has not got a new one: the export has not been told yet. */
function isAsWished({ status, start }: SyncRow, session: StoredSession): boolean {
  if (status === "cancelled") return session.status === "cancelled";
  if (session.status === "cancelled") return false;
  if (!start) return true;
  const placement = resolveLocal(start.zone ?? session.zone, start.local);
  if (placement.kind === "gap") return false;
  return placement.kind === "exact" ? placement.at === session.startsAt : [placement.first, placement.second].includes(session.startsAt);
}

function judgeLength({ status, minutes }: SyncRow, session: StoredSession, { patient, now }: Context): RowVerdict {
  const isOpen =
    status === "scheduled" && session.status === "scheduled" && session.startsAt > now && UNDER_WAY.includes(session.seriesStatus);
  const endsAt = endWith(session, minutes, patient.protocolOf(session))(session.startsAt);
  return isOpen && endsAt !== session.endsAt ? { kind: "resize", session, endsAt } : { kind: "unchanged" };
}

function judgeNew(row: SyncRow, place: SeriesPlace | null, { patient, now }: Context): RowVerdict {
  const { kind } = row;
  // What is cancelled or over in the other system before it was ever known here is nothing to add.
  if (row.status !== "scheduled" || !place) return { kind: "unchanged" };
  if (kind === null) return refuse({ path: "kind", expected: "what kind of session it is, because it is new" });
  const protocol = patient.protocolOf(place);
  const expected = expectGoingOn(place, kind, protocol);
  if (expected !== undefined) return refuse({ path: "series", value: row.series ?? "", expected });
  const setting = row.setting ?? "clinic";
  const zone = setting === "home" || setting === "telehealth" ? place.patientZone : place.clinicZone;
  const wish = wishOf(row, zone);
  if (!wish) return { kind: "unchanged" };
  const judged = judgeTime(wish, {
    path: "startsAt",
    now,
    taken: [],
    endOf: (startsAt) => endOf({ startsAt, minutes: row.minutes, kind }, protocol),
  });
  if (!judged.ok) return { kind: "refused", faults: judged.faults };
  const { startsAt, resolution } = judged.value;
  const { minutes, place: room, with: withWhom, externalId } = row;
  const rest = { kind, setting, owner: "ours", minutes, place: room, with: withWhom, joinUrl: null, externalId, status: null } as const;
  const request: SessionRequest = { ...rest, local: toLocal(zone, startsAt), zone, startsAt, resolution };
  return { kind: "add", request, time: judged.value, place, warnings: judged.warnings };
}

/** As it stands on the wall where the session happens; a time that the other zone's clocks jump over is judged there. */
function wishOf({ start }: SyncRow, zone: Zone) {
  if (!start) return undefined;
  const { local } = start;
  if (start.zone === null || start.zone === zone) return { local, zone, occurrence: null };
  const at = placeLocal(start.zone, local);
  const there = toLocal(zone, at);
  const placement = resolveLocal(zone, there);
  return { local: there, zone, occurrence: placement.kind === "overlap" && placement.second === at ? ("second" as const) : null };
}

function refuse(fault: Fault): RowVerdict {
  return { kind: "refused", faults: [fault] };
}
