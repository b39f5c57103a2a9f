/**
 * The planner: from the facts of one patient to every touchpoint that should reach the patient and whom the patient named, over all active series.
 *
 * Pure, total and deterministic: it reads no clock, no zone of the process and no database. `now` decides only about touchpoints that are not in `history`;
 * so planning, storing and planning again at any later `now` with no new fact changes nothing. Moments already past come back as suppressed rows that staff
 * can see, never dropped.
 */
import { DAY, type Instant, instant, lengthOf } from "./calendar.ts";
import { type Occasion, findOccasions, impairedSpans, recipientOf } from "./occasions.ts";
import type { PatientFacts, PersonFacts, Reach } from "./patient-facts.ts";
import { placeDue } from "./place-due.ts";
import { toLocal } from "./place-in-time.ts";
import type { Channel } from "./protocol.ts";
import { quietSpans } from "./quiet-hours.ts";
import { findSharedWeeks } from "./shared-weeks.ts";
import { clipSpans, joinSpans, lengthOfSpans, span, subtractSpans } from "./spans.ts";
import { addStaffedTime, staffedSpans } from "./staffed-time.ts";
import { settleFresh } from "./settle-fresh.ts";
import type { PlannedTouchpoint, Span, Suppression, TouchpointHistory } from "./touchpoint.ts";

export type PlanInput = {
  readonly facts: PatientFacts;
  /** What has been planned before, a map a series. */
  readonly history: ReadonlyMap<string, TouchpointHistory>;
  readonly now: Instant;
};

export function planTouchpoints(input: PlanInput): PlannedTouchpoint[] {
  const { facts } = input;
  const weeks = findSharedWeeks(facts);
  const impaired = impairedSpans(facts);
  const planned: PlannedTouchpoint[] = [];
  for (const series of facts.series) {
    const history = input.history.get(series.id) ?? NOTHING_STORED;
    const context: Context = { facts, impaired, history, now: input.now };
    const wanted = findOccasions(facts, series, weeks).flatMap((occasion) => planOccasion(occasion, context));
    planned.push(...settleFresh(wanted, { rules: series.protocol.rules, history, now: input.now }));
  }
  return planned;
}

const NOTHING_STORED: TouchpointHistory = new Map();

type Context = {
  readonly facts: PatientFacts;
  readonly impaired: readonly Span[];
  readonly history: TouchpointHistory;
  readonly now: Instant;
};

/** One occasion over its channels: the first that can carry it, or all, and the call task where none can. */
function planOccasion(occasion: Occasion, context: Context): PlannedTouchpoint[] {
  const { rule } = occasion;
  const made: PlannedTouchpoint[] = [];
  let fallbackOf: string | null = null;
  let unreachable: PlannedTouchpoint | undefined;
  let carried = false;
  for (const channel of rule.channels) {
    if (carried && (rule.deliver === "first" || channel === "task")) break;
    const reach = reachOf(channel, occasion, context);
    const touchpoint = toTouchpoint(occasion, { channel, reach, fallbackOf }, context);
    const stored = context.history.get(touchpoint.key);
    if (reach !== "reachable") {
      unreachable ??= touchpoint;
      if (stored) made.push(touchpoint);
      if (stored?.state === "failed") fallbackOf = touchpoint.key;
      continue;
    }
    made.push(touchpoint);
    if ((stored ? stored.reason : touchpoint.reason) === "no-legal-moment") fallbackOf = touchpoint.key;
    else carried = true;
  }
  return made.length > 0 || !unreachable ? made : [unreachable];
}

function reachOf(channel: Channel, { rule }: Occasion, { facts }: Context): Reach {
  if (channel === "task") return "reachable";
  const person = rule.recipient === "escort" ? facts.escort : facts.patient;
  return person ? person[channel] : "no-address";
}

type Choice = { channel: Channel; reach: Reach; fallbackOf: string | null };

function toTouchpoint(occasion: Occasion, { channel, reach, fallbackOf }: Choice, context: Context): PlannedTouchpoint {
  const { rule, series, session } = occasion;
  const key = keyOf(occasion, channel);
  const recipient = recipientOf(context.facts, series, rule) ?? series.clinic;
  const placed = place(occasion, channel, context);
  const late = placed !== undefined && !context.history.has(key) && placed.sendBy <= context.now;
  const reason = reasonFor({ occasion, reach, placed: placed !== undefined, late, now: context.now });
  const times = placed ?? { dueAt: occasion.nominal, legal: [], notBefore: occasion.nominal, sendBy: occasion.usefulUntil };
  return {
    key,
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
    taskDueBy: channel === "task" ? taskDueBy(occasion, times.dueAt) : null,
    state: reason ? "suppressed" : "planned",
    reason,
    mergedInto: null,
    fallbackOf,
  };
}

/** Short enough for an index, and the same for the same thing for ever. */
function keyOf({ rule, session, occurrence }: Occasion, channel: Channel): string {
  const subject = session ? `${session.id}.${session.arming}` : "series";
  return `${rule.id}/${subject}/${occurrence}/${rule.recipient[0]}/${channel}`;
}

type Verdict = { occasion: Occasion; reach: Reach; placed: boolean; late: boolean; now: Instant };

function reasonFor({ occasion, reach, placed, late, now }: Verdict): Suppression | null {
  if (reach !== "reachable") return reach;
  if (!placed) return "no-legal-moment";
  // Still of use, but its legal hours are over: the next channel, or somebody on the phone, has to say it.
  if (late) return occasion.usefulUntil <= now ? "past" : "no-legal-moment";
  return occasion.rule.survey ? "surveys-not-enabled" : null;
}

type Times = { dueAt: Instant; legal: readonly Span[]; notBefore: Instant; sendBy: Instant };

function place(occasion: Occasion, channel: Channel, context: Context): Times | undefined {
  const { rule, series, nominal, direction, usefulUntil } = occasion;
  const blocked = (window: Span) => blockedSpans(occasion, channel, { context, window });
  const placed =
    placeDue({ nominal, direction, usefulUntil, slack: lengthOf(rule.slack), blocked }) ??
    (channel === "task" ? anyHour(occasion) : undefined);
  if (!placed || (rule.sameDay && changesDay(occasion, placed.dueAt, context))) return undefined;
  const legal = clipSpans(placed.legal, { from: series.quietUntil, to: usefulUntil });
  const first = legal[0];
  const last = legal.at(-1);
  return first && last && { dueAt: placed.dueAt, legal, notBefore: first.from, sendBy: last.to };
}

/** A task without a staffed hour left stands on the list at once: somebody may be there, and silence is worse. */
function anyHour({ nominal, usefulUntil }: Occasion): { dueAt: Instant; legal: readonly Span[] } | undefined {
  return nominal < usefulUntil ? { dueAt: nominal, legal: [span(nominal, usefulUntil)] } : undefined;
}

function changesDay(occasion: Occasion, dueAt: Instant, { facts }: Context): boolean {
  const zone = recipientOf(facts, occasion.series, occasion.rule)?.zone ?? occasion.series.clinic.zone;
  return Math.floor(toLocal(zone, dueAt) / DAY) !== Math.floor(toLocal(zone, occasion.nominal) / DAY);
}

function blockedSpans(
  { rule, series }: Occasion,
  channel: Channel,
  { context, window }: { context: Context; window: Span },
): readonly Span[] {
  if (rule.recipient === "staff") return [];
  if (channel === "task") return subtractSpans([window], staffedSpans(series.clinic, window));
  const person: PersonFacts | null = rule.recipient === "escort" ? context.facts.escort : context.facts.patient;
  const quiet = person && (channel === "sms" || rule.quietHours === "sms-and-email") ? quietSpans(person, window) : [];
  if (!rule.asksDecision || rule.recipient !== "patient") return quiet;
  const impaired = clipSpans(context.impaired, window);
  return lengthOfSpans(impaired) === 0 ? quiet : joinSpans([...quiet, ...impaired]);
}

function taskDueBy({ rule, series, usefulUntil }: Occasion, dueAt: Instant): Instant {
  const due = addStaffedTime(series.clinic, dueAt, rule.task ? lengthOf(rule.task.dueWithin) : 0);
  return rule.recipient === "staff" ? due : instant(Math.min(due, usefulUntil));
}

/** Used where a plan is shown to people: in order of time, then by rule, session and channel. */
export function inOrderOfTime(touchpoints: readonly PlannedTouchpoint[]): PlannedTouchpoint[] {
  return touchpoints.toSorted((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1));
}
