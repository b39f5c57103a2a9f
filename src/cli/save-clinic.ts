/** `clinic add` and `clinic set`. */
import pg from "pg";
import { findClinic, saveClinic } from "../db/clinics.ts";
import { keepClosedDays, raiseClinicRevision } from "../db/closures.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { saveSafety } from "../db/safety-settings.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { ClinicSettings } from "../domain/clinic-settings.ts";
import type { ClinicId } from "../domain/ids.ts";
import { changeSettings } from "../producers/change-settings.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { readClinicFile } from "./read-clinic.ts";
import type { Format } from "./read-input.ts";
import { print, printJson, say } from "./terminal.ts";
import { withCore, withStore } from "./with-store.ts";

export type SaveClinicOptions = { readonly format?: Format; readonly actor?: string; readonly json?: true };

/** Adding refuses a clinic that is there, setting one that is not: a slip in the slug must not make a second clinic or overwrite the first. */
export async function saveClinicFile(file: string, mode: "add" | "set", { format, actor, json }: SaveClinicOptions): Promise<ExitCode> {
  const { settings, warnings } = await readClinicFile(file, { format });
  const by = toActor(actor);
  for (const warning of warnings) say(`warning: ${warning}`);
  const { id, patients } = mode === "add" ? await addClinic(settings, by) : await setClinic(settings, by);
  if (json) printJson({ clinic: settings.slug, id, kind: mode === "add" ? "added" : "set", replanned: patients });
  else
    print(
      mode === "add"
        ? `Added clinic ${settings.slug}. Next: afterglow protocol approve NAME@VERSION --clinic ${settings.slug} --by "name, role"`
        : `Set clinic ${settings.slug}; ${patients} patients are planned again.`,
    );
  return EXIT.done;
}

type Saved = { readonly id: ClinicId; readonly patients: number };

async function setClinic(settings: ClinicSettings, actor: string): Promise<Saved> {
  return withCore(async (core) => {
    const result = await changeSettings(core, settings, { actor, dryRun: false, ifRevision: null });
    if (result.kind === "refused") throw new Refusal(result.faults);
    const { id } = await getClinic(core.db, settings.slug);
    return { id, patients: result.kind === "changed" ? result.replanned : 0 };
  });
}

async function addClinic(settings: ClinicSettings, actor: string): Promise<Saved> {
  return withStore(({ db, vault }) => refusingTwins(() => transact(db, (tx) => add(tx, settings, { actor, vault }))));
}

async function add(tx: Tx, settings: ClinicSettings, { actor, vault }: { actor: string; vault: Vault }): Promise<Saved> {
  const { slug } = settings;
  if (await findClinic(tx, slug))
    throw new Refusal([{ path: "slug", value: slug, expected: "a slug that no clinic has yet (afterglow clinic set changes one)" }]);
  const { id } = await saveClinic(tx, settings);
  await saveSafety(tx, id, { vault, safety: settings.safety });
  await keepClosedDays(tx, id);
  await raiseClinicRevision(tx, id);
  await appendEvents(tx, [{ kind: "clinic.added", clinicId: id, subjectId: id, actor }]);
  return { id, patients: 0 };
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
