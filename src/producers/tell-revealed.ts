/**
 * Writes into the audit whose name somebody is shown.
 *
 * Trigger: a page or a command that opens sealed names. Effect: one event a patient, with who looked and where. A repeat is another look and another event; only a
 * page that renews itself is the look that it goes on from, for a quarter of an hour, which is as long as somebody may sit before it idle.
 */
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { findLookedAt } from "../db/looks.ts";
import { transact } from "../db/transact.ts";
import type { ClinicId, PatientId } from "../domain/ids.ts";

export type Look = {
  readonly actor: string;
  /** The page or the command. */
  readonly where: string;
  readonly kind?: "look" | "renewal";
};

/** `clinicId` is where they were looked at; null: at no clinic in particular. */
export async function tellRevealed(
  db: Database,
  shown: readonly { readonly patientId: PatientId; readonly clinicId: ClinicId | null }[],
  { actor, where, kind = "look" }: Look,
): Promise<void> {
  const patients = new Map(shown.map(({ patientId, clinicId }) => [patientId, clinicId]));
  for (const id of kind === "renewal" ? await findLookedAt(db, [...patients.keys()], { actor, where }) : []) patients.delete(id);
  if (patients.size === 0) return;
  const events = [...patients].map(([subjectId, clinicId]) => ({ kind: "patient.revealed", clinicId, subjectId, actor, data: { where } }));
  await transact(db, (tx) => appendEvents(tx, events));
}
