/** `clinic add` and `clinic set`. */
import pg from "pg";
import { findClinic, saveClinic } from "../db/clinics.ts";
import { keepClosedDays, raiseClinicRevision } from "../db/closures.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { saveSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { findGroupOfClinic, listPlannedPatients } from "../db/view-clinics.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { ClinicId } from "../domain/ids.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { readClinicFile } from "./read-clinic.ts";
import type { Format } from "./read-input.ts";
import { print, printJson, say } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type SaveClinicOptions = { readonly format?: Format; readonly actor?: string; readonly json?: true };

/** Adding refuses a clinic that is there, setting one that is not: a slip in the slug must not make a second clinic or overwrite the first. */
export async function saveClinicFile(file: string, mode: "add" | "set", { format, actor, json }: SaveClinicOptions): Promise<ExitCode> {
  const { settings, warnings } = await readClinicFile(file, { format });
  const by = toActor(actor);
  for (const warning of warnings) say(`warning: ${warning}`);
  const { id, patients } = await withStore(({ db, vault }) =>
    refusingTwins(() => transact(db, (tx) => save(tx, settings, { mode, actor: by, vault }))),
  );
  if (json) printJson({ clinic: settings.slug, id, kind: mode === "add" ? "added" : "set", replanned: patients });
  else
    print(
      mode === "add"
        ? `Added clinic ${settings.slug}. Next: afterglow protocol approve NAME@VERSION --clinic ${settings.slug} --by "name, role"`
        : `Set clinic ${settings.slug}; ${patients} patients are planned again.`,
    );
  return EXIT.done;
}

async function save(
  tx: Tx,
  settings: ClinicSettings,
  { mode, actor, vault }: { mode: "add" | "set"; actor: string; vault: Vault },
): Promise<{ id: ClinicId; patients: number }> {
  const { slug } = settings;
  const known = await findClinic(tx, slug);
  if (known && mode === "add")
    throw new Refusal([{ path: "slug", value: slug, expected: "a slug that no clinic has yet (afterglow clinic set changes one)" }]);
  if (!known && mode === "set")
    throw new Refusal([{ path: "slug", value: slug, expected: "a clinic that was added (afterglow clinic add FILE)" }]);
  const group = known && (await findGroupOfClinic(tx, slug));
  if (group !== undefined && group !== settings.group)
    throw new Refusal([
      {
        path: "group",
        value: settings.group,
        expected: `${group}, the group it was added to: its patients and their opt-outs belong there`,
      },
    ]);
  const { id, added } = await saveClinic(tx, settings);
  await saveSafety(tx, id, { vault, safety: settings.safety });
  await keepClosedDays(tx, id);
  await raiseClinicRevision(tx, id);
  const patients = added ? [] : await listPlannedPatients(tx, id);
  await lockPatients(tx, patients);
  await raisePlanRevision(tx, patients);
  await appendEvents(tx, [{ kind: added ? "clinic.added" : "clinic.changed", clinicId: id, subjectId: id, actor }]);
  return { id, patients: patients.length };
}

/** A number or an address belongs to one clinic, because what patients answer finds the clinic by it. */
async function refusingTwins<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.constraint === "senders_channel_address_key")
      throw new Refusal([{ path: "senders", expected: "an address and a number from which no other clinic sends" }]);
    throw error;
  }
}
