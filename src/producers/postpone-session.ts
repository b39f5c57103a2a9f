/**
 * Postpones a session: it keeps its place in the series and has no date.
 *
 * Trigger: staff (`session postpone`). Re-checks: that it has not begun, under the patient's lock. Effect: nothing is said about the old time any more; whoever
 * had been told of it is told once that it is off and that a new date follows. `session move` gives it one. A repeat changes nothing.
 */
import type { SessionId } from "../domain/ids.ts";
import { type CalledOffSession, callOff } from "./call-off-session.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changeSession } from "./change-session.ts";

export async function postponeSession(
  deps: ChangeDeps,
  id: SessionId,
  { because, ...options }: ChangeOptions & { because: "patient" | "clinic" },
): Promise<Changed<CalledOffSession>> {
  return changeSession<CalledOffSession>(deps, id, {
    ...options,
    write: (tx, atHand) => callOff(tx, atHand, { to: "postponed", because }),
  });
}
