/** The facts that a rule may require (`when`). */
import type { Instant } from "./calendar.ts";
import { endsSoon, isChangedSoon } from "./change-soon.ts";
import { isOver, type PatientFacts, type SeriesFacts, type SessionFacts } from "./patient-facts.ts";
import type { Condition } from "./protocol.ts";
import { type SharedWeeks, takesPlace } from "./shared-weeks.ts";
import { unreachable } from "./unreachable.ts";

/** What a rule's conditions are asked about: one occasion of it. */
export type Situation = {
  readonly facts: PatientFacts;
  readonly series: SeriesFacts;
  readonly session: SessionFacts | null;
  readonly weeks: SharedWeeks;
  readonly nominal: Instant;
};

/** Whether all of them hold; none is no hindrance. */
export function holdsAll(conditions: readonly Condition[], situation: Situation): boolean {
  return conditions.every((condition) => holds(condition, situation));
}

function holds(condition: Condition, { facts, series, session, weeks, nominal }: Situation): boolean {
  switch (condition) {
    case "escort-named":
      return hasEscort(facts, session);
    case "escort-missing":
      return !hasEscort(facts, session) && !session?.answers.has("driver-named");
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
      return !facts.series.some((each) => !isOver(each) && each.sessions.some((other) => comesBetween(other, { session, nominal })));
    case "change-soon":
      return session ? isChangedSoon(session, { facts, series }) : endsSoon({ facts, series });
    case "change-later":
      return session ? !isChangedSoon(session, { facts, series }) : isOver(series) && !endsSoon({ facts, series });
    case "session-cancelled":
      return session?.status === "cancelled";
    case "session-postponed":
      return session?.status === "postponed";
    case "because-of-clinic":
      return session?.changedBecause === "clinic";
    case "because-of-patient":
      return session?.changedBecause !== "clinic";
    case "watched":
      return facts.watched;
    case "form-missing":
      return session !== null && !session.formFiled;
    case "series-stopped":
      return series.status === "stopped";
    case "series-void":
      return series.status === "void";
    default:
      return unreachable(condition);
  }
}

/** Whether the patient's escort comes to that visit; without a visit, whether there is one at all. */
function hasEscort({ escort }: PatientFacts, session: SessionFacts | null): boolean {
  return escort !== null && (session?.escortComes ?? true);
}

function comesBetween(other: SessionFacts, { session, nominal }: { session: SessionFacts | null; nominal: Instant }): boolean {
  const after = session?.startsAt ?? Number.NEGATIVE_INFINITY;
  return takesPlace(other) && (other.kind === "dosing" || other.kind === "booster") && other.startsAt > after && other.startsAt <= nominal;
}
