/** The card of an alert: on top what one needs on a telephone at night, below it what one wants to know before or while calling. */
import { ALERT_OUTCOMES } from "../../domain/alert.ts";
import { toPublicId } from "../../domain/ids.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import type { AlertCard } from "../../producers/read-alert-card.ts";
import { html, type Html } from "../html.ts";
import { alertAnswers } from "./alert-card-answers.ts";
import type { AlertCardView } from "./alert-card-view.ts";
import { keptMessages, pagesTried, raisingText, storyOf } from "./alert-card-parts.ts";
import { ALERT_KIND_WORDS, ALERT_OUTCOME_WORDS, levelPill } from "./alert-words.ts";
import { acknowledgeForm, standing } from "./alerts-list.ts";
import { csrfForm } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { facts, notice, panel } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { sayActor } from "./say-change.ts";
import { clockAt, moment } from "./say-moment.ts";

export function alertCardBody(view: AlertCardView, context: ConsoleContext): Html {
  const { card } = view;
  const isClosed = card.alert.state === "closed";
  return html`${head(view)}${sayFaults(view)}${calls(card)}${isClosed ? null : taking(view, context)}
<div class="columns">
<div class="stack">${panel("Who and where", html`<div class="body">${who(view)}</div>`, timelineLink(view, context))}${course(view)}${keptMessages(view, context)}</div>
<div class="stack">${raisingText(view)}${alertAnswers(view)}${isClosed ? closedNote(view) : context.mayDo("alerts.answer") ? closing(view, context) : null}${pagesTried(view)}${storyOf(view)}</div>
</div>`;
}

function head({ card: { alert }, listed, turn, zone, now }: AlertCardView): Html {
  return html`<div class="alert-head"><div><p>${levelPill(alert.level)} <strong>${ALERT_KIND_WORDS[alert.kind]}</strong></p><p class="small quiet">${moment(zone, alert.raisedAt, now)}</p></div><div>${standing(listed, { turn, zone })}</div></div>`;
}

/** A refusal of the producers is about who has it; what is wrong with the closing form stands there. */
function sayFaults({ faults, status }: AlertCardView): Html | null {
  if (status !== 409) return null;
  return notice(
    "warn",
    html`${faults.map(({ expected }) => html`<p>This was not done: it needs ${expected.replace(/ \(--over[^)]*\)/, "")}.</p>`)}`,
  );
}

/** Whom one may call, each as a large target. */
function calls({ patient }: AlertCard): Html {
  const { emergencyContact, escort } = patient;
  const call = (words: string, phone: string | null | undefined, first: string) =>
    phone
      ? html`<a class="button call ${first}" href="tel:${phone}"><span>Call ${words}</span> <span class="nowrap">${toNationalPhone(phone)}</span></a>`
      : null;
  const isPaperless = patient.phone === null && !emergencyContact?.phone && !escort?.phone;
  const who = [
    call("the patient", patient.phone, "first"),
    call(
      `${emergencyContact?.name ?? ""}${emergencyContact?.relation ? ` (${emergencyContact.relation})` : ""}`,
      emergencyContact?.phone,
      "",
    ),
    call(`${escort?.name ?? ""} (driver)`, escort?.phone, ""),
  ];
  return html`<div class="calls">${who.flatMap((each) => each ?? [])}${isPaperless ? notice("bad", html`<p>No phone is stored: look into the chart.</p>`) : null}</div>`;
}

function taking({ card: { alert }, actor }: AlertCardView, context: ConsoleContext): Html | null {
  if (!context.mayDo("alerts.answer")) return notice("plain", html`<p>Nurses and clinicians take and close alerts.</p>`);
  if (alert.state === "open") return html`<div class="act">${acknowledgeForm(alert.id, context)}</div>`;
  if (alert.owner === actor) return null;
  const body = html`<button>Take it over from ${sayActor(alert.owner ?? "somebody")}</button>`;
  return html`<div class="act">${csrfForm(context, { action: `/console/alerts/${toPublicId("alert", alert.id)}/take-over`, body })}</div>`;
}

function timelineLink({ card: { alert } }: AlertCardView, { basePath }: ConsoleContext): Html | null {
  return alert.patientId && html`<a href="${basePath}/console/patients/${toPublicId("patient", alert.patientId)}">Timeline</a>`;
}

const LANGUAGES: { readonly [locale: string]: string } = { en: "English", es: "Spanish" };

function who({ card: { patient, alert, confirmedPlace }, now, zone }: AlertCardView): Html {
  if (alert.patientId === null) return html`<p>No chart has the number that wrote. Call it, and ask who it is and where they are.</p>`;
  const { emergencyContact } = patient;
  return facts([
    ["Chart", patient.chart],
    ["Born", patient.birthDate],
    [
      "Last said to be",
      confirmedPlace &&
        html`<strong>${confirmedPlace.text}</strong> <span class="quiet small">${moment(zone, confirmedPlace.at, now)}</span>`,
    ],
    ["Address", patient.address ?? "none is stored"],
    [
      "Their clock",
      `${clockAt(alert.patientZone, now)}, ${alert.patientZone}; speaks ${LANGUAGES[alert.patientLocale] ?? alert.patientLocale}`,
    ],
    [
      "Emergency contact",
      emergencyContact === null ? "none is stored" : `${emergencyContact.name}${emergencyContact.phone === null ? ", no phone" : ""}`,
    ],
    ["Email", patient.email],
    ["On hold", alert.holdCode],
    ["Watched", alert.watched ? "yes: silence from them matters" : null],
  ]);
}

function course({ card: { sessions, alert }, now }: AlertCardView): Html | null {
  if (alert.patientId === null) return null;
  const say = (session: AlertCard["sessions"]["last"]) =>
    session &&
    html`${session.kind} ${session.number}, ${session.status.replace("_", " ")}${session.setting === "clinic" ? "" : `, ${session.setting}`} <span class="quiet">${moment(session.zone, session.startsAt, now)}</span>`;
  const rows = facts([
    ["Last visit", say(sessions.last) ?? "none before this"],
    ["Next visit", say(sessions.next) ?? "none is planned"],
  ]);
  return panel("Course", html`<div class="body">${rows}</div>`);
}

function closing({ card: { alert }, typed, faults, status }: AlertCardView, context: ConsoleContext): Html {
  const fields = formFields(typed, status === 409 ? [] : faults);
  const outcome = fields.select("outcome", "What came of it", [
    { value: "", label: "Choose" },
    ...ALERT_OUTCOMES.map((value) => ({ value, label: ALERT_OUTCOME_WORDS[value] })),
  ]);
  const note = fields.area("note", "Note", { hint: "In your words; kept sealed, and seen by whoever opens this alert.", rows: 3 });
  const body = html`${fields.rest()}${outcome}${note}<button class="${alert.state === "open" ? "" : "first"}">Close the alert</button>`;
  return panel(
    "Close it",
    html`<div class="body">${csrfForm(context, { action: `/console/alerts/${toPublicId("alert", alert.id)}/close`, name: "form", body })}</div>`,
  );
}

function closedNote({ card: { alert, note }, zone, now }: AlertCardView): Html {
  const rows = facts([
    ["Outcome", alert.outcome === null ? null : ALERT_OUTCOME_WORDS[alert.outcome]],
    [
      "Closed",
      alert.closedAt === null
        ? null
        : html`${moment(zone, alert.closedAt, now)}${alert.closedBy === null ? null : html` by ${sayActor(alert.closedBy)}`}`,
    ],
    ["Note", note],
  ]);
  return panel("What came of it", html`<div class="body">${rows}</div>`);
}
