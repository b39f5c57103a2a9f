/** How short before a visit a change of it comes: at short notice it is told over every channel at once. */
import { DAY, HOUR, type Instant, instant, lengthOf } from "./calendar.ts";
import { findNominal } from "./nominal-moment.ts";
import type { PatientFacts, SeriesFacts, SessionFacts } from "./patient-facts.ts";
import type { Rule } from "./protocol.ts";

/** So short before the visit that whoever was told of it may be about to prepare, or to leave: design, section 6. */
export const SOON = 18 * HOUR;

type Known = { readonly facts: PatientFacts; readonly series: SeriesFacts };

/** Whether a session was changed at short notice: counted to the first of the start that was told and the new one. */
export function isChangedSoon(session: SessionFacts, known: Known): boolean {
  const { changedAt, toldStart, startsAt, status } = session;
  if (changedAt === null || toldStart === null) return false;
  const first = status === "cancelled" || status === "postponed" ? toldStart : Math.min(toldStart, startsAt);
  return isSoon(changedAt, { ...known, session: { ...session, startsAt: instant(first) } });
}

/** Whether somebody may be about to prepare for a session that has ended with its series. */
export function endsSoon({ facts, series }: Known): boolean {
  const { endedAt, sessions } = series;
  if (endedAt === null) return false;
  return sessions.some(
    (session) =>
      session.toldStart !== null &&
      session.toldStart > endedAt &&
      isSoon(endedAt, { facts, series, session: { ...session, startsAt: session.toldStart } }),
  );
}

type Visit = Known & { readonly session: SessionFacts };

/**
 * Within 18 hours of the start, or when the reminder of the day before has its hour: it goes, or has gone, over channels of its own, and none of them may be left
 * with a time that is no more, or with one of which it was never said that it has moved.
 */
function isSoon(changedAt: Instant, { facts, series, session }: Visit): boolean {
  const { startsAt: anchor, zone } = session;
  if (anchor - changedAt < SOON) return true;
  const recipientZone = facts.patient.zone;
  const reminders = series.protocol.rules.filter((rule) => remindsOfDay(rule, session));
  return reminders.some((rule) => findNominal({ rule, series, anchor, zone, recipientZone }) - changedAt < HOUR);
}

function remindsOfDay({ anchor, purpose, recipient, offset, sessions }: Rule, { kind, setting, owner }: SessionFacts): boolean {
  if (anchor !== "session.start" || purpose !== "reminder" || recipient !== "patient") return false;
  const isAsked = sessions.kinds.includes(kind) && sessions.owners.includes(owner) && (sessions.settings?.includes(setting) ?? true);
  return isAsked && offset.sign < 0 && lengthOf(offset) <= DAY;
}
