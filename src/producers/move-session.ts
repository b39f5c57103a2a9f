/**
 * Moves a session, or gives a postponed one its new time.
 *
 * Trigger: staff (`session move`). Re-checks: that the session has not begun, that the time exists, is to come and free, under the patient's lock. Effect: the new
 * time, a new arming of everything that is said before and after it, what was open about the old time cancelled; the patient is told once, if the old time had
 * been announced. A break of the protocol's spacing is accepted and shown with a proposal. A repeat changes nothing; another length at the same start is no move.
 */
import type { Tx } from "../db/database.ts";
import type { Instant, LocalDateTime } from "../domain/calendar.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import { type JudgedTime, judgeTime } from "../domain/judge-time.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { writeAlterations } from "./alter-sessions.ts";
import type { Changed, ChangeDeps, ChangeOptions, Written } from "./change-facts.ts";
import { changeSession, refuseBegun, type SessionAtHand } from "./change-session.ts";
import type { ProposedChange } from "./judge-spacing.ts";
import { endWith, findTaken } from "./patient-sessions.ts";
import { writeLength } from "./resize-session.ts";

export type Move = {
  /** What the wall shows where the session happens. */
  readonly to: LocalDateTime;
  /** Which of the two, where the clocks are set back. */
  readonly occurrence?: "first" | "second";
  /** Length of the treatment, observation not counted; null: as long as it was. */
  readonly minutes?: number | null;
  readonly because?: "patient" | "clinic" | null;
};

export type MovedSession = {
  readonly session: string;
  /** Its position in the series by time, from 1. */
  readonly number: number;
  readonly zone: Zone;
  readonly from: Instant;
  readonly to: Instant;
  readonly endsAt: Instant;
  /** True when it had no date. */
  readonly wasPostponed: boolean;
  /** Where doses could go for the protocol's spacing to hold. */
  readonly proposal: readonly ProposedChange[];
};

export async function moveSession(
  deps: ChangeDeps,
  id: SessionId,
  { move, ...options }: ChangeOptions & { move: Move },
): Promise<Changed<MovedSession>> {
  return changeSession<MovedSession>(deps, id, { ...options, write: (tx, atHand) => write(tx, atHand, move) });
}

async function write(
  tx: Tx,
  atHand: SessionAtHand,
  { to, occurrence, minutes = null, because = null }: Move,
): Promise<Written<MovedSession>> {
  const { session, protocol, patient, now } = atHand;
  const refused = refuseBegun(session, now);
  if (refused) return refused;
  const judged = judgeTime(
    { local: to, zone: session.zone, occurrence: occurrence ?? null },
    {
      path: "to",
      now,
      taken: findTaken(patient, { besides: new Set([session.id]), seriesId: session.seriesId }),
      endOf: endWith(session, minutes, protocol),
    },
  );
  if (!judged.ok) return { kind: "refused", faults: judged.faults };
  const time = judged.value;
  if (session.status === "scheduled" && time.startsAt === session.startsAt)
    return keepStart(tx, atHand, { time, warnings: judged.warnings });
  const altered = await writeAlterations(tx, [{ session, to: "scheduled", time, because }], atHand);
  const { number } = altered.sessions.find(({ id }) => id === session.id) ?? session;
  return {
    kind: "written",
    value: { ...describe(atHand, time), number, proposal: altered.proposal },
    events: altered.events,
    warnings: [...judged.warnings, ...altered.warnings],
  };
}

async function keepStart(
  tx: Tx,
  atHand: SessionAtHand,
  { time, warnings }: { time: JudgedTime; warnings: readonly string[] },
): Promise<Written<MovedSession>> {
  const { session, actor } = atHand;
  if (time.endsAt === session.endsAt) return { kind: "same" };
  const event = await writeLength(tx, { session, endsAt: time.endsAt }, actor);
  return { kind: "written", value: { ...describe(atHand, time), proposal: [] }, events: [event], warnings };
}

function describe({ session }: SessionAtHand, { startsAt, endsAt }: JudgedTime): Omit<MovedSession, "proposal"> {
  const { id, number, zone, startsAt: from, status } = session;
  return { session: toPublicId("session", id), number, zone, from, to: startsAt, endsAt, wasPostponed: status === "postponed" };
}
