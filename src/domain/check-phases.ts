/** What can be wrong with the phases of a protocol: a course that never begins, never ends unawares, or is longer than one series may be. */
import { formatCalendarOffset } from "./calendar.ts";
import type { Fault } from "./fault.ts";
import type { Phase } from "./protocol.ts";

/** Most sessions of a course; more would be refused when a series is enqueued. */
const MOST_SESSIONS = 60;

/** Faults of the phases, with paths into the protocol. */
export function checkPhases(phases: readonly Phase[]): Fault[] {
  const each = phases.flatMap((phase, index) => checkPhase(phase).map((fault) => ({ ...fault, path: `phases[${index}].${fault.path}` })));
  return [...each, ...checkOrder(phases), ...checkTotal(phases)];
}

function checkPhase({ count, onRequest, horizon, followedBy }: Phase): Fault[] {
  const faults: Fault[] = [];
  if (onRequest && count !== undefined)
    faults.push({ path: "count", value: String(count), expected: "no count on a phase whose sessions staff add by hand" });
  if (!onRequest && count === undefined && !horizon)
    faults.push({ path: "horizon", expected: "how far ahead an open-ended phase is made, such as P5W, or a count" });
  if (horizon && (count !== undefined || onRequest))
    faults.push({ path: "horizon", value: formatCalendarOffset(horizon), expected: "a horizon on open-ended phases only" });
  if (horizon && (horizon.sign === -1 || horizon.days < 1))
    faults.push({ path: "horizon", value: formatCalendarOffset(horizon), expected: "a day or more ahead, such as P5W" });
  if (followedBy && (followedBy.after.sign === -1 || followedBy.after.days < 1 || followedBy.after.minutes > 0))
    faults.push({ path: "followedBy.after", value: formatCalendarOffset(followedBy.after), expected: "whole days, at least P1D" });
  return faults;
}

function checkOrder(phases: readonly Phase[]): Fault[] {
  const openEnded = phases.findIndex(({ count, onRequest }) => count === undefined && !onRequest);
  return phases.flatMap(({ id, onRequest }, index) =>
    openEnded >= 0 && index > openEnded && !onRequest
      ? { path: `phases[${index}].id`, value: id, expected: "no phase behind an open-ended one, which never ends" }
      : [],
  );
}

function checkTotal(phases: readonly Phase[]): Fault[] {
  const total = phases.reduce((sum, { count = 0, followedBy }) => sum + count * (followedBy ? 2 : 1), 0);
  return total > MOST_SESSIONS
    ? [{ path: "phases", value: String(total), expected: `at most ${MOST_SESSIONS} sessions in all, those that follow others included` }]
    : [];
}
