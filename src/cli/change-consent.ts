/** `patient consent grant|revoke`. */
import { formatInstant } from "../domain/calendar.ts";
import type { Fault } from "../domain/fault.ts";
import { parseContact } from "../domain/parse-contact.ts";
import { changeConsent } from "../producers/change-consent.ts";
import { toChangeOptions } from "./change-command.ts";
import { finish, type PatientFlags, withPatient } from "./change-patient.ts";
import type { ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { patientContext } from "./patient-context.ts";

export type ConsentFlags = PatientFlags & {
  readonly channel: "sms" | "email" | "detail";
  readonly source: string;
  readonly at?: string;
  readonly wording?: string;
  readonly person: "patient" | "escort";
};

export async function changePatientConsent(ref: string, verb: "grant" | "revoke", flags: ConsentFlags): Promise<ExitCode> {
  const { channel, source, wording, person, at } = flags;
  if (verb === "grant" && at === undefined) throw new UsageError("--at: expected when it was given, such as 2027-01-11T09:05-07:00.");
  const options = toChangeOptions(flags);
  const found = await withPatient(ref, flags, async (core, id) => {
    const context = await patientContext(core, id, flags);
    const told = { to: channel, source, at: at ?? formatInstant(context.now), ...(wording !== undefined && { wording }) };
    const parsed = parseContact({ consent: [told] }, context);
    if (!parsed.ok) throw new Refusal(parsed.faults.map(asFlag));
    const [consent] = parsed.value.consents;
    if (!consent) throw new Error("A consent was read and is not there");
    return changeConsent(core, id, { ...options, person, action: verb === "grant" ? "granted" : "revoked", consent });
  });
  return finish(found, flags, (value) => `${value.person}: consent to ${value.channel} ${value.action}`);
}

function asFlag({ path, ...fault }: Fault): Fault {
  return { ...fault, path: path.replace(/^consent\[\d+\]\./, "") };
}
