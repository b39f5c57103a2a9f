/** What the console can change about a patient: reaching them, consent, escort, holds and marks. */
import type { ConsentGiven } from "../../domain/enqueue-request.ts";
import type { Fault } from "../../domain/fault.ts";
import { formatDay } from "../../domain/calendar.ts";
import { type ContactInput, type EscortChange, parseContact } from "../../domain/parse-contact.ts";
import { HOLD_CODES } from "../../domain/patient-facts.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { changeConsent } from "../../producers/change-consent.ts";
import { changeContact } from "../../producers/change-contact.ts";
import { changeEscort } from "../../producers/change-escort.ts";
import { holdPatient } from "../../producers/hold-patient.ts";
import { releasePatient } from "../../producers/release-patient.ts";
import { verifyPatient } from "../../producers/verify-patient.ts";
import { watchPatient } from "../../producers/watch-patient.ts";
import { html, type Html } from "../html.ts";
import type { About, ConsoleChange } from "./change-room.ts";
import type { ConsoleDeps } from "./console-page.ts";
import type { FormFields } from "./form-fields.ts";
import { type Typed, typedAs } from "./read-form.ts";
import { dayAt } from "./say-moment.ts";

export const HOLD_WORDS: { readonly [Code in (typeof HOLD_CODES)[number]]: string } = {
  hospitalised: "in hospital",
  deceased: "has died",
  safety: "safety",
  complaint: "complaint",
  privacy: "privacy",
  other: "another reason",
};

function isHoldCode(text: string): text is (typeof HOLD_CODES)[number] {
  return HOLD_CODES.some((code) => code === text);
}

type Refusal = { readonly kind: "refused"; readonly faults: readonly Fault[] };

function refused(path: string, expected: string): Refusal {
  return { kind: "refused", faults: [{ path, expected }] };
}

const hold: ConsoleChange = {
  of: "patient",
  verb: "hold",
  permission: "patients.hold",
  title: "Put on hold",
  meaning: "Nothing is sent to the patient or the escort until somebody lifts the hold. Visits stay booked.",
  isDangerous: true,
  fields: (form) => html`${form.select(
    "code",
    "Why",
    HOLD_CODES.map((value) => ({ value, label: HOLD_WORDS[value] })),
  )}
${form.text("reason", "In your words", { hint: "Kept sealed; shown on the patient's page.", required: true })}`,
  run: async (deps, { patientId }, { typed, options }) => {
    const [code, reason] = [typed.text("code"), typed.text("reason")];
    if (!isHoldCode(code)) return refused("code", "one of the reasons of the list");
    if (reason === "" || reason.length > 500) return refused("reason", "a line of at most 500 characters that says why");
    return holdPatient(deps, patientId, { ...options, code, reason });
  },
};

const release: ConsoleChange = {
  of: "patient",
  verb: "release",
  permission: "patients.judge",
  title: "Lift the hold",
  meaning: "What is still of use is planned again; what the hold outlasted is not made up for.",
  run: (deps, { patientId }, { options }) => releasePatient(deps, patientId, options),
};

const [watch, unwatch] = (["watch", "unwatch"] as const).map(
  (verb): ConsoleChange => ({
    of: "patient",
    verb,
    permission: "patients.judge",
    title: verb === "watch" ? "Watch this patient" : "Stop watching",
    meaning:
      verb === "watch"
        ? "Silence from this patient matters: somebody is told when an answer stays out."
        : "Silence from this patient is told to nobody any more.",
    run: (deps, { patientId }, { options }) =>
      watchPatient(deps, patientId, { ...options, watch: verb === "watch" ? "watched" : "unwatched" }),
  }),
);

const verify: ConsoleChange = {
  of: "patient",
  verb: "verify",
  permission: "patients.change",
  title: "Record the check",
  meaning: "You have checked phone, email, consent and escort with the patient. What waited for that is planned again.",
  run: (deps, { patientId }, { options }) => verifyPatient(deps, patientId, options),
};

/** Consent that is given in the same breath as an address. */
function consentFields(form: FormFields, whose: string): Html {
  return html`<fieldset class="field"><legend>${whose} agrees to messages at what stands above now</legend>${form.box("agrees", "sms", "Texts")} ${form.box("agrees", "email", "Email")}</fieldset>
<div class="pair">${form.text("source", "How that was said", { hint: "Such as: intake form, phone call", paths: ["consent[0].source", "consent[1].source"] })}${form.text("at", "When", { type: "date", paths: ["consent"] })}</div>`;
}

function readContact({ clinic, now }: About, typed: Typed, known: { readonly phone: string | null; readonly email: string | null }) {
  const consent = typed.list("agrees").map((to) => ({ to, source: typed.text("source"), at: typed.text("at") }));
  const input: ContactInput = {
    ...(typed.maybe("name") && { name: typed.text("name") }),
    ...(typed.maybe("locale") && { locale: typed.text("locale") }),
    ...changedAddress("phone", typed, known.phone),
    ...changedAddress("email", typed, known.email),
    ...(consent.length > 0 && { consent }),
  };
  return parseContact(input, { clinic, now });
}

/** An emptied field takes the address away; one that still says what is stored says nothing. */
function changedAddress(
  name: "phone" | "email",
  typed: Typed,
  known: string | null,
): { readonly phone?: string | null; readonly email?: string | null } {
  const text = typed.text(name);
  const shown = known === null ? "" : name === "phone" ? toNationalPhone(known) : known;
  return text === shown ? {} : { [name]: text === "" ? null : text };
}

function contactOf(
  { vault }: Pick<ConsoleDeps, "vault">,
  { view, patientId }: Pick<About, "view" | "patientId">,
  person: "patient" | "escort",
) {
  const table = person === "patient" ? "patients" : "escorts";
  const open = (column: string, sealed: Buffer | null) => (sealed === null ? null : vault.open(sealed, { table, column, row: patientId }));
  return person === "patient"
    ? { name: null, phone: open("phone_sealed", view.phoneSealed), email: open("email_sealed", view.emailSealed) }
    : {
        name: open("name_sealed", view.escortNameSealed),
        phone: open("phone_sealed", view.escortPhoneSealed),
        email: open("email_sealed", view.escortEmailSealed),
      };
}

/** The vault is the room's: these two forms begin with what is stored. */
export function contactChanges({ vault }: Pick<ConsoleDeps, "vault">): readonly ConsoleChange[] {
  const begin =
    (person: "patient" | "escort") =>
    (about: About): Typed => {
      const { name, phone, email } = contactOf({ vault }, about, person);
      const locale = person === "escort" ? (about.view.escortLocale ?? about.view.locale) : null;
      return typedAs({ name, phone: phone && toNationalPhone(phone), email, locale, at: formatDay(dayAt(about.zone, about.now)) });
    };
  return [
    {
      of: "patient",
      verb: "contact",
      permission: "patients.change",
      title: "Change phone and email",
      meaning: "A new address starts without consent, and links that were sent to the old one open nothing any more.",
      begin: begin("patient"),
      fields: (form) =>
        html`<div class="pair">${form.text("phone", "Phone", { type: "tel", autocomplete: "off" })}${form.text("email", "Email", { autocomplete: "off", inputmode: "email" })}</div>${consentFields(form, "The patient")}`,
      run: async (deps, about, { typed, options }) => {
        const parsed = readContact(about, typed, contactOf(deps, about, "patient"));
        return parsed.ok
          ? changeContact(deps, about.patientId, { ...options, change: parsed.value })
          : { kind: "refused", faults: parsed.faults };
      },
    },
    {
      of: "patient",
      verb: "escort",
      permission: "patients.change",
      title: "Change the escort",
      meaning:
        "Who takes the patient home, or stays. Another name is another person: nothing that was stored of the former one holds for them.",
      begin: begin("escort"),
      fields: (
        form,
      ) => html`${form.text("name", "Name", { autocomplete: "off" })}<div class="pair">${form.text("phone", "Phone", { type: "tel", autocomplete: "off" })}${form.text("email", "Email", { autocomplete: "off", inputmode: "email" })}</div>
${form.select("locale", "Language", LANGUAGES)}${consentFields(form, "The escort")}`,
      run: async (deps, about, { typed, options }) => {
        const known = contactOf(deps, about, "escort");
        const parsed = readContact(about, typed, typed.text("name") === known.name ? known : { phone: null, email: null });
        if (!parsed.ok) return { kind: "refused", faults: parsed.faults };
        const change: EscortChange | "remove" = typed.text("name") === "" && known.name !== null ? "remove" : parsed.value;
        return changeEscort(deps, about.patientId, { ...options, change });
      },
    },
  ];
}

export const LANGUAGES = [
  { value: "en", label: "English" },
  { value: "es", label: "Spanish" },
] as const;

const consent: ConsoleChange = {
  of: "patient",
  verb: "consent",
  permission: "patients.change",
  title: "Record consent",
  meaning: "What somebody said about being written to, with how and when they said it. The record is never changed, only added to.",
  begin: ({ zone, now }, asked) =>
    typedAs({ person: asked.text("person"), channel: asked.text("channel"), at: formatDay(dayAt(zone, now)) }),
  fields: (form) => html`<div class="pair">${form.select("person", "Who", [
    { value: "patient", label: "The patient" },
    { value: "escort", label: "The escort" },
  ])}${form.select("channel", "About", [
    { value: "sms", label: "Texts" },
    { value: "email", label: "Email" },
    { value: "detail", label: "Detail in emails" },
  ])}</div>
${form.radios("action", "Says", [
  { value: "granted", label: "yes, from now on" },
  { value: "revoked", label: "no, not any more" },
])}
<div class="pair">${form.text("source", "How that was said", { hint: "Such as: intake form, phone call", required: true, paths: ["consent[0].source"] })}${form.text("at", "When", { type: "date", required: true, paths: ["consent[0].at"] })}</div>`,
  run: async (deps, { patientId, clinic, now }, { typed, options }) => {
    const given = { to: typed.text("channel"), source: typed.text("source"), at: typed.text("at") };
    const parsed = parseContact({ consent: [given] }, { clinic, now });
    if (!parsed.ok) return { kind: "refused", faults: parsed.faults };
    const [read] = parsed.value.consents satisfies readonly ConsentGiven[];
    if (!read) return refused("channel", "texts, email or detail in emails");
    const person = typed.text("person") === "escort" ? "escort" : "patient";
    const action = typed.text("action") === "revoked" ? "revoked" : "granted";
    return changeConsent(deps, patientId, { ...options, person, action, consent: read });
  },
};

export const PATIENT_CHANGES: readonly ConsoleChange[] = [hold, release, ...(watch && unwatch ? [watch, unwatch] : []), verify, consent];
