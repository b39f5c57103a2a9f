/** Which personal page a touchpoint leads to, and which pages a plan needs. */
import type { LinkSubject } from "../db/links.ts";
import type { StoredRow } from "../db/plans.ts";
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { SeriesId, SessionId } from "../domain/ids.ts";
import type { PatientFacts, SeriesFacts } from "../domain/patient-facts.ts";
import type { PlannedTouchpoint } from "../domain/touchpoint.ts";

/** What a touchpoint's page shows: its session; all visits to come where the message speaks of a week or of the series. */
export function pageSubject(
  { sessionId, seriesId, rule }: PlannedTouchpoint | StoredRow,
  weekly: ReadonlySet<string>,
): SessionId | SeriesId {
  return sessionId === null || weekly.has(`${seriesId}/${rule}`) ? seriesId : sessionId;
}

/** `series/rule` of the rules that speak of a week. */
export function findWeekly({ series }: PatientFacts): ReadonlySet<string> {
  return new Set(
    series.flatMap(({ id, protocol }) => protocol.rules.flatMap((rule) => (rule.anchor === "week.start" ? [`${id}/${rule.id}`] : []))),
  );
}

type Linking = {
  readonly patient: PatientFacts;
  readonly create: readonly PlannedTouchpoint[];
  /** Rows whose link was revoked. */
  readonly unlinked: readonly StoredRow[];
  readonly weekly: ReadonlySet<string>;
};

/**
 * Who gets a page for what, and a new one where the link was revoked. It opens until a day after the visit is over, and as long as a message that carries it is
 * of use. The patient's page of the series grows with the series.
 */
export function linkSubjects({ patient, create, unlinked, weekly }: Linking): LinkSubject[] {
  const subjects = new Map<string, LinkSubject>();
  const series = new Map(patient.series.map((each) => [each.id, each]));
  for (const plan of [...create, ...unlinked]) {
    const { clinicId, seriesId, recipient } = plan;
    const facts = series.get(seriesId);
    if (recipient === "staff" || !facts) continue;
    const add = (subjectId: SessionId | SeriesId, until: Instant) => {
      const key = `${subjectId}/${recipient}`;
      const expiresAt = instant(Math.max(subjects.get(key)?.expiresAt ?? 0, endOf(facts, subjectId) + DAY, until));
      subjects.set(key, { clinicId, patientId: patient.id, subjectId, recipient, expiresAt });
    };
    add(pageSubject(plan, weekly), plan.expiresAt);
    if (recipient === "patient") add(seriesId, plan.dueAt);
  }
  return [...subjects.values()];
}

function endOf({ sessions, enqueuedAt }: SeriesFacts, subjectId: SessionId | SeriesId): Instant {
  const session = sessions.find(({ id }) => id === subjectId) ?? sessions.at(-1);
  return session?.endsAt ?? enqueuedAt;
}
