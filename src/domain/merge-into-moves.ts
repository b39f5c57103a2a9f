/** What the urgent notice of a move says too: the reminders of the new time whose hour is past or close, and that would leave beside it. */
import { HOUR, type Instant } from "./calendar.ts";
import { type Draft, isToBePlanned, merge } from "./draft.ts";
import type { Purpose } from "./protocol.ts";

/**
 * Merges each such reminder into the notice of the same session, recipient and channel, which has the new clock times of eating and arriving; one that is due
 * within the hour as well. The notice has them while it speaks of one session, so nothing is merged where one recipient is told of several moves at once; nor
 * into a notice in good time, which promises that all comes again.
 */
export function mergeIntoMoves(drafts: readonly Draft[], now: Instant): readonly Draft[] {
  const notices = drafts.filter((draft) => draft.rule.anchor === "session.moved" && isToBePlanned(draft));
  if (notices.length === 0) return drafts;
  const bySession = new Map(
    [...Map.groupBy(notices, readerOf).values()].flatMap(([notice, ...others]): [string, Draft][] =>
      notice?.rule.purpose === "urgent-change" && others.length === 0 ? [[placeOf(notice), notice]] : [],
    ),
  );
  return drafts.map((draft) => (isReminderAtOnce(draft, now) ? merge(draft, bySession.get(placeOf(draft))) : draft));
}

const REMINDING: ReadonlySet<Purpose> = new Set<Purpose>(["reminder", "preparation"]);

/** What is said once for a whole course or week has more to say than a time; a question wants its answer. */
function isReminderAtOnce(draft: Draft, now: Instant): boolean {
  const { purpose, anchor, sessions, asksDecision } = draft.rule;
  if (anchor !== "session.start" || sessions.which !== "every" || asksDecision || !REMINDING.has(purpose)) return false;
  return draft.touchpoint.dueAt - now < HOUR && isToBePlanned(draft);
}

function readerOf({ touchpoint: { recipient, channel } }: Draft): string {
  return `${recipient}/${channel}`;
}

function placeOf({ touchpoint: { seriesId, sessionId, recipient, channel } }: Draft): string {
  return `${seriesId}/${sessionId}/${recipient}/${channel}`;
}
