/**
 * Moves every session of a clinic's day to the same clock time on another day.
 *
 * Trigger: staff (`clinic move-day`). Re-checks: which sessions there are, and what stands in the way of each, under the locks of their patients. Effect: those
 * that can be moved are moved because of the clinic, and everything that was going to be said about their old time is silenced, in one transaction; the others
 * stay and are listed with the reason. With `following`, the later sessions of the same series move by as many days. What is to be said now is planned by the
 * workers, soonest session first. A repeat finds nothing on the day any more and changes nothing.
 */
import { getApprovals } from "../db/approvals.ts";
import { listClosedSpans } from "../db/closures.ts";
import type { Database, Tx } from "../db/database.ts";
import { type DaySession, listSessionsOfPatients, listSessionsWithin, type Silenced } from "../db/day-sessions.ts";
import { lockPatients } from "../db/plans.ts";
import { listPlannedPatients } from "../db/view-clinics.ts";
import { type CalendarDay, DAY, formatDay, formatInstant, type Instant, instant } from "../domain/calendar.ts";
import type { ClinicFacts } from "../domain/clinic.ts";
import { type Shift, type ShiftedSession, shiftSessions } from "../domain/shift-sessions.ts";
import { checkSpacing } from "../domain/spacing.ts";
import type { Span } from "../domain/touchpoint.ts";
import { alterForClinic } from "./alter-for-clinic.ts";
import { changeClinic, type ClinicChanged, type ClinicDeps, type ClinicWritten, lockWhile } from "./change-clinic.ts";
import { type ChangeOptions, type Moment, refuse } from "./change-facts.ts";
import { soonestFirst } from "./close-clinic.ts";

export type MoveRequest = {
  readonly clinic: Pick<ClinicFacts, "id" | "zone" | "closures">;
  readonly from: CalendarDay;
  readonly to: CalendarDay;
  /** The day `from`, as a span in the clinic's zone. */
  readonly span: Span;
  readonly which: "day" | "day-and-following";
};

export type DayMoved = Shift<DaySession> & {
  readonly now: Instant;
  readonly silenced: Silenced;
  /** Doses that lie too close together or too far apart now, and did not before. */
  readonly warnings: readonly string[];
};

export async function moveDay(deps: ClinicDeps, request: MoveRequest, options: ChangeOptions): Promise<ClinicChanged<DayMoved>> {
  return changeClinic(deps, { clinicId: request.clinic.id, write: (tx, moment) => move(tx, { request, ...moment }, options) }, options);
}

type Moving = Moment & { readonly request: MoveRequest };

async function move(tx: Tx, { request, now }: Moving, { actor }: ChangeOptions): Promise<ClinicWritten<DayMoved>> {
  const { clinic, from, to } = request;
  if (clinic.closures.has(to)) return refuse("to", formatDay(to), "a day on which the clinic is open");
  const { wanted, all } = await lockWanted(tx, request);
  const spans = await listClosedSpans(tx, clinic.id, boundsOf(wanted, to - from));
  const closed = { zone: clinic.zone, days: clinic.closures, spans };
  const shift = shiftSessions(wanted, { days: to - from, now, closed, all });
  const moved = shift.moves.map(({ session }) => session);
  if (moved.length === 0 && shift.left.length === 0) return { kind: "same" };
  const warnings = await findNewWarnings(tx, all, shift.moves);
  const times = new Map(shift.moves.map(({ session, ...time }) => [session.id, { ...time, resolution: "exact" as const }]));
  const silenced = await alterForClinic(tx, moved, { to: "scheduled", times, now, actor });
  const events = shift.moves.map(({ session, startsAt }) => ({
    kind: "session.moved",
    clinicId: clinic.id,
    subjectId: session.id,
    actor,
    data: { because: "clinic", from: formatInstant(session.startsAt), to: formatInstant(startsAt) },
  }));
  return { kind: "written", value: { ...shift, now, silenced, warnings }, events, replan: soonestFirst(moved, []) };
}

/** The sessions that begin on the day and, when asked for, the later ones of their series; and all sessions of the same patients. */
async function lockWanted(tx: Tx, { clinic, span, which }: MoveRequest): Promise<{ wanted: DaySession[]; all: DaySession[] }> {
  const isOfDay = ({ owner, status, startsAt }: DaySession) =>
    owner === "ours" && status === "scheduled" && startsAt >= span.from && startsAt < span.to;
  // Before looking: whoever is being booked into the day at this moment holds the patient's lock, and is waited for.
  await lockPatients(tx, await listPlannedPatients(tx, clinic.id));
  const ofDay = (await lockWhile(tx, () => listSessionsWithin(tx, clinic.id, span))).filter(isOfDay);
  const all = await listSessionsOfPatients(tx, [...new Set(ofDay.map(({ patientId }) => patientId))]);
  if (which === "day") return { wanted: ofDay, all };
  const series = new Set(ofDay.map(({ seriesId }) => seriesId));
  const isFollowing = ({ seriesId, owner, status, startsAt }: DaySession) =>
    series.has(seriesId) && owner === "ours" && status === "scheduled" && startsAt >= span.to;
  return { wanted: [...ofDay, ...all.filter(isFollowing)], all };
}

/** Everything that the moved sessions could touch, with a day to spare on both sides. */
function boundsOf(wanted: readonly DaySession[], days: number): Span {
  const starts = wanted.map(({ startsAt }) => startsAt + days * DAY);
  return {
    from: instant(starts.reduce((least, at) => Math.min(least, at), Number.MAX_SAFE_INTEGER / 10_000) - DAY),
    to: instant(starts.reduce((most, at) => Math.max(most, at), 0) + 2 * DAY),
  };
}

async function findNewWarnings(db: Database, all: readonly DaySession[], moves: readonly ShiftedSession<DaySession>[]): Promise<string[]> {
  const approvals = await getApprovals(
    db,
    moves.map(({ session }) => session.approvalId),
  );
  const startOf = new Map(moves.map(({ session, startsAt }) => [session.id, startsAt]));
  const series = new Set(moves.map(({ session }) => session.seriesId));
  return [...series].flatMap((id) => {
    const sessions = all.filter(({ seriesId }) => seriesId === id);
    const protocol = sessions[0] && approvals.get(sessions[0].approvalId)?.protocol;
    if (!protocol) return [];
    const before = new Set(checkSpacing(protocol, sessions));
    const after = checkSpacing(
      protocol,
      sessions.map((session) => ({ ...session, startsAt: startOf.get(session.id) ?? session.startsAt })),
    );
    return after.filter((warning) => !before.has(warning));
  });
}
