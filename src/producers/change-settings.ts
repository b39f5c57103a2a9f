/**
 * Sets a clinic to new settings.
 *
 * Trigger: an administrator. Re-checks: that the clinic is the one that was meant and stays in its group, and its revision, under its lock. Effect: the settings,
 * and every plan of the clinic made again, which workers do. A repeat makes them again and changes nothing else.
 */
import pg from "pg";
import { findClinic, saveClinic } from "../db/clinics.ts";
import { keepClosedDays, lockClinic, raiseClinicRevision } from "../db/closures.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { saveSafety } from "../db/safety-settings.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import { findGroupOfClinic, listPlannedPatients } from "../db/view-clinics.ts";
import type { Vault } from "../db/vault.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { ClinicChanged, ClinicDeps } from "./change-clinic.ts";
import { type ChangeOptions, refuse } from "./change-facts.ts";
import { requestPlans } from "./request-plans.ts";

export async function changeSettings(
  deps: ClinicDeps & { readonly vault: Vault },
  settings: ClinicSettings,
  options: ChangeOptions,
): Promise<ClinicChanged<object>> {
  try {
    const { patients, ...changed } = await transactOrRehearse(deps.db, options, (tx) =>
      save(tx, settings, { ...options, vault: deps.vault }),
    );
    if (changed.kind === "changed" && !options.dryRun) await requestPlans(deps, patients);
    return changed;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.constraint === "senders_channel_address_key")
      return refuse("senders", undefined, "an address and a number from which no other clinic sends");
    throw error;
  }
}

type Saved = ClinicChanged<object> & { readonly patients: Awaited<ReturnType<typeof listPlannedPatients>> };

async function save(
  tx: Tx,
  settings: ClinicSettings,
  { actor, dryRun, ifRevision, vault }: ChangeOptions & { vault: Vault },
): Promise<Saved> {
  const { slug } = settings;
  const clinic = await findClinic(tx, slug);
  if (!clinic) return { ...refuse("slug", slug, "a clinic that was added (afterglow clinic add FILE)"), patients: [] };
  const before = await lockClinic(tx, clinic.id);
  if (ifRevision !== null && before !== ifRevision)
    return { ...refuse("revision", String(ifRevision), `${before}: the clinic has changed since it was looked at`), patients: [] };
  const group = await findGroupOfClinic(tx, slug);
  if (group !== settings.group)
    return {
      ...refuse("group", settings.group, `${group ?? ""}, the group it was added to: its patients and their opt-outs belong there`),
      patients: [],
    };
  const { id } = await saveClinic(tx, settings);
  await saveSafety(tx, id, { vault, safety: settings.safety });
  await keepClosedDays(tx, id);
  const revision = await raiseClinicRevision(tx, id);
  const patients = await listPlannedPatients(tx, id);
  await lockPatients(tx, patients);
  await raisePlanRevision(tx, patients);
  await appendEvents(tx, [{ kind: "clinic.changed", clinicId: id, subjectId: id, actor }]);
  return { kind: "changed", value: {}, revision, replanned: patients.length, dryRun, patients };
}
