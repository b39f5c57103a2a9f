/** Whether somebody has been told a session's start: what decides that a change of it has to be told as well. Over-careful where it cannot know: a word too many, never one too few. */
import { DAY, type Instant, lengthOf } from "./calendar.ts";
import type { SeriesId, SessionId } from "./ids.ts";
import type { Anchor, Protocol, Purpose, Rule } from "./protocol.ts";

/** Something that reached the patient or the escort, or may have: sent, under way, or said in a call. */
export type Said = {
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly rule: string;
  readonly recipient: "patient" | "escort";
  readonly purpose: Purpose;
  readonly arming: number;
  readonly dueAt: Instant;
  /** Machine time of the claim, or of the call. */
  readonly saidAt: Instant;
};

/** A session as it stands: `standsSince` is the machine time at which it was made, or last changed. */
export type StandingSession = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly arming: number;
  readonly startsAt: Instant;
  readonly standsSince: Instant;
};

type Rules = Pick<Protocol, "rules">;

/** True when the present start was named since the session stands as it does: by what is about it, or by what lists the week or the whole series. */
export function isAnnounced(session: StandingSession, said: readonly Said[], protocol: Rules): boolean {
  return said.some((each) => namesStart(each, { session, rule: ruleOf(each, protocol) }));
}

/** True when the patient has been told that it does not take place. */
export function isToldOff({ id, arming }: StandingSession, said: readonly Said[], protocol: Rules): boolean {
  return said.some(
    (each) =>
      each.recipient === "patient" && each.sessionId === id && each.arming === arming && ruleOf(each, protocol)?.anchor === "session.off",
  );
}

const NAMING: ReadonlySet<Purpose> = new Set<Purpose>(["notice", "reminder", "preparation", "urgent-change"]);
const LISTS_SERIES: ReadonlySet<Anchor> = new Set<Anchor>(["series.enqueued", "series.start", "series.end"]);
/** A week plan lists the seven days from its first session; one more for the hour of the day. */
const WEEK_PLAN = 8 * DAY;

function ruleOf({ rule }: Said, { rules }: Rules): Rule | undefined {
  return rules.find(({ id }) => id === rule);
}

/** A rule that the series' protocol no longer knows spoke of its own session, as far as anybody can tell. */
function namesStart(said: Said, { session, rule }: { session: StandingSession; rule: Rule | undefined }): boolean {
  if (said.seriesId !== session.seriesId || !NAMING.has(said.purpose)) return false;
  if (said.sessionId === session.id) return said.arming === session.arming && rule?.anchor !== "session.off";
  if (!rule || said.saidAt < session.standsSince) return false;
  if (LISTS_SERIES.has(rule.anchor)) return true;
  const listed = session.startsAt - said.dueAt;
  return rule.anchor === "week.start" && listed >= 0 && listed <= lengthOf(rule.offset) + WEEK_PLAN;
}
