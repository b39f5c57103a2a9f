/** The form with which somebody of the clinic raises an alert about what they saw or heard. */
import { ALERT_KINDS, ALERT_LEVELS } from "../../domain/alert.ts";
import type { Fault } from "../../domain/fault.ts";
import { html, type Html } from "../html.ts";
import { ALERT_KIND_WORDS, ALERT_LEVEL_WORDS } from "./alert-words.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { formFields } from "./form-fields.ts";
import type { Typed } from "./read-form.ts";

export function alertRaiseBody({ typed, faults }: { typed: Typed; faults: readonly Fault[] }, context: ConsoleContext): Html {
  const fields = formFields(typed, faults);
  const path = roomPath(context.clinic.slug, "alerts");
  const handed = typed.text("patient");
  const who =
    handed === ""
      ? fields.text("ref", "Chart number", { required: true, autocomplete: "off", paths: ["patient"] })
      : html`<input type="hidden" name="patient" value="${handed}"><p>About the patient whose page you came from.</p>`;
  const kind = fields.select(
    "kind",
    "What it is about",
    ALERT_KINDS.map((value) => ({ value, label: ALERT_KIND_WORDS[value] })),
  );
  const level = fields.radios(
    "level",
    "How grave",
    ALERT_LEVELS.map((value) => ({ value, label: ALERT_LEVEL_WORDS[value] })),
  );
  const body = html`${who}${kind}${level}<div class="buttons"><button class="first">Raise it</button><a class="button" href="${context.basePath}${path}">Not now</a></div>`;
  return html`<p>In danger now: call 911 first. Staff are paged as for any other alert, and what waits for this patient is kept back while a critical one is open.</p>${fields.rest()}${csrfForm(context, { action: `${path}/raise`, name: "form", body })}`;
}
