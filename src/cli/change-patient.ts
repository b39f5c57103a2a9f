/** `patient hold|release|watch|unwatch|verify`. */
import type { CoreDeps } from "../deps.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import type { HoldCode } from "../domain/patient-facts.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { Changed } from "../producers/change-facts.ts";
import { holdPatient } from "../producers/hold-patient.ts";
import { releasePatient } from "../producers/release-patient.ts";
import { verifyPatient } from "../producers/verify-patient.ts";
import { watchPatient } from "../producers/watch-patient.ts";
import { endChange, toChangeOptions } from "./change-command.ts";
import { askForYes, confirmChange, type ConfirmFlags } from "./confirm-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getPatient } from "./get-patient.ts";
import { count } from "./show-faults.ts";
import { withCore } from "./with-store.ts";

export type PatientVerb = "release" | "watch" | "unwatch" | "verify";
export type PatientFlags = ConfirmFlags & { readonly clinic?: string };
export type HoldFlags = PatientFlags & { readonly code: HoldCode; readonly reason: string };

export async function holdPatientBy(ref: string, { code, reason: text, ...flags }: HoldFlags): Promise<ExitCode> {
  const reason = parseLine(text, { most: 500 });
  if (!reason.ok) throw new UsageError(`--reason: expected ${reason.expected}.`);
  const options = toChangeOptions(flags);
  const run = (core: CoreDeps, id: PatientId) => holdPatient(core, id, { ...options, code, reason: reason.value });
  return finish(await withPatient(ref, flags, run), flags, ({ hold }) => `on hold (${hold}); nothing is sent until released`);
}

export async function changePatientBy(ref: string, verb: PatientVerb, flags: PatientFlags): Promise<ExitCode> {
  switch (verb) {
    case "release": {
      const found = await withPatient(ref, flags, (core, id) => confirmChange(flags, (options) => releasePatient(core, id, options)));
      const code = finish(found, flags, ({ sessionsToCome }) => `released, with ${count(sessionsToCome, "session")} to come`);
      askForYes(flags, found.result);
      return code;
    }
    case "watch":
    case "unwatch": {
      const options = toChangeOptions(flags);
      const watch = verb === "watch" ? "watched" : "unwatched";
      return finish(await withPatient(ref, flags, (core, id) => watchPatient(core, id, { ...options, watch })), flags, () =>
        verb === "watch" ? "watched" : "not watched any more",
      );
    }
    case "verify": {
      const options = toChangeOptions(flags);
      return finish(
        await withPatient(ref, flags, (core, id) => verifyPatient(core, id, options)),
        flags,
        ({ verifiedAt }) => `verified at ${verifiedAt}`,
      );
    }
    default:
      return unreachable(verb);
  }
}

export type OfPatient<Value> = { readonly id: PatientId; readonly result: Changed<Value> };

/** Finds whom somebody means, and does something to them. */
export async function withPatient<Value>(
  ref: string,
  { clinic }: { readonly clinic?: string },
  run: (core: CoreDeps, id: PatientId) => Promise<Changed<Value>>,
): Promise<OfPatient<Value>> {
  return withCore(async (core) => {
    const id = await getPatient(core, ref, { clinic });
    return { id, result: await run(core, id) };
  });
}

/** Prints it with the patient's id in front: no name, no chart number. */
export function finish<Value extends object>(
  { id, result }: OfPatient<Value>,
  { json }: { readonly json?: true },
  sentence: (value: Value) => string,
): ExitCode {
  const patient = toPublicId("patient", id);
  const named = result.kind === "changed" ? { ...result, value: { patient, ...result.value } } : result;
  return endChange(named, { json, say: (value) => `${patient} ${sentence(value)}.` });
}
