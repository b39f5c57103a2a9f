/** `patient contact` and `patient escort`. */
import type { PatientId } from "../domain/ids.ts";
import { type ContactInput, type EscortChange, parseContact } from "../domain/parse-contact.ts";
import type { CoreDeps } from "../deps.ts";
import { type ChangedContact, changeContact } from "../producers/change-contact.ts";
import { changeEscort } from "../producers/change-escort.ts";
import { toChangeOptions } from "./change-command.ts";
import { finish, type PatientFlags, withPatient } from "./change-patient.ts";
import type { ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { patientContext } from "./patient-context.ts";
import { count } from "./show-faults.ts";
import { say } from "./terminal.ts";

export type ContactFlags = PatientFlags & {
  /** False: --no-phone. */
  readonly phone?: string | boolean;
  readonly email?: string | boolean;
  readonly smsConsent?: string;
  readonly emailConsent?: string;
  readonly consentAt?: string;
  readonly wording?: string;
};

export type EscortFlags = ContactFlags & { readonly name?: string; readonly locale?: string; readonly remove?: true };

export async function changePatientContact(ref: string, flags: ContactFlags): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const input = toInput(flags);
  if (input.phone === undefined && input.email === undefined && input.consent.length === 0)
    throw new UsageError("Say what changes: --phone, --no-phone, --email or --no-email.");
  const run = async (core: CoreDeps, id: PatientId) =>
    changeContact(core, id, { ...options, change: await read(core, id, { input, flags }) });
  return finish(await withPatient(ref, flags, run), flags, sayContact);
}

export async function changePatientEscort(ref: string, flags: EscortFlags): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const input = { ...toInput(flags), name: flags.name, locale: flags.locale };
  const isEmpty = Object.values(input).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
  if (isEmpty === !flags.remove) throw new UsageError("Say who it is (--name, --phone, --email, --locale), or --remove and nothing else.");
  const run = async (core: CoreDeps, id: PatientId) =>
    changeEscort(core, id, { ...options, change: flags.remove ? "remove" : await read(core, id, { input, flags }) });
  return finish(await withPatient(ref, flags, run), flags, (value) => `escort ${SAID[value.escort]}; ${sayContact(value)}`);
}

const SAID = { named: "named", another: "is another person now", changed: "changed", removed: "removed" };

type Input = ContactInput & { readonly consent: readonly { to: string }[] };

function toInput({ phone, email, smsConsent, emailConsent, consentAt, wording }: ContactFlags): Input {
  const given = [
    { to: "sms", source: smsConsent },
    { to: "email", source: emailConsent },
  ].filter(({ source }) => source !== undefined);
  if (given.length > 0 && consentAt === undefined)
    throw new UsageError("--consent-at: expected when it was given, such as 2027-01-11T09:05-07:00.");
  if (given.length === 0 && consentAt !== undefined) throw new UsageError("--consent-at goes with --sms-consent or --email-consent.");
  const told = { at: consentAt, ...(wording !== undefined && { wording }) };
  return { phone: toText(phone), email: toText(email), consent: given.map((consent) => ({ ...consent, ...told })) };
}

/** Commander gives true for an option that has a `--no-` twin and was not named at all. */
function toText(flag: string | boolean | undefined): string | null | undefined {
  return typeof flag === "string" ? flag : flag === false ? null : undefined;
}

async function read(core: CoreDeps, id: PatientId, { input, flags }: { input: ContactInput; flags: ContactFlags }): Promise<EscortChange> {
  const parsed = parseContact(input, await patientContext(core, id, flags));
  if (!parsed.ok) throw new Refusal(parsed.faults);
  for (const warning of parsed.warnings) say(`warning: ${warning}`);
  return parsed.value;
}

function sayContact({ addresses, consents }: ChangedContact): string {
  const changes = addresses.map(({ channel, change, linksRevoked }) => {
    const links = linksRevoked > 0 ? ` (${count(linksRevoked, "link")} sent to the old one revoked)` : "";
    return `${channel === "sms" ? "phone" : "email"} ${change}${links}`;
  });
  return [...changes, ...consents.map((channel) => `consent to ${channel} granted`)].join(", ") || "addresses as they were";
}
