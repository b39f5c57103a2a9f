/** `alert list` and `alert show`. */
import { z } from "zod";
import { type AlertView, listAlerts, MOST_ALERTS, type SessionBefore } from "../db/view-alert.ts";
import { ALERT_OUTCOMES, type AlertState } from "../domain/alert.ts";
import { formatInstant, type Instant, MINUTE } from "../domain/calendar.ts";
import type { CrisisTextFate } from "../domain/crisis-text.ts";
import { toPublicId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { toNationalPhone } from "../messages/national-phone.ts";
import { type AlertCard, type Contact, type RaisedByText, readAlertCard, type UnsentAnswer } from "../producers/read-alert-card.ts";
import { toActor } from "./actor.ts";
import { readAlertId } from "./change-alert.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { maskChart } from "./reveal-patients.ts";
import { sayWords } from "./say-words.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ListAlertFlags = { readonly clinic?: string; readonly state?: AlertState; readonly json?: true };
export type ShowAlertFlags = { readonly actor?: string; readonly json?: true };

export async function listAlertsBy({ clinic: slug, state, json }: ListAlertFlags): Promise<ExitCode> {
  const lines = await withStore(async ({ db, vault }) => {
    const clinicId = slug === undefined ? null : (await getClinic(db, slug)).id;
    const alerts = await listAlerts(db, { clinicId, states: state === undefined ? ["open", "acknowledged"] : [state] });
    return alerts.map((alert) => ({
      alert,
      chart: alert.patientId && alert.refSealed && maskChart({ patientId: alert.patientId, refSealed: alert.refSealed }, vault),
    }));
  });
  if (json) for (const { alert, chart } of lines) printJson({ ...toAlertFields(alert), chart });
  else {
    const rows = toTable(lines.map(({ alert, chart }) => toCells(alert, chart)));
    for (const [index, row] of rows.entries()) print(lines[index]?.alert.state === "open" ? paint.red(row) : row);
    print(lines.length === 0 ? "No alerts." : count(lines.length, "alert"));
  }
  if (lines.length >= MOST_ALERTS) say(`warning: only the first ${MOST_ALERTS} are listed; ask for one clinic`);
  return EXIT.done;
}

function toCells(alert: AlertView, chart: string | null): string[] {
  const { level, kind, state, owner, outcome, clinicZone, raisedAt, id } = alert;
  const standing =
    state === "open" ? "NOBODY HAS IT" : state === "acknowledged" ? `${owner ?? "somebody"} has it` : `closed: ${outcome ?? ""}`;
  return [
    level,
    kind,
    chart === null ? "no chart has the number" : `chart ${chart}`,
    `raised ${sayWhen(clinicZone, raisedAt)}`,
    sayPaging(alert),
    standing,
    toPublicId("alert", id),
  ];
}

function sayPaging({ step, pagesTaken, level, state, now, raisedAt }: AlertView): string {
  if (level === "medium") return "";
  const waits = state === "open" ? `, ${Math.max(0, Math.floor((now - raisedAt) / MINUTE))} min` : "";
  return step === 0 ? `not paged yet${waits}` : `${count(pagesTaken, "page")} taken${waits}`;
}

/** An alert for programs. Opaque: no name, no phone, no note. */
export function toAlertFields({ id, patientId, seriesId, sessionId, refSealed: _ref, clinicId: _clinic, ...alert }: AlertView) {
  const { raisedAt, acknowledgedAt, closedAt, pageAt, now: _now, clinicZone: _zone, ...plain } = alert;
  return {
    alert: toPublicId("alert", id),
    patient: patientId && toPublicId("patient", patientId),
    series: seriesId && toPublicId("series", seriesId),
    session: sessionId && toPublicId("session", sessionId),
    ...plain,
    raisedAt: formatInstant(raisedAt),
    acknowledgedAt: maybe(acknowledgedAt),
    closedAt: maybe(closedAt),
    nextPageAt: maybe(pageAt),
  };
}

function maybe(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

export async function showAlert(text: string, { actor, json }: ShowAlertFlags): Promise<ExitCode> {
  const id = readAlertId(text);
  const card = await withStore((store) => readAlertCard(store, id, { actor: toActor(actor), where: "alert show" }));
  if (!card)
    throw new Refusal(
      [{ path: "alert", value: text, expected: "the id of an alert that is stored (afterglow alert list)" }],
      "nothing to show",
    );
  if (json) printJson(card);
  else showCard(card);
  return EXIT.done;
}

function showCard(card: AlertCard): void {
  const { alert, text, kept, pages, events, note } = card;
  print(paint.bold(`${toPublicId("alert", alert.id)}  ${alert.level}, ${alert.kind}, ${alert.state}, revision ${alert.revision}`));
  print(
    `raised ${sayWhen(alert.clinicZone, alert.raisedAt)} ${alert.clinicZone}; it is ${sayWhen(alert.patientZone, alert.now)} where the patient is`,
  );
  print(alert.owner === null ? paint.red("Nobody has it yet.") : `${alert.owner} has it.`);
  print();
  for (const line of toTable(listFacts(card))) print(line);
  if (text !== null) print(`\nThe text: ${text}`);
  if (card.raisedBy) showText(card.raisedBy, alert.clinicZone);
  if (card.unsent) showUnsent(card.unsent, alert.clinicZone);
  else if (alert.source === "survey-response" && !card.answers.some(({ raised }) => raised))
    print("\nThe answer that raised it was changed before it was sent off; what was sent stands below.");
  for (const { instrument, answeredAt, raised, result } of card.answers)
    print(`${raised ? "\nThe answer" : "Earlier"}: ${instrument}, ${sayWhen(alert.clinicZone, answeredAt)}: ${sayResult(result)}`);
  if (kept.length > 0) print("\nKept back, for you to release or to say (afterglow alert release ID --as send|told):");
  for (const { id, rule, channel, sendBy } of kept)
    print(`  ${toPublicId("touchpoint", id)}  ${rule}, ${channel}, until ${sayWhen(alert.clinicZone, sendBy)}`);
  if (pages.length > 0) print("\nPages:");
  for (const line of toTable(pages.map(({ person, channel, outcome, code }) => [`  ${person}`, channel, outcome, code ?? ""]))) print(line);
  print("\nSteps:");
  for (const { kind, actor, at, data } of events) print(`  ${sayWhen(alert.clinicZone, at)}  ${kind}  ${actor}  ${JSON.stringify(data)}`);
  if (note !== null) print(`\nNote: ${note}`);
  if (alert.state !== "closed") print(`\nOutcomes to close it with: ${ALERT_OUTCOMES.join(", ")}`);
}

const resultFields = z.looseObject({
  total: z.number().nullish(),
  band: z.string().nullish(),
  alarms: z.array(z.looseObject({ item: z.string(), kind: z.string() })).default([]),
});

/** The score and its band, and which items raise alarms; what is stored in another form is shown as it is. */
function sayResult(result: unknown): string {
  const read = resultFields.safeParse(result);
  if (!read.success) return JSON.stringify(result);
  const { total, band, alarms } = read.data;
  const score = total == null ? "no total" : `${total}${band == null ? "" : ` (${band})`}`;
  return [score, ...alarms.map(({ item, kind }) => `item ${item}: ${kind}`)].join(", ");
}

/** Whoever stops half-way has said it all the same. */
function showUnsent({ instrument, draftedAt, answers }: UnsentAnswer, zone: Zone): void {
  print(`\nThe answer, never sent off: ${instrument}, last filled in ${sayWhen(zone, draftedAt)}: ${JSON.stringify(answers)}`);
}

const FATES: { readonly [Fate in CrisisTextFate]: string } = {
  arrived: "The crisis text has arrived on the phone",
  "handed-over": "The crisis text was handed over; no word yet that it arrived",
  "on-its-way": "The crisis text has NOT been taken by the provider yet",
  "not-sent": "THE CRISIS TEXT DID NOT COME THROUGH",
  none: "No crisis text was sent",
};

function showText({ phone, conversation, crisisText: { fate, why } }: RaisedByText, zone: Zone): void {
  print(`From: ${toNationalPhone(phone)}`);
  const line = `${FATES[fate]}${why === null ? "" : ` (${why})`}.`;
  print(fate === "not-sent" || fate === "none" ? paint.red(line) : line);
  if (conversation.length > 1) print("\nThe conversation:");
  const rows = conversation.length > 1 ? conversation : [];
  for (const row of toTable(rows.map((said) => [`  ${sayWhen(zone, said.at)}`, said.from === "us" ? "we" : "they", sayWords(said)])))
    print(row);
}

function listFacts({ alert, patient, confirmedPlace, sessions }: AlertCard): [string, string][] {
  // Of somebody whom no chart knows there is nothing else to show.
  if (alert.patientId === null)
    return [
      ["patient", patient.name],
      ["phone", patient.phone === null ? "none" : toNationalPhone(patient.phone)],
    ];
  return [
    ["patient", `${patient.name}, chart ${patient.chart}${patient.birthDate === null ? "" : `, born ${patient.birthDate}`}`],
    ["phone", patient.phone === null ? "none is stored" : toNationalPhone(patient.phone)],
    ["emergency contact", sayContact(patient.emergencyContact)],
    ["companion", sayContact(patient.escort)],
    ["address", patient.address ?? "none is stored"],
    ...(confirmedPlace
      ? [["confirmed place", `${confirmedPlace.text} (said ${sayWhen(alert.clinicZone, confirmedPlace.at)})`] satisfies [string, string]]
      : []),
    ["last session", saySession(sessions.last)],
    ["next session", saySession(sessions.next)],
    ...(alert.holdCode === null ? [] : [["on hold", alert.holdCode] satisfies [string, string]]),
    ...(alert.watched ? [["watched", "silence from this patient matters"] satisfies [string, string]] : []),
  ];
}

function sayContact(contact: Contact | null): string {
  if (!contact) return "nobody is named";
  const { name, phone, relation } = contact;
  return [name, relation, phone === null ? "no phone is stored" : toNationalPhone(phone)].filter((each) => each !== null).join(", ");
}

function saySession(session: SessionBefore | null): string {
  return session
    ? `${session.number}, ${session.kind}, ${session.status}, ${sayWhen(session.zone, session.startsAt)} ${session.zone}`
    : "none";
}
