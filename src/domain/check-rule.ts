/** What can be wrong with one rule of a protocol although it is well formed. Paths are relative to the rule. */
import { type CalendarOffset, DAY, formatCalendarOffset, HOUR, lengthOf, MINUTE } from "./calendar.ts";
import type { Fault } from "./fault.ts";
import { findInstrument } from "./instruments/find-instrument.ts";
import { INSTRUMENT_IDS } from "./instruments/instrument.ts";
import type { Anchor, Condition, Protocol, Rule } from "./protocol.ts";

/** Templates whose text names a clock time until which something is allowed; sent later than that they would be wrong. */
const CUT_OFFS: { readonly [template: string]: "solids" | "nasalProducts" } = {
  "day-before": "solids",
  "eating-notice": "solids",
  "nasal-notice": "nasalProducts",
};
/** Hours at which a session may begin: a rule with a wall-clock time is tried against each. */
const STARTS = Array.from({ length: 13 }, (_, index) => (index + 7) * HOUR);
const STARTING: ReadonlySet<Anchor> = new Set<Anchor>(["series.start", "session.start", "week.start"]);
/** Anchors that are facts: nobody can speak of them before they are there. */
const FACTS: ReadonlySet<Anchor> = new Set<Anchor>([
  "session.moved",
  "session.off",
  "session.missed",
  "session.ready",
  "series.ended",
  "series.enqueued",
]);
const CHANGES: ReadonlySet<Anchor> = new Set<Anchor>(["session.moved", "session.off"]);
/** Of whatever changes, whether it is soon decides how it is told. */
const ABOUT_HASTE: ReadonlySet<Condition> = new Set<Condition>(["change-soon", "change-later"]);
const ABOUT_CHANGES: ReadonlySet<Condition> = new Set<Condition>([
  "change-soon",
  "change-later",
  "session-cancelled",
  "session-postponed",
  "because-of-clinic",
  "because-of-patient",
]);
const OPPOSITES: readonly (readonly [Condition, Condition])[] = [
  ["escort-named", "escort-missing"],
  ["sessions-close", "sessions-apart"],
  ["dosed", "outcome-missing"],
  ["change-soon", "change-later"],
  ["session-cancelled", "session-postponed"],
  ["because-of-clinic", "because-of-patient"],
  ["series-stopped", "series-void"],
];

/** All faults of a rule: words that come too late, moments that cannot be, channels that leave somebody out, conditions that exclude each other. */
export function checkRule(rule: Rule, protocol: Pick<Protocol, "instructions">): Fault[] {
  return [
    ...checkMoments(rule),
    ...checkCutOff(rule, protocol),
    ...checkReach(rule),
    ...checkConditions(rule),
    ...checkChanges(rule),
    ...checkSteps(rule),
    ...checkSurvey(rule),
  ];
}

function checkMoments(rule: Rule): Fault[] {
  const { anchor, offset, expiry, needs } = rule;
  const value = formatCalendarOffset(expiry.offset);
  const isBefore = offset.sign === -1 && lengthOf(offset) > 0;
  if (isBefore && FACTS.has(anchor))
    return [{ path: "offset", value: formatCalendarOffset(offset), expected: `no time before ${anchor} is known` }];
  const faults: Fault[] = [];
  if (usefulTimes(rule).every((time) => time <= 0))
    faults.push({ path: "expiry.offset", value, expected: "a moment after the rule is due, or it is never sent" });
  if (isBefore && STARTING.has(anchor) && endsAfterAnchor(rule).some((time) => time > 0))
    faults.push({
      path: "expiry.offset",
      value,
      expected: "no later than the start that it speaks of, such as { from: anchor, offset: -PT1H }",
    });
  if (isBefore && needs)
    faults.push({ path: "needs", value: needs, expected: "nothing on a rule that is due before its anchor: the fact comes too late" });
  return faults;
}

/** Milliseconds from the due moment to the last moment of use, for each hour at which a session may begin. */
function usefulTimes(rule: Rule): number[] {
  return rule.expiry.from === "due" ? [signed(rule.expiry.offset)] : dueTimes(rule).map((due) => signed(rule.expiry.offset) - due);
}

/** Milliseconds from the anchor to the last moment of use. */
function endsAfterAnchor(rule: Rule): number[] {
  return rule.expiry.from === "anchor" ? [signed(rule.expiry.offset)] : dueTimes(rule).map((due) => due + signed(rule.expiry.offset));
}

/** Milliseconds from the anchor to the due moment, days counted as 24 hours. */
function dueTimes({ offset, at }: Rule): number[] {
  if (at === undefined) return [signed(offset)];
  return STARTS.map((start) => Math.floor((start + signed(offset)) / DAY) * DAY + at * MINUTE - start);
}

function checkCutOff({ template, expiry }: Rule, { instructions }: Pick<Protocol, "instructions">): Fault[] {
  const name = CUT_OFFS[template];
  if (!name) return [];
  const cutOff = instructions[name];
  if (!cutOff)
    return template === "day-before"
      ? []
      : [{ path: "template", value: template, expected: `a template that fits: instructions.${name} is not given` }];
  if (expiry.from === "anchor" && signed(expiry.offset) <= -lengthOf(cutOff)) return [];
  const right = formatCalendarOffset({ ...cutOff, sign: -1 });
  return [
    {
      path: "expiry",
      value: `${expiry.from} ${formatCalendarOffset(expiry.offset)}`,
      expected: `{ from: anchor, offset: ${right} } or earlier: after its cut-off the text is wrong`,
    },
  ];
}

function checkReach({ recipient, purpose, channels, importance }: Rule): Fault[] {
  const faults: Fault[] = [];
  const value = channels.join(", ");
  if ((recipient === "staff") !== (purpose === "staff-task"))
    faults.push({ path: "purpose", value: purpose, expected: "staff-task for the recipient staff, and only for staff" });
  if (importance === "critical" && !channels.includes("task"))
    faults.push({
      path: "channels",
      value,
      expected: "task among the channels of a critical rule, so that somebody calls whom no message reaches",
    });
  if (channels.includes("task") && channels.at(-1) !== "task")
    faults.push({ path: "channels", value, expected: "task as the last of the channels, because it can always be used" });
  if (new Set(channels).size < channels.length) faults.push({ path: "channels", value, expected: "each channel once" });
  return faults;
}

function checkConditions({ when, recipient, sameDay, offset, days }: Rule): Fault[] {
  const faults: Fault[] = OPPOSITES.filter((pair) => pair.every((condition) => when.includes(condition))).map((pair) => ({
    path: "when",
    value: when.join(", "),
    expected: `only one of ${pair.join(" and ")}, which never hold together`,
  }));
  if (recipient === "escort" && when.includes("escort-missing"))
    faults.push({ path: "when", value: when.join(", "), expected: "no escort-missing on a rule for the escort" });
  if (sameDay && offset.days > 0)
    faults.push({ path: "sameDay", value: "true", expected: "false, because the rule is due on another day than its session" });
  if (days === "staffed" && offset.days === 0)
    faults.push({ path: "days", value: days, expected: "calendar, because the offset holds no whole days" });
  return faults;
}

/** Rules about changes and silences say what they are about by their anchor; what cannot wait goes over everything there is, to a person at last. */
function checkChanges({ anchor, purpose, deliver, channels, when, task, together, saidBy }: Rule): Fault[] {
  const faults: Fault[] = [];
  const value = channels.join(", ");
  const isUrgent = purpose === "urgent-change";
  const isChange = CHANGES.has(anchor) || anchor === "series.ended";
  const expected = "another purpose: urgent are session.moved, session.off and series.ended, and session.ready for whoever drives";
  if (isUrgent && !isChange && anchor !== "session.ready") faults.push({ path: "purpose", value: purpose, expected });
  if (isUrgent && isChange && deliver !== "all")
    faults.push({ path: "deliver", value: deliver, expected: "all, because an urgent change goes over every channel at once" });
  if (isUrgent && !channels.includes("task"))
    faults.push({ path: "channels", value, expected: "task among the channels, so that somebody calls whom no message reaches" });
  const misplaced = when.filter(
    (condition) => ABOUT_CHANGES.has(condition) && !(ABOUT_HASTE.has(condition) ? isChange : CHANGES.has(anchor)),
  );
  if (misplaced.length > 0)
    faults.push({
      path: "when",
      value: misplaced.join(", "),
      expected: "used only with the anchors session.moved and session.off; change-soon and change-later with series.ended too",
    });
  if ((anchor === "contact.quiet") !== (task?.kind === "verify"))
    faults.push({ path: "anchor", value: anchor, expected: "contact.quiet for a task of kind verify, and only for it" });
  if (together && saidBy) faults.push({ path: "together", value: "true", expected: "false on a rule that another one speaks for" });
  return faults;
}

function checkSteps({ slack, task, repeat, anchor }: Rule): Fault[] {
  const lengths = { slack, "task.dueWithin": task?.dueWithin };
  const faults: Fault[] = Object.entries(lengths).flatMap(([path, length]) =>
    length?.sign === -1 ? { path, value: formatCalendarOffset(length), expected: "a length without a sign, such as PT4H" } : [],
  );
  if (!repeat) return faults;
  if (anchor === "survey.asked" && (repeat.until !== "count" || (repeat.count ?? 10) > 9))
    faults.push({
      path: "repeat",
      value: String(repeat.count ?? repeat.until),
      expected: "until: count, with a count of 9 at most: reminders end",
    });
  if (signed(repeat.every) < DAY)
    faults.push({ path: "repeat.every", value: formatCalendarOffset(repeat.every), expected: "a day or more" });
  if (anchor.startsWith("session.") || anchor === "week.start")
    faults.push({ path: "repeat", value: anchor, expected: "a series anchor: what hangs on each session is repeated by the sessions" });
  return faults;
}

function checkSurvey({ survey }: Rule): Fault[] {
  if (survey === undefined || findInstrument(survey)) return [];
  return [{ path: "survey", value: survey, expected: `one of the instruments that are here: ${INSTRUMENT_IDS.join(", ")}` }];
}

function signed(offset: CalendarOffset): number {
  return offset.sign * lengthOf(offset);
}
