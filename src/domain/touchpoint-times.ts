/** When one channel may carry an occasion: its due moment, and the legal spans around quiet hours, staffed hours and undo time. No `now` yet. */
import { DAY, type Instant, lengthOf } from "./calendar.ts";
import { unfitSpans } from "./impaired-spans.ts";
import { type Occasion, recipientOf } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import { placeDue } from "./place-due.ts";
import { toLocal } from "./place-in-time.ts";
import type { Channel } from "./protocol.ts";
import { quietSpans, urgentQuietHours } from "./quiet-hours.ts";
import { clipSpans, joinSpans, span, subtractSpans } from "./spans.ts";
import { staffedSpans } from "./staffed-time.ts";
import type { Span } from "./touchpoint.ts";

export type TouchpointTimes = {
  readonly dueAt: Instant;
  readonly legal: readonly Span[];
  readonly notBefore: Instant;
  readonly sendBy: Instant;
};

/** What of a patient decides about hours. */
export type Person = {
  readonly facts: PatientFacts;
  /** Hours in which nothing asks for a decision, in order; they may overlap. */
  readonly impaired: readonly Span[];
};

/** Undefined when no legal moment is left; a task has one for as long as it is of use. The due moment never moves because of the undo time, only the spans do. */
export function findTimes(occasion: Occasion, channel: Channel, person: Person): TouchpointTimes | undefined {
  const { rule, series, nominal, direction, usefulUntil } = occasion;
  const blocked = (window: Span) => blockedSpans(occasion, channel, { person, window });
  const placed = placeDue({ nominal, direction, usefulUntil, slack: lengthOf(rule.slack), blocked });
  if (placed && rule.sameDay && channel !== "task" && changesDay(occasion, placed.dueAt, person)) return undefined;
  const dueAt = placed?.dueAt ?? nominal;
  const legal = clipSpans(placed?.legal ?? [], { from: series.quietUntil, to: usefulUntil });
  return toTimes(dueAt, legal) ?? (channel === "task" ? toTimes(dueAt, atAnyHour(occasion, dueAt)) : undefined);
}

function toTimes(dueAt: Instant, legal: readonly Span[]): TouchpointTimes | undefined {
  const first = legal[0];
  const last = legal.at(-1);
  return first && last && { dueAt, legal, notBefore: first.from, sendBy: last.to };
}

/** A task without a staffed hour left stands on the list at once: somebody may be there, and silence is worse. */
function atAnyHour({ series, usefulUntil }: Occasion, dueAt: Instant): readonly Span[] {
  const from = Math.max(dueAt, series.quietUntil);
  return from < usefulUntil ? [span(from, usefulUntil)] : [];
}

function changesDay({ rule, series, nominal }: Occasion, dueAt: Instant, { facts }: Person): boolean {
  const zone = recipientOf(facts, series, rule)?.zone ?? series.clinic.zone;
  return Math.floor(toLocal(zone, dueAt) / DAY) !== Math.floor(toLocal(zone, nominal) / DAY);
}

type Blocking = { readonly person: Person; readonly window: Span };

function blockedSpans(occasion: Occasion, channel: Channel, { person, window }: Blocking): readonly Span[] {
  const { asksDecision, recipient } = occasion.rule;
  const hours = channel === "task" ? unstaffedSpans(occasion, window) : quietSpansFor(occasion, channel, { person, window });
  if (recipient !== "patient") return hours;
  const impaired = asksDecision ? person.impaired : [];
  const unfit = occasion.survey ? unfitSpans(occasion.survey.instrument, person.facts) : [];
  return impaired.length + unfit.length === 0 ? hours : joinSpans([...hours, ...clipSpans(impaired, window), ...clipSpans(unfit, window)]);
}

function quietSpansFor({ rule }: Occasion, channel: Channel, { person: { facts }, window }: Blocking): readonly Span[] {
  const recipient = rule.recipient === "escort" ? facts.escort : facts.patient;
  if (!recipient || (channel !== "sms" && rule.quietHours !== "sms-and-email")) return [];
  const { zone, quietHours } = recipient;
  return quietSpans({ zone, quietHours: rule.purpose === "urgent-change" ? urgentQuietHours(quietHours) : quietHours }, window);
}

/** Work for staff may open at any hour, unless nobody would see it before it is of no more use. So may a call about an urgent change: whoever made it is there. */
function unstaffedSpans({ rule, series: { clinic }, direction, nominal, usefulUntil }: Occasion, window: Span): readonly Span[] {
  if (rule.purpose === "urgent-change") return [];
  const isSeen = () => direction === "later" || staffedSpans(clinic, span(nominal, usefulUntil)).length > 0;
  return rule.recipient === "staff" && isSeen() ? [] : subtractSpans([window], staffedSpans(clinic, window));
}
