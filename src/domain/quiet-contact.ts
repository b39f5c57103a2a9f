/**
 * After ninety quiet days nobody knows whether the number is still the patient's, whether consent and escort still hold, and whether the version still fits. Then
 * nothing goes until staff have checked, and they are asked to once for each such silence.
 */
import { DAY, type Instant, instant } from "./calendar.ts";
import { type Draft, standingOf } from "./draft.ts";
import { type Occasion, placeSingle } from "./occasions.ts";
import { isOver, type PatientFacts, type SeriesFacts, type SessionFacts } from "./patient-facts.ts";
import { toLocal } from "./place-in-time.ts";
import { dayOf, formatDay } from "./calendar.ts";
import type { Rule } from "./protocol.ts";
import { takesPlace } from "./shared-weeks.ts";
import { isLive, isTried } from "./stored-standing.ts";
import type { StoredTouchpoint } from "./touchpoint.ts";

const QUIET = 90 * DAY;

/** A stretch without a session, a message or a check, and the first message that stands at its end. */
export type Silence = { readonly since: Instant; readonly before: Draft };

export type Checked = { readonly drafts: readonly Draft[]; readonly silences: readonly Silence[] };

/** Holds every message that stands after ninety quiet days. A call is made by somebody who asks; it is not held. */
export function holdUnverified(drafts: readonly Draft[], rows: readonly StoredTouchpoint[], facts: PatientFacts): Checked {
  const verified = Math.max(facts.verifiedAt ?? 0, ...facts.series.map(({ enqueuedAt }) => enqueuedAt));
  const messages = drafts.filter((draft) => draft.touchpoint.recipient !== "staff" && standingOf(draft) === "planned");
  if (messages.every(({ touchpoint: { dueAt } }) => dueAt - verified <= QUIET)) return { drafts, silences: [] };
  const contacts = findContacts(rows, facts);
  const held = new Set<Draft>();
  const silences = new Map<number, Silence>();
  let next = 0;
  let last = verified;
  for (const [dueAt, group] of groupByDue(messages)) {
    for (; (contacts[next] ?? dueAt) < dueAt; next++) last = Math.max(last, contacts[next] ?? 0);
    if (dueAt - last <= QUIET) {
      if (group.some(reachesPatient)) last = Math.max(last, dueAt);
      continue;
    }
    for (const draft of group.filter(({ touchpoint }) => touchpoint.channel !== "task")) {
      held.add(draft);
      if (!silences.has(last)) silences.set(last, { since: instant(last), before: draft });
    }
    if (group.some((draft) => reachesPatient(draft) && !held.has(draft))) last = dueAt;
  }
  return { drafts: drafts.map((draft) => (held.has(draft) ? hold(draft) : draft)), silences: [...silences.values()] };
}

function groupByDue(messages: readonly Draft[]): [Instant, Draft[]][] {
  return [...Map.groupBy(messages, ({ touchpoint }) => touchpoint.dueAt)].toSorted(([a], [b]) => a - b);
}

function reachesPatient({ touchpoint }: Draft): boolean {
  return touchpoint.recipient === "patient";
}

function hold(draft: Draft): Draft {
  return { ...draft, touchpoint: { ...draft.touchpoint, state: "held", reason: "unverified" } };
}

/** Moments of sessions, held or to be held, and of what was sent or tried, in order. */
function findContacts(rows: readonly StoredTouchpoint[], { series }: PatientFacts): number[] {
  const sessions = series.flatMap((each) => each.sessions.filter((session) => isContact(session, each)).map(({ startsAt }) => startsAt));
  const told = rows.filter((row) => row.recipient === "patient" && !isLive(row) && isTried(row)).map(({ dueAt }) => dueAt);
  return [...sessions, ...told].toSorted((a, b) => a - b);
}

function isContact(session: SessionFacts, series: SeriesFacts): boolean {
  if (session.status === "no_show" || !takesPlace(session)) return false;
  return session.status !== "scheduled" || !isOver(series);
}

/** The question to staff, for each silence: as the protocol of the first message asks it, else as {@link VERIFY}. */
export function findChecks(
  silences: readonly Silence[],
  { series }: PatientFacts,
): { readonly seriesId: string; readonly occasion: Occasion }[] {
  return silences.flatMap(({ since, before: { touchpoint } }) => {
    const facts = series.find(({ id }) => id === touchpoint.seriesId);
    if (!facts) return [];
    const rule = facts.protocol.rules.find(({ anchor }) => anchor === "contact.quiet") ?? VERIFY;
    // The silence itself is what the task is about: it stays the same one when the messages after it change.
    const subject = formatDay(dayOf(toLocal(facts.clinic.zone, since)));
    return [{ seriesId: facts.id, occasion: placeSingle(rule, { series: facts, subject, anchor: touchpoint.dueAt }) }];
  });
}

/** For protocols that were approved without a rule of their own. */
const VERIFY: Rule = {
  id: "verify-contact",
  purpose: "staff-task",
  anchor: "contact.quiet",
  sessions: { kinds: ["dosing", "booster"], which: "every", owners: ["ours"] },
  offset: { sign: -1, days: 3, minutes: 0 },
  days: "staffed",
  recipient: "staff",
  channels: ["task"],
  deliver: "first",
  when: [],
  importance: "high",
  slack: { sign: 1, days: 0, minutes: 90 },
  expiry: { from: "anchor", offset: { sign: 1, days: 7, minutes: 0 } },
  quietHours: "sms",
  sameDay: false,
  asksDecision: false,
  together: false,
  onUnknown: "hold",
  template: "verify-contact",
  task: { kind: "verify", dueWithin: { sign: 1, days: 0, minutes: 16 * 60 } },
  source: "after ninety quiet days staff check contact, consent, escort and version; three staffed days are a default of this project",
};
