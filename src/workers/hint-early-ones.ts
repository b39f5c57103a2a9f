/**
 * A queue measures delays by its computers' clocks, which differ from the database's: a hint that comes before its moment finds nothing that may be claimed, and is
 * given again for that moment. Without it the row would wait until the sweep takes its hint for lost.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { findEarly } from "../db/sweeps.ts";
import { hintTouchpoints } from "../producers/hint-touchpoints.ts";
import type { Queues } from "../queues/backend.ts";
import type { SendHint } from "../queues/send-hints.ts";

type Send = (hint: SendHint) => Promise<{ readonly skipped?: number }>;

/** Asks only when something of the hint was skipped. */
export function hintEarlyOnes({ db, queues }: { db: Database; queues: Pick<Queues, "queue"> }, send: Send): Send {
  return async (hint) => {
    const counts = await send(hint);
    if (!counts.skipped) return counts;
    const early = await findEarly(db, hint.touchpointIds);
    if (early.length > 0) await hintTouchpoints(queues, early, await readClinicTime(db));
    return counts;
  };
}
