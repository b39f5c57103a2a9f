/** The facts that a rule may require (`when`). */
import type { Instant } from "./calendar.ts";
import type { PatientFacts, SessionFacts } from "./patient-facts.ts";
import type { Condition } from "./protocol.ts";
import { type SharedWeeks, takesPlace } from "./shared-weeks.ts";
import { unreachable } from "./unreachable.ts";

/** What a rule's conditions are asked about: one occasion of it. */
export type Situation = {
  readonly facts: PatientFacts;
  readonly session: SessionFacts | null;
  readonly weeks: SharedWeeks;
  readonly nominal: Instant;
};

/** Whether all of them hold; none is no hindrance. */
export function holdsAll(conditions: readonly Condition[], situation: Situation): boolean {
  return conditions.every((condition) => holds(condition, situation));
}

function holds(condition: Condition, { facts, session, weeks, nominal }: Situation): boolean {
  switch (condition) {
    case "escort-named":
      return facts.escort !== null;
    case "escort-missing":
      return facts.escort === null;
    case "detail-accepted":
      return facts.detailAccepted;
    case "outcome-missing":
      return session?.status === "scheduled" || session?.status === "arrived";
    case "dosed":
      return session?.status === "dosed" || session?.status === "discharged";
    case "sessions-close":
      return session !== null && weeks.close.has(session.id);
    case "sessions-apart":
      return session !== null && !weeks.close.has(session.id);
    case "no-session-before-due":
      return !facts.series.some(({ sessions }) => sessions.some((other) => comesBetween(other, { session, nominal })));
    default:
      return unreachable(condition);
  }
}

function comesBetween(other: SessionFacts, { session, nominal }: { session: SessionFacts | null; nominal: Instant }): boolean {
  const after = session?.startsAt ?? Number.NEGATIVE_INFINITY;
  return takesPlace(other) && (other.kind === "dosing" || other.kind === "booster") && other.startsAt > after && other.startsAt <= nominal;
}
