/** What the occasions of one series are planned in. */
import type { Told } from "./already-told.ts";
import type { Instant } from "./calendar.ts";
import type { Occasion } from "./occasions.ts";
import type { Channel } from "./protocol.ts";
import type { Person } from "./touchpoint-times.ts";
import type { StoredTouchpoint } from "./touchpoint.ts";

export type PlanContext = Person &
  Told & {
    /** The newest row of each touchpoint of the series, by its base key. */
    readonly newest: ReadonlyMap<string, StoredTouchpoint>;
    /** Whether an occasion comes up after its session was planned for its reader. */
    readonly isLatecomer: (occasion: Occasion) => boolean;
    readonly now: Instant;
    readonly decisions: Decisions;
  };

/** What the rest of the patient's plan has decided about single touchpoints. */
export type Decisions = {
  /** `series/key` of texts for which their week has no room. */
  readonly overBudget: ReadonlySet<string>;
  /** Ids of merged rows whose survivor will not be said. */
  readonly unmerged: ReadonlySet<string>;
};

/** Short enough for an index, and the same for the same thing for ever. */
export function keyOf({ rule, subject, occurrence, reader }: Occasion, channel: Channel): string {
  return `${rule.id}/${subject}/${occurrence}/${reader}/${channel}`;
}
