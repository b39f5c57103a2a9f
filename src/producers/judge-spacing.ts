/** What a change does to the spacing that the protocols ask for: a warning for each gap that it broke, and where the doses after it could go instead. */
import type { StoredSession } from "../db/sessions.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import { type SeriesId, toPublicId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { type ProposedMove, proposeSpacing } from "../domain/propose-spacing.ts";
import { checkSpacing, isDose } from "../domain/spacing.ts";
import type { PatientSessions } from "./patient-sessions.ts";

/** One dose that could be moved, by staff and after asking the patient. */
export type ProposedChange = {
  readonly session: string;
  readonly number: number;
  readonly zone: Zone;
  readonly from: Instant;
  readonly to: Instant;
};

export type SpacingVerdict = { readonly warnings: readonly string[]; readonly proposal: readonly ProposedChange[] };

type Change = {
  readonly after: readonly StoredSession[];
  /** Ids of what was moved, called off or added: it stays, as long as moving what follows helps. */
  readonly changed: ReadonlySet<string>;
  readonly now: Instant;
};

/** Looks at each series that was touched; gaps that were as wide before the change are not told again. */
export function judgeSpacing(before: PatientSessions, change: Change): SpacingVerdict {
  const touched = new Set(change.after.filter(({ id }) => change.changed.has(id)).map(({ seriesId }) => seriesId));
  const verdicts = [...touched].map((seriesId) => judgeSeries(before, seriesId, change));
  return { warnings: verdicts.flatMap(({ warnings }) => warnings), proposal: verdicts.flatMap(({ proposal }) => proposal) };
}

function judgeSeries(before: PatientSessions, seriesId: SeriesId, { after, changed, now }: Change): SpacingVerdict {
  const [old, sessions] = [before.sessions, after].map((all) => all.filter((session) => session.seriesId === seriesId));
  const [first] = sessions ?? [];
  if (!old || !sessions || !first) return NOTHING;
  const protocol = before.protocolOf(first);
  const known = new Set(checkSpacing(protocol, old));
  const warnings = checkSpacing(protocol, sessions).filter((warning) => !known.has(warning));
  if (warnings.length === 0) return NOTHING;
  const from = instant(Math.min(...[...old, ...sessions].filter(({ id }) => changed.has(id)).map(({ startsAt }) => startsAt)));
  const busy = after.filter((session) => BUSY.has(session.status) && (session.seriesId !== seriesId || !isDose(session)));
  const context = { protocol, closures: before.closuresOf(first), now, from, busy };
  const following = proposeSpacing(sessions, { ...context, fixed: changed });
  // Nothing that follows can help where the change came too close to what was before it: then it could go elsewhere itself.
  const isNew = new Set([...changed].filter((id) => !old.some((session) => session.id === id)));
  const moves = following.length > 0 ? following : proposeSpacing(sessions, { ...context, fixed: isNew });
  return { warnings, proposal: moves.map(toChange) };
}

function toChange({ session: { id, number, zone, startsAt }, to }: ProposedMove<StoredSession>): ProposedChange {
  return { session: toPublicId("session", id), number, zone, from: startsAt, to };
}

const NOTHING: SpacingVerdict = { warnings: [], proposal: [] };
const BUSY: ReadonlySet<string> = new Set(["scheduled", "arrived", "dosed"]);
