/** `afterglow patient …` */
import { type Command, Option } from "commander";
import type { ConsentFlags } from "./change-consent.ts";
import type { ContactFlags, EscortFlags } from "./change-contact.ts";
import type { HoldFlags, PatientFlags, PatientVerb } from "./change-patient.ts";
import { addChangeOptions } from "./change-command.ts";
import { declare, end } from "./declare.ts";
import type { ExportFlags } from "./export-patient.ts";
import type { ShowPatientFlags } from "./show-patient.ts";

const REF = "10482 --clinic aspen-ridge";
const ID = "pat_0197c3a4-5a1e-7c00-8f00-0123456789ab";
/** As `HOLD_CODES` of the domain, which a command loads only when it runs; a test compares the two. */
export const HOLD_CODE_WORDS = ["deceased", "hospitalised", "safety", "complaint", "privacy", "other"] as const;

export function declarePatientCommands(program: Command): void {
  const patient = declare(program, {
    usage: "patient",
    does: "Patients, by chart number or id: how they are reached, what they agreed to, holds",
    examples: [`patient show ${REF}`, `patient contact ${REF} --phone "(303) 555-0119"`],
  });
  declareShow(patient);
  declareExport(patient);
  declareContact(patient);
  declareEscort(patient);
  declareConsent(patient);
  declareHolding(patient);
  declareMarks(patient);
}

const withClinic = (command: Command) =>
  command.option("--clinic <slug>", "a clinic of the patient's group, when several groups know the chart number");

function declareShow(patient: Command): void {
  const show = declare(patient, {
    usage: "show <ref>",
    does: "Show how a patient can be reached, consents, opt-outs, hold, watch and series; addresses only with --reveal, which is kept in the audit",
    examples: [`patient show ${REF}`, `patient show ${ID} --reveal --actor "Maria Lopez"`, `patient show ${REF} --json`],
  });
  withClinic(show)
    .option("--reveal", "show name, addresses and the reason of a hold")
    .option("--actor <name>", "who looks, for the audit")
    .option("--json", "print one object")
    .action(async (ref: string, flags: ShowPatientFlags) => end(await (await import("./show-patient.ts")).showPatient(ref, flags)));
}

function declareExport(patient: Command): void {
  const exported = declare(patient, {
    usage: "export <ref>",
    does: "Print everything that is stored of a patient as one JSON object, for a request of theirs to see it; the audit keeps who did it",
    examples: [`patient export ${REF} --actor "Maria Lopez" > record.json`],
  });
  withClinic(exported)
    .option("--actor <name>", "who hands it out, for the audit")
    .action(async (ref: string, flags: ExportFlags) => end(await (await import("./export-patient.ts")).exportPatientRecord(ref, flags)));
}

function addressOptions(command: Command): Command {
  return command
    .option("--phone <number>", "the new phone; it starts without consent to texts")
    .option("--no-phone", "there is none any more")
    .option("--email <address>", "the new email address; it starts without consent")
    .option("--no-email", "there is none any more")
    .option("--sms-consent <source>", "texts were agreed to for the phone, as told here")
    .option("--email-consent <source>", "email was agreed to for the address, as told here")
    .option("--consent-at <instant>", "when that was, as 2026-01-12T09:05-07:00")
    .option("--wording <version>", "the wording that was agreed to");
}

function declareContact(patient: Command): void {
  const contact = declare(patient, {
    usage: "contact <ref>",
    does: "Change how a patient is reached; links that were sent to the old address open nothing any more",
    examples: [
      `patient contact ${REF} --phone "(303) 555-0119"`,
      `patient contact ${REF} --phone "(303) 555-0119" --sms-consent "phone call" --consent-at 2026-01-12T09:05-07:00`,
      `patient contact ${REF} --no-email --dry-run`,
    ],
  });
  addChangeOptions(addressOptions(withClinic(contact))).action(async (ref: string, flags: ContactFlags) =>
    end(await (await import("./change-contact.ts")).changePatientContact(ref, flags)),
  );
}

function declareEscort(patient: Command): void {
  const escort = declare(patient, {
    usage: "escort <ref>",
    does: "Name the escort, change how they are reached, or take them away; a new name is another person, of whom nothing is known",
    examples: [
      `patient escort ${REF} --name "Marta Ortiz" --phone "(303) 555-0112" --sms-consent "phone call" --consent-at 2026-01-12T09:05-07:00`,
      `patient escort ${REF} --remove`,
    ],
  });
  addressOptions(withClinic(escort))
    .option("--name <name>", "who drives home, or sits with the patient at home")
    .addOption(new Option("--locale <locale>", "the language the escort reads").choices(["en", "es"]))
    .option("--remove", "there is none any more");
  addChangeOptions(escort).action(async (ref: string, flags: EscortFlags) =>
    end(await (await import("./change-contact.ts")).changePatientEscort(ref, flags)),
  );
}

function declareConsent(patient: Command): void {
  const consent = declare(patient, {
    usage: "consent",
    does: "Record what a patient or the escort agrees to, or no longer does; an opt-out of an address is another fact and stays",
    examples: [`patient consent revoke ${REF} --channel sms --source "phone call"`],
  });
  for (const [verb, meaning, at] of [
    ["grant", "The person agrees to a channel, for the address they have now", " --at 2026-01-12T09:05-07:00"],
    ["revoke", "The person agrees to it no longer", ""],
  ] as const) {
    const command = declare(consent, {
      usage: `${verb} <ref>`,
      does: `${meaning}; a repeat changes nothing`,
      examples: [
        `patient consent ${verb} ${REF} --channel sms --source "phone call"${at}`,
        `patient consent ${verb} ${REF} --channel email --person escort --source "phone call" --at 2026-01-12T09:05-07:00`,
      ],
    });
    withClinic(command)
      .addOption(
        new Option("--channel <channel>", "what is agreed to; detail: unencrypted detail in mail")
          .choices(["sms", "email", "detail"])
          .makeOptionMandatory(),
      )
      .requiredOption("--source <text>", "how it was told, such as: phone call")
      .option("--at <instant>", verb === "grant" ? "when it was given" : "when it was told, if not now")
      .option("--wording <version>", "the wording that was agreed to")
      .addOption(new Option("--person <person>", "whose consent it is").choices(["patient", "escort"]).default("patient"));
    addChangeOptions(command).action(async (ref: string, flags: ConsentFlags) =>
      end(await (await import("./change-consent.ts")).changePatientConsent(ref, verb, flags)),
    );
  }
}

function declareHolding(patient: Command): void {
  const hold = declare(patient, {
    usage: "hold <ref>",
    does: "Send nothing to a patient or the escort until released; sessions stay booked",
    examples: [`patient hold ${REF} --code hospitalised --reason "admitted on Sunday, sister called"`],
  });
  withClinic(hold)
    .addOption(new Option("--code <code>", "why, in a word").choices(HOLD_CODE_WORDS).makeOptionMandatory())
    .requiredOption("--reason <text>", "why; kept sealed");
  addChangeOptions(hold).action(async (ref: string, flags: HoldFlags) =>
    end(await (await import("./change-patient.ts")).holdPatientBy(ref, flags)),
  );
  const release = declare(patient, {
    usage: "release <ref>",
    does: "Lift a patient's hold: without --yes it shows what would go, and stores nothing; what the hold outlasted is not made up for",
    examples: [`patient release ${REF}`, `patient release ${REF} --yes`],
  });
  addChangeOptions(withClinic(release).option("--yes", "it was looked at: do it")).action(async (ref: string, flags: PatientFlags) =>
    end(await (await import("./change-patient.ts")).changePatientBy(ref, "release", flags)),
  );
}

function declareMarks(patient: Command): void {
  for (const [verb, meaning] of [
    ["watch", "Mark that silence from this patient matters"],
    ["unwatch", "Take that mark away"],
    ["verify", "Record that contact, consent, escort and protocol version were checked with the patient"],
  ] as const satisfies readonly (readonly [PatientVerb, string])[]) {
    const command = declare(patient, {
      usage: `${verb} <ref>`,
      does: meaning,
      examples: [`patient ${verb} ${REF}`, `patient ${verb} ${ID} --json`],
    });
    addChangeOptions(withClinic(command)).action(async (ref: string, flags: PatientFlags) =>
      end(await (await import("./change-patient.ts")).changePatientBy(ref, verb, flags)),
    );
  }
}
