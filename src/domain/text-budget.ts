/**
 * The contact budget: how many texts a patient gets in a calendar week over all series. What is stored has its room; of what is new, what matters most comes
 * first. What nobody may go without is never left out, however full the week.
 */
import type { CalendarDay } from "./calendar.ts";
import { type Draft, isToBePlanned, standingOf } from "./draft.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { Purpose } from "./protocol.ts";
import { isLive, isTried } from "./stored-standing.ts";
import { weekOf } from "./texts-per-week.ts";
import type { PlannedTouchpoint, StoredTouchpoint } from "./touchpoint.ts";

/** What matters most stands first; `safety` is whatever a protocol calls critical. Staff get no texts. */
export const PRIORITIES = [
  "safety",
  "urgent-change",
  "preparation",
  "reminder",
  "notice",
  "check-in",
  "survey",
  "staff-task",
] as const satisfies readonly ("safety" | Purpose)[];

function priorityOf({ importance, purpose }: PlannedTouchpoint): number {
  return PRIORITIES.indexOf(importance === "critical" ? "safety" : purpose);
}

/** Within a purpose: whether somebody came home well before whether they still want to answer yesterday's question. */
const IMPORTANCES = ["critical", "high", "normal", "low"] as const satisfies readonly PlannedTouchpoint["importance"][];

/** Never left out: safety, and what cannot wait. */
const LAST_WITHOUT_FAIL = PRIORITIES.indexOf("urgent-change");

/** `series/key` of the new texts for which their week has no room. The strictest clinic of the patient decides. */
export function findOverBudget(drafts: readonly Draft[], rows: readonly StoredTouchpoint[], facts: PatientFacts): string[] {
  const fresh = drafts.filter((draft) => isText(draft.touchpoint) && isToBePlanned(draft));
  if (fresh.length === 0) return [];
  const most = Math.min(...facts.series.map(({ clinic }) => clinic.textsPerWeek));
  const weekFor = ({ dueAt }: Pick<PlannedTouchpoint, "dueAt">) => weekOf(facts.patient.zone, dueAt);
  const used = countUsed(drafts, rows, weekFor);
  const over: string[] = [];
  for (const { touchpoint } of fresh.toSorted(byPriority)) {
    const week = weekFor(touchpoint);
    const before = used.get(week) ?? 0;
    if (before >= most && priorityOf(touchpoint) > LAST_WITHOUT_FAIL) over.push(`${touchpoint.seriesId}/${touchpoint.key}`);
    else used.set(week, before + 1);
  }
  return over;
}

function isText({ channel, recipient }: Pick<PlannedTouchpoint, "channel" | "recipient">): boolean {
  return channel === "sms" && recipient === "patient";
}

function byPriority({ touchpoint: a }: Draft, { touchpoint: b }: Draft): number {
  const byImportance = IMPORTANCES.indexOf(a.importance) - IMPORTANCES.indexOf(b.importance);
  return (
    priorityOf(a) - priorityOf(b) || byImportance || a.dueAt - b.dueAt || (`${a.seriesId}/${a.key}` < `${b.seriesId}/${b.key}` ? -1 : 1)
  );
}

type WeekFor = (touchpoint: Pick<PlannedTouchpoint, "dueAt">) => CalendarDay;

/** What was sent or tried counts where it stood; what is stored and still to come counts where it stands now. Held texts have no room yet. */
function countUsed(drafts: readonly Draft[], rows: readonly StoredTouchpoint[], weekFor: WeekFor): Map<CalendarDay, number> {
  const used = new Map<CalendarDay, number>();
  const count = (text: Pick<PlannedTouchpoint, "channel" | "recipient" | "dueAt">) => {
    if (!isText(text)) return;
    const week = weekFor(text);
    used.set(week, (used.get(week) ?? 0) + 1);
  };
  for (const row of rows) if (!isLive(row) && isTried(row)) count(row);
  for (const draft of drafts)
    if (draft.stored && !draft.isOpen && isLive(draft.stored) && standingOf(draft) === "planned") count(draft.touchpoint);
  return used;
}
