/** `alert ack`, `alert close`, `alert raise` and `alert release`. */
import type { AlertKind, AlertLevel, AlertOutcome } from "../domain/alert.ts";
import { type AlertId, parsePublicId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { acknowledgeAlert } from "../producers/acknowledge-alert.ts";
import { closeAlert } from "../producers/close-alert.ts";
import { raiseByStaff } from "../producers/raise-by-staff.ts";
import { releaseHeld, type ReleaseVerdict } from "../producers/release-held.ts";
import { toActor } from "./actor.ts";
import { type ChangeFlags, endChange, toChangeOptions } from "./change-command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { print, printJson } from "./terminal.ts";
import { withCore, withStore } from "./with-store.ts";

export type AckFlags = { readonly actor: string; readonly over?: true; readonly json?: true };
export type CloseFlags = ChangeFlags & { readonly outcome: AlertOutcome; readonly note?: string };
export type RaiseFlags = ChangeFlags & { readonly clinic?: string; readonly kind: AlertKind; readonly level: AlertLevel };
export type ReleaseFlags = ChangeFlags & { readonly as: ReleaseVerdict };

/** Throws {@link UsageError} for anything that is not an alert's id. */
export function readAlertId(text: string): AlertId {
  const id = parsePublicId("alert", text);
  if (id) return id;
  throw new UsageError(`${text}: expected the id of an alert, such as alr_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow alert list).`);
}

export async function acknowledgeBy(text: string, { actor, over, json }: AckFlags): Promise<ExitCode> {
  const id = readAlertId(text);
  const result = await withStore((store) => acknowledgeAlert(store, id, { actor: toActor(actor), wish: over ? "over" : "acknowledge" }));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ alert: toPublicId("alert", id), ...result });
  else if (result.kind === "same") print("You have it already; nothing was stored.");
  else
    print(
      `${toPublicId("alert", id)} is yours. Nobody else is paged. Close it with what came of it: afterglow alert close ${toPublicId("alert", id)} --outcome … --actor …`,
    );
  return EXIT.done;
}

const LONGEST_NOTE = 1_000;

export async function closeBy(text: string, { outcome, note, ...flags }: CloseFlags): Promise<ExitCode> {
  const id = readAlertId(text);
  if (flags.actor === undefined) throw new UsageError('--actor: expected the name of whoever closes it, such as "Maria Lopez".');
  const options = { ...toChangeOptions(flags), outcome, note: note === undefined ? null : readNote(note) };
  const result = await withCore((core) => closeAlert(core, id, options));
  return endChange(result, { json: flags.json, say: ({ alert }) => `${alert} closed: ${outcome}.` });
}

function readNote(text: string): string {
  const reading = parseLine(text, { most: LONGEST_NOTE });
  if (!reading.ok) throw new UsageError(`--note: expected ${reading.expected}.`);
  return reading.value;
}

export async function raiseBy(ref: string, { clinic, kind, level, ...flags }: RaiseFlags): Promise<ExitCode> {
  const result = await withCore(async (core) => {
    const patientId = await getPatient(core, ref, { clinic });
    const clinicId = clinic === undefined ? null : (await getClinic(core.db, clinic)).id;
    // A command has no way to reach a provider: where the queue does not take the page, the sweep of the workers finds it within seconds.
    const pageStaff = () => Promise.resolve();
    return raiseByStaff({ ...core, pageStaff }, patientId, { ...toChangeOptions(flags), kind, level, clinicId });
  });
  const say = level === "medium" ? "nobody is paged; it stands on the list" : "staff are paged";
  return endChange(result, { json: flags.json, say: ({ alert }) => `${toPublicId("alert", alert)} raised: ${say}.` });
}

const SENTENCES: { readonly [Verdict in ReleaseVerdict]: string } = {
  send: "It goes as planned, although the alert is open.",
  told: "It was said by voice; it ends as told.",
};

export async function releaseBy(text: string, { as: verdict, ...flags }: ReleaseFlags): Promise<ExitCode> {
  const id = parsePublicId("touchpoint", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a touchpoint, such as tp_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow alert show).`,
    );
  const result = await withCore((core) => releaseHeld(core, id, { ...toChangeOptions(flags), verdict }));
  return endChange(result, { json: flags.json, say: () => SENTENCES[verdict] });
}
