/**
 * Decides about one message that an open alert keeps back.
 *
 * Trigger: the owner of the alert (`alert release`, the console). Re-checks: that it is kept back by an alert, under the patient's lock. Effect: it goes as
 * planned although the alert is open, or ends as told because somebody has said it on the phone; its task is
 * closed within half a minute. A repeat of what is so already stores nothing.
 */
import { findHeld, lockHeld, markReleased } from "../db/alert-holds.ts";
import { endAsTold } from "../db/settlements.ts";
import { toPublicId, type TouchpointId } from "../domain/ids.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse, type Refused } from "./change-facts.ts";

/** `send`: let it go; `told`: somebody has said it by voice. */
export const RELEASE_VERDICTS = ["send", "told"] as const;
export type ReleaseVerdict = (typeof RELEASE_VERDICTS)[number];

export type ReleasedHeld = { readonly verdict: ReleaseVerdict };

export async function releaseHeld(
  deps: ChangeDeps,
  id: TouchpointId,
  { verdict, ...options }: ChangeOptions & { readonly verdict: ReleaseVerdict },
): Promise<Changed<ReleasedHeld>> {
  const found = await findHeld(deps.db, id);
  if (!found) return refuseUnknown(id);
  return changeFacts<ReleasedHeld>(
    deps,
    {
      patientIds: [found.patientId],
      write: async (tx) => {
        const row = await lockHeld(tx, id);
        if (!row) return refuseUnknown(id);
        if (verdict === "send" && row.isReleased) return { kind: "same" };
        if (verdict === "told" && row.state === "suppressed" && row.reason === "already-told") return { kind: "same" };
        if (row.state !== "held" || row.reason !== "open-alert")
          return refuse("touchpoint", row.reason ?? row.state, "a message that an open alert keeps back (held, open-alert)");
        if (verdict === "send") await markReleased(tx, id);
        else await endAsTold(tx, id);
        const event = { kind: "touchpoint.released", clinicId: row.clinicId, subjectId: id, actor: options.actor, data: { verdict } };
        return { kind: "written", value: { verdict }, events: [event], warnings: [] };
      },
    },
    options,
  );
}

function refuseUnknown(id: TouchpointId): Refused {
  return refuse("touchpoint", toPublicId("touchpoint", id), "the id of a touchpoint that is stored");
}
