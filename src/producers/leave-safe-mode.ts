/**
 * Ends safe mode after somebody has looked.
 *
 * Trigger: an operator (`safe-mode leave`). Re-checks: that safe mode is on, under the lock of its row. Effect: in one transaction everything due before
 * `notBefore` ends unsent, with a call task where it mattered, and sending goes on for what comes after; where the database lives now is remembered. A repeat
 * is refused: there is nothing to leave.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { countWaiting, endDueBefore, type Ended, endSafeMode, type SafeMode, type Waiting } from "../db/safe-mode.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import { DAY, formatInstant, type Instant } from "../domain/calendar.ts";
import { type ChangeOptions, refuse, type Refused } from "./change-facts.ts";

export type SafeModeLeft =
  | {
      readonly kind: "left";
      readonly was: SafeMode;
      readonly notBefore: Instant;
      readonly ended: Ended;
      readonly waiting: Waiting;
      readonly dryRun: boolean;
    }
  | Refused;

/** Stands for the whole installation in the audit, which has no id. */
const INSTALLATION = "00000000-0000-0000-0000-000000000000";
/** Whoever means to stay silent for longer wants a switch. */
const MOST_DAYS_AHEAD = 7;

/** `notBefore` null: now. */
export async function leaveSafeMode(
  { db }: { db: Database },
  { notBefore: asked, reason }: { readonly notBefore: Instant | null; readonly reason: string },
  { actor, dryRun }: Pick<ChangeOptions, "actor" | "dryRun">,
): Promise<SafeModeLeft> {
  return transactOrRehearse(db, { dryRun }, async (tx) => {
    const { now } = await readClinicTime(tx);
    const notBefore = asked ?? now;
    if (notBefore > now + MOST_DAYS_AHEAD * DAY)
      return refuse(
        "not-before",
        formatInstant(notBefore),
        `a moment within ${MOST_DAYS_AHEAD} days (afterglow switch off stops for longer)`,
      );
    const was = await endSafeMode(tx);
    if (!was) return refuse("safe-mode", "off", "safe mode to be on: messages are being sent as usual");
    const ended = await endDueBefore(tx, { notBefore, now });
    const data = { reason, notBefore: formatInstant(notBefore), suppressed: ended.suppressed, expired: ended.expired };
    await appendEvents(tx, [{ kind: "safe-mode.left", clinicId: null, subjectId: INSTALLATION, actor, data }]);
    return { kind: "left", was, notBefore, ended, waiting: await countWaiting(tx), dryRun };
  });
}

/** What would go if safe mode ended at this moment and nothing were held back: looked at in a transaction that is taken back. */
export async function previewWaiting({ db }: { db: Database }): Promise<Waiting> {
  return transactOrRehearse(db, { dryRun: true }, async (tx) => {
    await endSafeMode(tx);
    return countWaiting(tx);
  });
}
