/** Which personal page a touchpoint leads to, and which pages a plan needs. */
import type { LinkSubject } from "../db/links.ts";
import type { StoredRow } from "../db/plans.ts";
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { InvitationId, SeriesId, SessionId } from "../domain/ids.ts";
import type { PatientFacts, SeriesFacts, SessionFacts } from "../domain/patient-facts.ts";
import type { PlannedTouchpoint } from "../domain/touchpoint.ts";
import { indexInvitations, type InvitationOf } from "./invite-surveys.ts";

/** What decides about the page of a touchpoint of one patient. */
export type Pages = {
  /** `series/rule` of the rules that speak of a week. */
  readonly weekly: ReadonlySet<string>;
  readonly invitationOf: InvitationOf;
};

/** By `series/key`, with the moment at which they close. */
export type Invitations = ReadonlyMap<string, { readonly id: InvitationId; readonly closesAt: Instant }>;

/** What a touchpoint's page shows: the survey that it asks for, or its session; all visits to come where the message speaks of a week or of the series. */
export function pageSubject(
  touchpoint: PlannedTouchpoint | StoredRow,
  { weekly, invitationOf }: Pages,
  invitations: Invitations,
): InvitationId | SessionId | SeriesId {
  const { sessionId, seriesId, rule } = touchpoint;
  const invitation = invitations.get(invitationOf(touchpoint) ?? "");
  if (invitation) return invitation.id;
  return sessionId === null || weekly.has(`${seriesId}/${rule}`) ? seriesId : sessionId;
}

export function findPages(patient: PatientFacts): Pages {
  return { weekly: findWeekly(patient), invitationOf: indexInvitations(patient) };
}

function findWeekly({ series }: PatientFacts): ReadonlySet<string> {
  return new Set(
    series.flatMap(({ id, protocol }) => protocol.rules.flatMap((rule) => (rule.anchor === "week.start" ? [`${id}/${rule.id}`] : []))),
  );
}

type Linking = {
  readonly patient: PatientFacts;
  readonly create: readonly PlannedTouchpoint[];
  /** Rows whose link was revoked. */
  readonly unlinked: readonly StoredRow[];
  readonly pages: Pages;
};

/**
 * Who gets a page for what, and a new one where the link was revoked. It opens until a day after the visit is over, and as long as a message that carries it is
 * of use; that of a survey until a day after the last reminder. The patient's page of the series grows with the series;
 * that of the preferences is one for all.
 */
export function linkSubjects({ patient, create, unlinked, pages }: Linking, invitations: Invitations): LinkSubject[] {
  const subjects = new Map<string, LinkSubject>();
  const series = new Map(patient.series.map((each) => [each.id, each]));
  for (const plan of [...create, ...unlinked]) {
    const { clinicId, seriesId, recipient } = plan;
    const facts = series.get(seriesId);
    if (recipient === "staff" || !facts) continue;
    const add = (subjectId: SessionId | SeriesId, until: Instant) => {
      const key = `${subjectId}/${recipient}`;
      const expiresAt = instant(Math.max(subjects.get(key)?.expiresAt ?? 0, endOf(facts, subjectId) + DAY, until));
      subjects.set(key, { clinicId, patientId: patient.id, kind: "session", subjectId, recipient, expiresAt });
    };
    const invitation = invitations.get(pages.invitationOf(plan) ?? "");
    if (invitation) {
      const { id: subjectId, closesAt: expiresAt } = invitation;
      subjects.set(`${subjectId}/${recipient}`, { clinicId, patientId: patient.id, kind: "survey", subjectId, recipient, expiresAt });
    } else add(pages.weekly.has(`${seriesId}/${plan.rule}`) ? seriesId : (plan.sessionId ?? seriesId), plan.expiresAt);
    const shared = facts.sessions.find((session) => session.id === plan.sessionId && isShared(session));
    if (shared) subjects.set(`${shared.id}/share`, toShareLink(shared, { clinicId, patientId: patient.id }));
    if (recipient !== "patient") continue;
    add(seriesId, plan.dueAt);
    const lasts = instant(Math.max(subjects.get("preferences")?.expiresAt ?? 0, endOf(facts, seriesId) + PREFERENCES_LAST));
    subjects.set("preferences", {
      clinicId,
      patientId: patient.id,
      kind: "preferences",
      subjectId: patient.id,
      recipient,
      expiresAt: lasts,
    });
  }
  return [...subjects.values()];
}

/** Somebody takes the patient home after it, or stays with them: the patient has a link to pass on, which says when and where and nothing else. */
function isShared({ kind, setting }: SessionFacts): boolean {
  return (kind === "dosing" || kind === "booster") && setting !== "telehealth";
}

/** Until a day after the visit; a discharge closes it sooner. */
export function toShareLink(
  { id, endsAt }: Pick<SessionFacts, "id" | "endsAt">,
  { clinicId, patientId }: Pick<LinkSubject, "clinicId" | "patientId">,
): LinkSubject {
  return { clinicId, patientId, kind: "share", subjectId: id, recipient: "escort", expiresAt: instant(endsAt + DAY) };
}

/** A mail may be unsubscribed from long after it came. */
const PREFERENCES_LAST = 180 * DAY;

function endOf({ sessions, enqueuedAt }: SeriesFacts, subjectId: SessionId | SeriesId): Instant {
  const session = sessions.find(({ id }) => id === subjectId) ?? sessions.at(-1);
  return session?.endsAt ?? enqueuedAt;
}
