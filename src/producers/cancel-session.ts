/**
 * Cancels a session.
 *
 * Trigger: staff (`session cancel`). Re-checks: that it has not begun, under the patient's lock. Effect: nothing is said before or after it any more; whoever had
 * been told of it is told once that it is off, and the calendar entry goes. A repeat changes nothing.
 */
import type { SessionId } from "../domain/ids.ts";
import { type CalledOffSession, callOff } from "./call-off-session.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changeSession } from "./change-session.ts";

export async function cancelSession(
  deps: ChangeDeps,
  id: SessionId,
  { because, ...options }: ChangeOptions & { because: "patient" | "clinic" },
): Promise<Changed<CalledOffSession>> {
  return changeSession<CalledOffSession>(deps, id, {
    ...options,
    write: (tx, atHand) => callOff(tx, atHand, { to: "cancelled", because }),
  });
}
