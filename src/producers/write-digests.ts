/**
 * Says before a weekend how many visits of the next working day are not ready.
 *
 * Trigger: time, every few minutes; on Friday noon about Monday, or on the last working day before other days on which nobody is there. Re-checks: that the day has
 * had no digest, and the readiness of each visit from its facts. Effect: one digest a clinic and day, and where a visit is not ready a mail to each person of the
 * desk; counts only. A repeat writes nothing more, whatever has changed since: the calls on the list follow the facts, the mail does not.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import { findPagingClinic } from "../db/alert-pages.ts";
import type { Database, Tx } from "../db/database.ts";
import { hasDigest, insertDigest } from "../db/digests.ts";
import { appendEvents } from "../db/events.ts";
import { loadBoard } from "../db/readiness.ts";
import { openSafety } from "../db/safety-settings.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { transact } from "../db/transact.ts";
import { listClinicIds } from "../db/unready-tasks.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { type DigestDue, findDigestDue, listDigestReaders } from "../domain/unready-digest.ts";

export type DigestDeps = { readonly db: Database; readonly vault: Vault };

/** Where nobody of the roster has a mailbox, the clinic's own: whoever reads that is the desk. */
export const CLINIC_ITSELF = "the clinic";

/** Returns how many were written, over all clinics; a clinic that fails keeps the rest from nothing. */
export async function writeDigests(deps: DigestDeps): Promise<number> {
  const { now } = await readClinicTime(deps.db);
  let written = 0;
  const failures: unknown[] = [];
  for (const [id, clinic] of await loadStaffedClinics(deps.db, await listClinicIds(deps.db)))
    try {
      const due = findDigestDue(clinic, now);
      if (due && !(await hasDigest(deps.db, id, due.about)) && (await transact(deps.db, (tx) => write(tx, id, { due, now, deps }))))
        written++;
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw new AggregateError(failures, "Digests of some clinics were not written");
  return written;
}

type Writing = { readonly due: DigestDue; readonly now: Instant; readonly deps: DigestDeps };

async function write(tx: Tx, clinicId: ClinicId, { due: { about, visits: within }, now, deps }: Writing): Promise<boolean> {
  const visits = (await loadBoard(tx, clinicId, within)).flatMap(({ readiness }) => readiness ?? []);
  const unready = visits.filter(({ colour }) => colour === "red").length;
  const people = unready === 0 ? [] : await listPeople(tx, clinicId, { now, deps });
  if (!(await insertDigest(tx, { clinicId, about, unready, visits: visits.length, people }))) return false;
  const data = { unready, visits: visits.length, mails: people.length };
  await appendEvents(tx, [{ kind: "digest.written", clinicId, subjectId: clinicId, actor: "afterglow", data }]);
  return true;
}

async function listPeople(tx: Tx, clinicId: ClinicId, { now, deps }: Pick<Writing, "now" | "deps">): Promise<readonly string[]> {
  const clinic = await findPagingClinic(tx, clinicId);
  if (!clinic) return [];
  const { roster } = openSafety(deps.vault, clinicId, clinic.safetySealed);
  const names = listDigestReaders(roster, clinic, now).map(({ name }) => name);
  return names.length > 0 ? names : [CLINIC_ITSELF];
}
