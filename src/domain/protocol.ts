/**
 * A protocol: versioned data that describes a course of treatment (phases, and rules that say what should reach whom, when). The files in protocols/ are
 * drafts; a clinic's clinician approves them, and only the approved text is planned from. Every number in them is data that a clinic changes, never code.
 */
import { z } from "zod";
import type { WorseningRule } from "./instruments/instrument.ts";
import { type CalendarOffset, parseCalendarOffset, parseWallClock, type WallClock } from "./calendar.ts";

export const SESSION_KINDS = ["preparation", "dosing", "integration", "assessment", "booster"] as const;
export const SETTINGS = ["clinic", "home", "telehealth", "elsewhere"] as const;
export const PURPOSES = ["notice", "reminder", "preparation", "check-in", "survey", "urgent-change", "staff-task"] as const;
export const REQUIREMENTS = ["enrolment", "authorisation"] as const;
export const CHANNELS = ["email", "sms", "task"] as const;
export const RECIPIENTS = ["patient", "escort", "staff"] as const;
export const AWAITED_FACTS = ["arrival", "dosing", "discharge"] as const;
export const TASK_KINDS = [
  "call",
  "record-outcome",
  "find-driver",
  "file-form",
  "review",
  "settle-unknown",
  "verify",
  "reply",
  "survey",
  "decide",
  "tell-system",
] as const;
/**
 * What a rule is measured from. `series.enqueued` once a series; `session.*` once for each session it applies to; `week.start` once for each shared week.
 * `session.moved` and `session.off` (cancelled or postponed) exist only where the patient had been told something else (`session.off` for staff also where the clinic
 * took it off, and for the escort also when the whole series ended and that is urgent), `session.missed` after a no-show,
 * `session.ready` once staff said when the escort may come, `series.ended` when a series that the patient knew of is stopped or voided; each is the clinic
 * time of that fact. `survey.asked` is the moment at which a survey of one of the rules named in `of` is first asked, once for each that is not answered.
 * `contact.quiet` is the due moment of the first message that stands after ninety quiet days, once for each such silence.
 */
export const ANCHORS = [
  "series.enqueued",
  "series.start",
  "series.end",
  "session.start",
  "session.end",
  "session.dose",
  "session.discharge",
  "week.start",
  "session.moved",
  "session.off",
  "session.missed",
  "session.ready",
  "series.ended",
  "contact.quiet",
  "survey.asked",
] as const;
/** Facts that a rule may require (`when`); all of them must hold, or the rule makes no touchpoint. */
export const CONDITIONS = [
  "escort-named",
  "escort-missing",
  "outcome-missing",
  "dosed",
  "sessions-close",
  "sessions-apart",
  "no-session-before-due",
  "detail-accepted",
  "change-soon",
  "change-later",
  "session-cancelled",
  "session-postponed",
  "because-of-clinic",
  "because-of-patient",
  "watched",
  "form-missing",
  "series-stopped",
  "series-void",
] as const;

export type SessionKind = (typeof SESSION_KINDS)[number];
export type Setting = (typeof SETTINGS)[number];
export type Purpose = (typeof PURPOSES)[number];
/** `answer`: not of the plan. An automatic answer to a text, what staff write, or send again. The planner neither makes nor sees it. */
export type TouchpointPurpose = Purpose | "answer";
export type Requirement = (typeof REQUIREMENTS)[number];
export type Channel = (typeof CHANNELS)[number];
export type Recipient = (typeof RECIPIENTS)[number];
export type AwaitedFact = (typeof AWAITED_FACTS)[number];
export type TaskKind = (typeof TASK_KINDS)[number];
export type Anchor = (typeof ANCHORS)[number];
export type Condition = (typeof CONDITIONS)[number];

const slug = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "a slug: lower-case words joined by hyphens, such as day-before");

const offset = z.string().transform((text, context): CalendarOffset => {
  const parsed = parseCalendarOffset(text);
  if (parsed) return parsed;
  context.addIssue({
    code: "custom",
    message: "an ISO 8601 duration with an optional sign, such as -P3D, PT2H or -PT6H (weeks, days, hours, minutes)",
  });
  return z.NEVER;
});

const wallClock = z.string().transform((text, context): WallClock => {
  const parsed = parseWallClock(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "a time of day from 00:00 to 23:59, such as 18:30" });
  return z.NEVER;
});

const phase = z.strictObject({
  id: slug,
  kind: z.enum(SESSION_KINDS),
  /** How many sessions; left out: open-ended, made for `horizon` ahead and extended as time passes. */
  count: z.int().min(1).max(60).optional(),
  perWeek: z.int().min(1).max(7).default(1),
  everyWeeks: z.int().min(1).max(12).default(1),
  minutes: z.int().min(10).max(480),
  setting: z.enum(SETTINGS).default("clinic"),
  /** True for phases that staff add by hand (boosters): a cadence makes no date for them. */
  onRequest: z.boolean().default(false),
  horizon: offset.optional(),
  /** A session that follows each of this phase, such as integration two days after dosing. */
  followedBy: z
    .strictObject({
      kind: z.enum(SESSION_KINDS),
      after: offset,
      minutes: z.int().min(10).max(480),
      setting: z.enum(SETTINGS).default("clinic"),
    })
    .optional(),
});

const rule = z.strictObject({
  id: slug,
  purpose: z.enum(PURPOSES),
  anchor: z.enum(ANCHORS),
  /** Which sessions it applies to. `series.start` and `series.end` are the first and last of them; only `series.enqueued` ignores it. */
  sessions: z
    .strictObject({
      kinds: z.array(z.enum(SESSION_KINDS)).min(1).default(["dosing", "booster"]),
      which: z.enum(["every", "first", "last"]).default("every"),
      settings: z.array(z.enum(SETTINGS)).min(1).optional(),
      owners: z
        .array(z.enum(["ours", "external"]))
        .min(1)
        .default(["ours"]),
    })
    .prefault({}),
  /** Days and weeks are calendar steps in the session's zone, hours and minutes elapsed time. */
  offset,
  /** `staffed` counts whole days only over days on which the clinic is staffed. */
  days: z.enum(["calendar", "staffed"]).default("calendar"),
  /** Wall-clock time on the day that `offset` reaches, in the recipient's zone. */
  at: wallClock.optional(),
  /** Latest wall-clock time of the day: a due moment after it comes back to it, as "not after 20:00". */
  notAfter: wallClock.optional(),
  /** Weekly or other repetition, from the due moment until the anchor `until` (`count`: only so often), `count` times at most. */
  repeat: z.strictObject({ every: offset, until: z.enum(["series.end", "count"]), count: z.int().min(1).max(60).optional() }).optional(),
  /** Stages of one story: past at enrolment, only the newest is still sent. */
  group: slug.optional(),
  recipient: z.enum(RECIPIENTS).default("patient"),
  channels: z.array(z.enum(CHANNELS)).min(1),
  /** `first`: the first channel in the list that can reach the recipient. `all`: every one but `task`, which is used only when no other can. */
  deliver: z.enum(["first", "all"]).default("first"),
  needs: z.enum(AWAITED_FACTS).optional(),
  when: z.array(z.enum(CONDITIONS)).default([]),
  conditions: z.array(slug).optional(),
  importance: z.enum(["critical", "high", "normal", "low"]).default("normal"),
  /** Time for a retry that must lie between the due moment and the end of its legal window. */
  slack: offset.default({ sign: 1, days: 0, minutes: 90 }),
  /** Last moment of use, from `from` (default: the anchor for messages before it, the due moment for those after). */
  expiry: z.strictObject({ from: z.enum(["anchor", "due"]), offset }),
  /** Whether quiet hours bind email too; they always bind SMS and never `task`. */
  quietHours: z.enum(["sms", "sms-and-email"]).default("sms"),
  /** A message that makes sense only on the day it was meant for; a call about it may come later. */
  sameDay: z.boolean().default(false),
  /** True when it asks for a decision: then it stays out of the hours between a dosing session's start and the next morning. */
  asksDecision: z.boolean().default(false),
  /** Said by that rule's touchpoint of the same session, recipient and channel, when that one is to be sent. */
  saidBy: slug.optional(),
  /** Its message lists the sessions of every touchpoint that is merged into it: what one plan has to say within an hour is said at once. */
  together: z.boolean().default(false),
  onUnknown: z.enum(["hold", "resend"]).default("hold"),
  template: slug,
  /** An instrument: what its message asks for. */
  survey: slug.optional(),
  /** With the anchor `survey.asked`: the rules whose surveys it reminds of. */
  of: z.array(slug).min(1).max(20).optional(),
  // That another system hears of nothing is no matter of a protocol.
  task: z.strictObject({ kind: z.enum(TASK_KINDS).exclude(["tell-system"]), dueWithin: offset }).optional(),
  source: z.string().min(3),
});

const instructions = z.strictObject({
  /** How long before the start solid food, liquids and nasal products end, and how early to arrive. */
  solids: offset.optional(),
  liquids: offset.optional(),
  nasalProducts: offset.optional(),
  arriveEarly: offset.optional(),
  /** Observation after the dose; the driver comes after it. */
  observation: offset,
  /** No driving until the next day after sleep, and at least this long after discharge. */
  restriction: offset,
  companion: z.enum(["driver", "sitter"]),
  source: z.string().min(3),
});

const points = z.int().min(1).max(100);

const worsening = z.strictObject({
  instrument: slug,
  /** A rise of so many points. */
  points: points.optional(),
  /** A rise by so many percent of the earlier total, where the later one is at least `from`. */
  percent: z.strictObject({ of: points, from: z.int().min(0).max(100) }).optional(),
  /** A rise to or above this total. */
  total: points.optional(),
  source: z.string().min(3),
});

/** The schema of a protocol file; `z.input` is what a file holds, {@link Protocol} what the planner reads. */
export const protocolSchema = z
  .strictObject({
    $schema: z.string().optional(),
    id: slug,
    version: z.int().min(1).max(9999),
    title: z.string().min(3).max(120),
    route: z.enum(["iv", "im", "nasal", "lozenge"]),
    summary: z.string().min(10),
    sources: z.array(z.string().min(3)).min(1),
    /** Least and greatest gap between dosed sessions; a plan outside it is shown to staff, never changed. */
    spacing: z.strictObject({ least: offset, most: offset, source: z.string().min(3) }),
    /** Sessions closer than this share messages. */
    sharesCloserThan: offset.default({ sign: 1, days: 5, minutes: 0 }),
    instructions,
    /** What must be there before a dose is given: a patient's enrolment in a restricted programme, a payer's authorisation. */
    requires: z.array(z.enum(REQUIREMENTS)).max(2).default([]),
    /** Where a clinic judges by other numbers whether an answer is worse than an earlier one than the instrument itself names. */
    worsening: z.array(worsening).max(20).default([]),
    phases: z.array(phase).min(1),
    rules: z.array(rule).min(1).max(80),
  })
  .superRefine((protocol, context) => {
    const ids = new Set<string>();
    for (const [index, { id, saidBy, anchor, needs, purpose, survey, of, recipient, channels, task }] of protocol.rules.entries()) {
      const fault = (field: string, message: string) => context.addIssue({ code: "custom", path: ["rules", index, field], message });
      if (ids.has(id)) fault("id", `a rule id used once; ${id} stands twice`);
      ids.add(id);
      if (saidBy && !protocol.rules.some((other) => other.id === saidBy)) fault("saidBy", "the id of another rule of this protocol");
      if (needs && !anchor.startsWith("session.")) fault("needs", "used only with a session anchor");
      if (survey !== undefined && purpose !== "survey" && purpose !== "check-in")
        fault("survey", "an instrument only on rules of purpose survey or check-in");
      if (purpose === "survey" && survey === undefined && anchor !== "survey.asked")
        fault("survey", "an instrument, because the rule's purpose is survey");
      if ((of !== undefined) !== (anchor === "survey.asked"))
        fault("of", "the rules that it reminds of, with the anchor survey.asked and only there");
      if (of?.some((id) => !protocol.rules.some((other) => other.id === id && other.survey !== undefined)))
        fault("of", "rules of this protocol that have a survey");
      if (recipient === "staff" && channels.some((channel) => channel !== "task")) fault("channels", "only [task] for the recipient staff");
      if (channels.includes("task") && !task) fault("task", "the task's kind and due time, because task is among its channels");
    }
    const phases = new Set(protocol.phases.map(({ id }) => id));
    if (phases.size !== protocol.phases.length) context.addIssue({ code: "custom", path: ["phases"], message: "phase ids used once each" });
  });

export type Protocol = z.output<typeof protocolSchema>;
export type ProtocolFile = z.input<typeof protocolSchema>;
export type Rule = Protocol["rules"][number];
export type Phase = Protocol["phases"][number];

/** How this protocol judges that an answer is worse; undefined: as the instrument says. */
export function findWorseningRule({ worsening: rules }: Pick<Protocol, "worsening">, instrument: string): WorseningRule | undefined {
  const rule = rules.find((each) => each.instrument === instrument);
  return rule && { points: rule.points ?? null, percent: rule.percent ?? null, total: rule.total ?? null, source: rule.source };
}

/** `iv-ketamine@1`, the name under which a protocol version is approved and enqueued. */
export function protocolName({ id, version }: Pick<Protocol, "id" | "version">): string {
  return `${id}@${version}`;
}

/** Reads `iv-ketamine@1`; undefined when it is not a name and a version. */
export function parseProtocolName(name: string): { id: string; version: number } | undefined {
  const match = /^([a-z][a-z0-9-]*)@([1-9][0-9]{0,3})$/.exec(name);
  return match ? { id: match[1] ?? "", version: Number(match[2]) } : undefined;
}
