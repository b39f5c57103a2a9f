/** The form of a new series, and from what was typed to what the parser of series reads. */
import type { Fault } from "../../domain/fault.ts";
import { WEEKDAYS } from "../../domain/calendar.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { type Choice, notice } from "./console-parts.ts";
import { type FormFields, formFields } from "./form-fields.ts";
import { LANGUAGES } from "./patient-changes.ts";
import type { Typed } from "./read-form.ts";
import { capital } from "./change-room.ts";

/** The patient whose chart number was typed, when this clinic knows them. */
export type KnownPatient = { readonly name: string; readonly hasActiveSeries: boolean; readonly isHeld: boolean };

export type SeriesForm = {
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  readonly protocols: readonly Choice[];
  readonly known: KnownPatient | null;
};

const CONDITIONS = ["depression", "ptsd", "anxiety", "ocd", "bipolar-depression", "chronic-pain", "substance-use"];

export function seriesForm({ typed, faults, protocols, known }: SeriesForm, context: ConsoleContext): Html {
  const form = formFields(typed, faults);
  const body = html`<fieldset class="form"><legend class="hidden">Series</legend>${form.select("protocol", "Protocol", protocols)}${form.text("condition", "Condition", { hint: `In a word, such as ${CONDITIONS.slice(0, 3).join(", ")}` })}</fieldset>
<fieldset class="form"><legend>Patient</legend>${form.text("ref", "Chart number", { required: true, autocomplete: "off", paths: ["patient.ref"] })}${known ? knownPatient(form, known) : newPatient(form)}</fieldset>
${visits(form, typed)}
<div class="buttons"><button class="first" name="step" value="look">Preview every message</button></div>`;
  const rest = form.rest();
  return html`${rest}${csrfForm(context, { action: roomPath(context.clinic.slug, "series"), name: "form live", body })}`;
}

function knownPatient(form: FormFields, { name, hasActiveSeries, isHeld }: KnownPatient): Html {
  const also = hasActiveSeries
    ? html`<p>${form.box("also", "yes", "This patient has a series under way; enqueue a second one beside it")}</p>`
    : null;
  return html`${notice("plain", html`<p><strong>${name}</strong> is known here. Contact, consent and escort stay as they are stored.</p>`)}${isHeld ? notice("warn", html`<p>The patient is on hold: nothing is sent until that is lifted.</p>`) : null}${also}`;
}

function newPatient(form: FormFields): Html {
  return html`<p class="hint">Of a patient who is known, the chart number is enough.</p>
<div class="pair">${form.text("name", "Name", { autocomplete: "off", paths: ["patient.name"] })}${form.text("birthDate", "Born", { type: "date", paths: ["patient.birthDate"] })}</div>
<div class="pair">${form.text("phone", "Phone", { type: "tel", autocomplete: "off", paths: ["patient.phone"] })}${form.text("email", "Email", { autocomplete: "off", inputmode: "email", paths: ["patient.email"] })}</div>
${form.select("locale", "Language", LANGUAGES, ["patient.locale"])}
<fieldset class="field"><legend>Agrees to</legend><div class="picks">${form.box("consent", "sms", "Texts")}${form.box("consent", "email", "Email")}${form.box("consent", "detail", "Detail in emails")}</div></fieldset>
<div class="pair">${form.text("source", "How that was said", { hint: "Such as: intake form", paths: ["patient.consent[0].source"] })}${form.text("at", "When", { type: "date", paths: ["patient.consent"] })}</div>
<details><summary>Escort</summary><div class="form"><div class="pair">${form.text("escortName", "Name of the escort", { autocomplete: "off", paths: ["patient.escort.name"] })}${form.text("escortPhone", "Phone of the escort", { type: "tel", autocomplete: "off", paths: ["patient.escort.phone"] })}</div>${form.box("escortConsent", "sms", "The escort agrees to texts")}</div></details>`;
}

function visits(form: FormFields, typed: Typed): Html {
  const isListed = typed.text("by") === "list";
  const days = WEEKDAYS.map((day) => form.box("weekdays", day, capital(day)));
  const radio = (value: string, label: string, isChecked: boolean) =>
    html`<label class="pick"><input type="radio" name="by" value="${value}"${isChecked ? html` checked` : null}>${label}</label>`;
  return html`<fieldset class="form visits-form"><legend>Visits</legend><div class="picks">${radio("cadence", "On weekdays, as many as the protocol says", !isListed)}${radio("list", "One by one", isListed)}</div>
<div class="by-cadence form"><div class="pair">${form.text("first", "First visit", { type: "date", paths: ["cadence.first"] })}${form.text("time", "At", { type: "time", paths: ["cadence.at"] })}</div>
<fieldset class="field"><legend>On</legend><div class="picks">${days}</div></fieldset></div>
<div class="by-list">${form.area("list", "Day and time of each visit", { hint: "A line each, such as 2027-01-11 09:00; minutes after it if the visit has a length of its own", rows: 6, paths: ["sessions", "cadence"] })}</div></fieldset>`;
}

/** As a file of series says it. Nothing is trusted: the parser of series reads it. */
export function toSeriesInput(typed: Typed, { clinic, known }: { readonly clinic: string; readonly known: KnownPatient | null }): unknown {
  const consent = typed.list("consent").map((to) => ({ to, source: typed.text("source"), at: typed.text("at") }));
  const escortConsent = typed.list("escortConsent").map((to) => ({ to, source: typed.text("source"), at: typed.text("at") }));
  const escort = typed.maybe("escortName") && {
    name: typed.text("escortName"),
    phone: typed.maybe("escortPhone") ?? null,
    ...(escortConsent.length > 0 && { consent: escortConsent }),
  };
  const ref = typed.text("ref");
  const patient = known
    ? { ref, name: known.name }
    : {
        ref,
        name: typed.text("name"),
        phone: typed.maybe("phone") ?? null,
        email: typed.maybe("email") ?? null,
        birthDate: typed.maybe("birthDate") ?? null,
        locale: typed.maybe("locale") ?? null,
        ...(consent.length > 0 && { consent }),
        ...(escort && { escort }),
      };
  const condition = typed.text("condition").toLowerCase().replaceAll(/\s+/g, "-");
  return { clinic, protocol: typed.text("protocol"), condition, patient, ...toTiming(typed) };
}

function toTiming(typed: Typed): object {
  if (typed.text("by") !== "list")
    return { cadence: { first: typed.text("first"), weekdays: typed.list("weekdays"), at: typed.text("time") } };
  const lines = typed
    .text("list")
    .split("\n")
    .flatMap((line) => line.trim() || []);
  const sessions = lines.map((line) => {
    const [, day = line, time = "", minutes] = /^(\S+)[ T,]+(\d{1,2}:\d{2})(?:[ ,]+(\d{1,3}))?$/.exec(line) ?? [];
    return { startsAt: time ? `${day}T${time.padStart(5, "0")}` : day, ...(minutes && { minutes: Number(minutes) }) };
  });
  return { sessions };
}
