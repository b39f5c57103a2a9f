/**
 * Closes a privacy incident with what was found.
 *
 * Trigger: whoever looks after privacy at the clinic (`incident close`). Re-checks: that it is open, under its own lock; no plan depends on it. Effect: who closed it,
 * when, the outcome, and the note sealed, with its event in the same transaction. A repeat with the same outcome by the same person stores nothing; whatever else is
 * asked of one that is closed is refused, because what was found is kept for six years (45 CFR 164.530(j)).
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockIncident, placeOfIncidentNote, writeIncidentClosed } from "../db/incidents.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { type IncidentId, toPublicId } from "../domain/ids.ts";
import type { IncidentOutcome } from "../domain/incident.ts";
import { refuse, type Refused } from "./change-facts.ts";

export type ClosedIncident = { readonly kind: "closed" | "same"; readonly incident: string; readonly outcome: IncidentOutcome } | Refused;

type Closing = { readonly outcome: IncidentOutcome; readonly note: string | null; readonly actor: string };

export async function closeIncident(
  { db, vault }: { readonly db: Database; readonly vault: Vault },
  id: IncidentId,
  { outcome, note, actor }: Closing,
): Promise<ClosedIncident> {
  const incident = toPublicId("incident", id);
  return transact(db, async (tx): Promise<ClosedIncident> => {
    const found = await lockIncident(tx, id);
    if (!found) return refuse("incident", incident, "the id of a privacy incident that is stored (afterglow incident list)");
    if (found.isClosed && found.outcome === outcome && found.closedBy === actor) return { kind: "same", incident, outcome };
    if (found.isClosed)
      return refuse("incident", found.outcome ?? "closed", `an incident that is open; ${found.closedBy ?? "somebody"} closed this one`);
    const { now } = await readClinicTime(tx);
    const noteSealed = note === null ? null : vault.seal(note, placeOfIncidentNote(id));
    await writeIncidentClosed(tx, id, { outcome, noteSealed, closedBy: actor, closedAt: now });
    await appendEvents(tx, [{ kind: "incident.closed", clinicId: found.clinicId, subjectId: id, actor, data: { outcome } }]);
    return { kind: "closed", incident, outcome };
  });
}
