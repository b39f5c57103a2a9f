/** One message for what is said at one time of several sessions: a change of two visits, in two series perhaps. */
import { HOUR } from "./calendar.ts";
import { type Draft, isToBePlanned, merge } from "./draft.ts";

/**
 * Messages that list the sessions of whatever is merged into them are said as one, over all sessions and series of the patient, when they are due within an hour;
 * and what could wait is said by what cannot, where both tell the same kind of change. Only what this same plan stores can take others in: a row that is stored
 * already may have been written by now.
 */
export function mergeTogether(drafts: readonly Draft[]): readonly Draft[] {
  const joining = drafts.filter((draft) => draft.rule.together && isToBePlanned(draft) && draft.touchpoint.channel !== "task");
  if (joining.length < 2) return drafts;
  const survivors = new Map<Draft, Draft>();
  const [urgent, others] = [joining.filter(isUrgent), joining.filter((draft) => !isUrgent(draft))];
  mergeAlike(urgent, survivors);
  const speaking = Map.groupBy(
    urgent.filter((draft) => !survivors.has(draft)),
    changeOf,
  );
  for (const draft of others) {
    const speaker = speaking.get(changeOf(draft))?.find(({ touchpoint }) => touchpoint.dueAt - draft.touchpoint.dueAt < HOUR);
    if (speaker) survivors.set(draft, speaker);
  }
  mergeAlike(
    others.filter((draft) => !survivors.has(draft)),
    survivors,
  );
  return drafts.map((draft) => merge(draft, survivors.get(draft)));
}

function isUrgent({ rule }: Draft): boolean {
  return rule.purpose === "urgent-change";
}

function mergeAlike(drafts: readonly Draft[], survivors: Map<Draft, Draft>): void {
  for (const group of Map.groupBy(drafts, audienceOf).values()) {
    let survivor: Draft | undefined;
    for (const draft of group.toSorted(inOrder)) {
      if (survivor && draft.touchpoint.dueAt - survivor.touchpoint.dueAt < HOUR) survivors.set(draft, survivor);
      else survivor = draft;
    }
  }
}

function audienceOf({ touchpoint: { clinicId, template, purpose, recipient, channel } }: Draft): string {
  return `${clinicId}/${template}/${purpose}/${recipient}/${channel}`;
}

/** What is told to whom, and over which channel, however soon it begins to matter. */
function changeOf({ rule: { anchor, when }, touchpoint: { clinicId, recipient, channel } }: Draft): string {
  const conditions = when.filter((condition) => condition !== "change-soon" && condition !== "change-later");
  return `${clinicId}/${anchor}/${conditions.toSorted().join("+")}/${recipient}/${channel}`;
}

function inOrder({ touchpoint: a }: Draft, { touchpoint: b }: Draft): number {
  return a.dueAt - b.dueAt || (`${a.seriesId}/${a.key}` < `${b.seriesId}/${b.key}` ? -1 : 1);
}
