/** From an occasion on a channel to the row that the plan wants of it. */
import { type Instant, lengthOf } from "./calendar.ts";
import type { ChannelCase, Verdict } from "./judge-channel.ts";
import { type Occasion, recipientOf } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import { staffedDeadline } from "./staffed-deadline.ts";
import type { TouchpointTimes } from "./touchpoint-times.ts";
import type { PlannedTouchpoint } from "./touchpoint.ts";

type Decided = { readonly key: string; readonly verdict: Verdict; readonly fallbackOf: string | null };

export function toTouchpoint({ occasion, channel, times: found }: ChannelCase, decided: Decided, facts: PatientFacts): PlannedTouchpoint {
  const { rule, series, session } = occasion;
  const recipient = recipientOf(facts, series, rule) ?? series.clinic;
  const times = found ?? { dueAt: occasion.nominal, legal: [], notBefore: occasion.nominal, sendBy: occasion.usefulUntil };
  return {
    key: decided.key,
    clinicId: series.clinic.id,
    seriesId: series.id,
    sessionId: session?.id ?? null,
    rule: rule.id,
    purpose: rule.purpose,
    occurrence: occasion.occurrence,
    arming: session?.arming ?? 0,
    recipient: rule.recipient,
    channel,
    template: rule.template,
    locale: recipient.locale,
    zone: recipient.zone,
    importance: rule.importance,
    onUnknown: rule.onUnknown,
    awaits: occasion.awaits,
    ...times,
    expiresAt: occasion.usefulUntil,
    taskKind: channel === "task" ? (rule.task?.kind ?? "call") : null,
    taskDueBy: channel === "task" ? taskDueBy(occasion, times) : null,
    ...decided.verdict,
    story: rule.group ?? null,
    mergedInto: null,
    fallbackOf: decided.fallbackOf,
  };
}

/**
 * Counted in staffed hours from when it opens. A call, and what must be known before a session, is due while it can still be done in them: on Friday at the
 * latest, when nobody is there between Friday and an early Monday. Where they have no such hour left, what is over with its anchor is due at its last moment all
 * the same, and what is measured from its own hour, such as how the patient came home, as soon as somebody is there.
 */
function taskDueBy({ rule, series, direction }: Occasion, { notBefore, sendBy }: Pick<TouchpointTimes, "notBefore" | "sendBy">): Instant {
  const within = rule.task ? lengthOf(rule.task.dueWithin) : 0;
  const isAlwaysOfUse = rule.recipient === "staff" && direction === "later";
  const due = staffedDeadline(series.clinic, { openedAt: notBefore, within, usefulUntil: isAlwaysOfUse ? null : sendBy });
  return due > sendBy && !isAlwaysOfUse && rule.expiry.from === "anchor" ? sendBy : due;
}
