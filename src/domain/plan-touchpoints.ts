/**
 * The planner: from the facts of one patient to every touchpoint that should reach the patient and whom the patient named, over all active series.
 *
 * Pure, total and deterministic: it reads no clock, no zone of the process and no database. `now` decides only about touchpoints that are not in `history`;
 * so planning, storing and planning again at any later `now` with no new fact changes nothing. Moments already past come back as suppressed rows that staff
 * can see, never dropped.
 */
import { type Instant, instant, lengthOf } from "./calendar.ts";
import { impairedSpans } from "./impaired-spans.ts";
import { type Occasion, findOccasions, recipientOf } from "./occasions.ts";
import type { PatientFacts, Reach } from "./patient-facts.ts";
import type { Channel } from "./protocol.ts";
import { CHANGEABLE } from "./reconcile-plan.ts";
import { settleFresh } from "./settle-fresh.ts";
import { findSharedWeeks } from "./shared-weeks.ts";
import { addStaffedTime } from "./staffed-time.ts";
import { findTimes, type Person, type TouchpointTimes } from "./touchpoint-times.ts";
import type { PlannedTouchpoint, StoredTouchpoint, Suppression, TouchpointHistory } from "./touchpoint.ts";

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

type Context = Person & { readonly history: TouchpointHistory; readonly now: Instant };
type Stored = Pick<StoredTouchpoint, "state" | "reason">;

/**
 * One occasion over its channels: the first that can carry it, or all, and the call task where none can. A channel that lost its message to a fact (a refusal,
 * an opt-out, no legal moment) passes it on to the next; one that has said it never does.
 */
function planOccasion(occasion: Occasion, context: Context): PlannedTouchpoint[] {
  const { channels, deliver } = occasion.rule;
  const made: PlannedTouchpoint[] = [];
  let fallbackOf: string | null = null;
  let unreachable: PlannedTouchpoint | undefined;
  let carried = false;
  for (const channel of channels) {
    if (carried && (deliver === "first" || channel === "task")) break;
    const reach = reachOf(channel, occasion, context);
    const touchpoint = toTouchpoint(occasion, { channel, reach, fallbackOf }, context);
    const stored = context.history.get(touchpoint.key);
    if (reach !== "reachable" && !stored) {
      unreachable ??= touchpoint;
      continue;
    }
    made.push(touchpoint);
    if (passesOn(touchpoint, stored)) fallbackOf = touchpoint.key;
    else carried = true;
  }
  return made.length > 0 || !unreachable ? made : [unreachable];
}

const PASSED_ON: ReadonlySet<string | null> = new Set<Suppression>([
  "no-legal-moment",
  "no-address",
  "no-consent",
  "opted-out",
  "dead-address",
]);

/** What is stored decides, except while it can still change. */
function passesOn(wanted: PlannedTouchpoint, stored: Stored | undefined): boolean {
  const { state, reason }: Pick<Stored, "state" | "reason"> = stored && !CHANGEABLE.has(stored.state) ? stored : wanted;
  return state === "failed" || state === "superseded" || state === "cancelled" || (state === "suppressed" && PASSED_ON.has(reason));
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
  const found = findTimes(occasion, channel, context);
  const reason =
    reach === "reachable" ? reasonFor(occasion, found, { channel, isNew: !context.history.has(key), now: context.now }) : reach;
  const times = found ?? { dueAt: occasion.nominal, legal: [], notBefore: occasion.nominal, sendBy: occasion.usefulUntil };
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
    taskDueBy: channel === "task" ? taskDueBy(occasion, times) : null,
    state: reason ? "suppressed" : "planned",
    reason,
    story: rule.group ?? null,
    mergedInto: null,
    fallbackOf,
  };
}

/** Short enough for an index, and the same for the same thing for ever. */
function keyOf({ rule, session, occurrence }: Occasion, channel: Channel): string {
  const subject = session ? `${session.id}.${session.arming}` : "series";
  return `${rule.id}/${subject}/${occurrence}/${rule.recipient[0]}/${channel}`;
}

type Moment = { readonly channel: Channel; readonly isNew: boolean; readonly now: Instant };

function reasonFor(occasion: Occasion, times: TouchpointTimes | undefined, { channel, isNew, now }: Moment): Suppression | null {
  if (isNew && occasion.usefulUntil <= now) return "past";
  if (!times) return "no-legal-moment";
  // Still of use, but its legal hours are over: the next channel has to say it. A task stays planned; the sweep opens one that is late.
  if (isNew && times.sendBy <= now && channel !== "task") return "no-legal-moment";
  return occasion.rule.survey ? "surveys-not-enabled" : null;
}

/**
 * Counted in staffed hours from when it opens. A call, and what must be known before a session, is due while it can still be done in them: on Friday at the
 * latest, when nobody is there between Friday and an early Monday.
 */
function taskDueBy({ rule, series, direction }: Occasion, { notBefore, sendBy }: Pick<TouchpointTimes, "notBefore" | "sendBy">): Instant {
  const due = addStaffedTime(series.clinic, notBefore, rule.task ? lengthOf(rule.task.dueWithin) : 0);
  return rule.recipient === "staff" && direction === "later" ? due : instant(Math.min(due, sendBy));
}

/** Used where a plan is shown to people: in order of time, then by rule, session and channel. */
export function inOrderOfTime(touchpoints: readonly PlannedTouchpoint[]): PlannedTouchpoint[] {
  return touchpoints.toSorted((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1));
}
