/** `survey show`. */
import { readZone } from "../db/clinics.ts";
import { appendEvents } from "../db/events.ts";
import { findInvitation, type Invitation } from "../db/survey-invitations.ts";
import { loadResponses, type StoredResponse } from "../db/survey-responses.ts";
import { transact } from "../db/transact.ts";
import { formatInstant } from "../domain/calendar.ts";
import { parsePublicId, toPublicId } from "../domain/ids.ts";
import { getInstrument } from "../domain/instruments/find-instrument.ts";
import { inLocale } from "../domain/instruments/instrument.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { print, printJson } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ShowSurveyFlags = { readonly actor?: string; readonly json?: true };

export async function showSurvey(text: string, { actor, json }: ShowSurveyFlags): Promise<ExitCode> {
  const id = parsePublicId("invitation", text);
  if (!id) throw new UsageError(`${text}: expected the id of an invitation, such as survey list prints.`);
  const { invitation, response } = await withStore(async ({ db, vault }) => {
    const found = await findInvitation(db, id);
    if (!found) throw new Refusal([{ path: "invitation", value: text, expected: "an invitation that is stored" }], "nothing was done");
    const all = await loadResponses(db, { patientId: found.patientId, instrument: found.instrument }, vault);
    const event = { kind: "survey.shown", clinicId: found.clinicId, subjectId: id, actor: toActor(actor) };
    await transact(db, (tx) => appendEvents(tx, [event]));
    return { invitation: found, response: all.find(({ invitationId }) => invitationId === id) };
  });
  if (json) printJson(toFields(invitation, response));
  else show(invitation, response);
  return EXIT.done;
}

function show({ id, instrument: name, instrumentVersion, askedAt, answeredAt }: Invitation, response: StoredResponse | undefined): void {
  const instrument = getInstrument(name, instrumentVersion);
  print(`${toPublicId("invitation", id)}  ${instrument.name}, version ${instrumentVersion}, asked ${formatInstant(askedAt)}`);
  if (!response) return print(answeredAt === null ? "not answered" : "answered");
  print(`answered ${sayWhen(readZone(response.zone), response.answeredAt)} by ${response.actor}`);
  for (const item of instrument.items) {
    const value = response.answers?.[item.id];
    const label = item.choices.find((choice) => choice.value === value)?.label;
    const said = value === null || value === undefined ? "left out" : `${value} ${label ? inLocale(label, "en") : ""}`.trim();
    print(`  ${item.id}. ${inLocale(item.text, "en")}: ${said}`);
  }
  const { total, band, subscales, pattern, alarms } = response.result;
  if (instrument.scoring)
    print(total === null ? "no total: an item was left out" : `total ${total} of ${instrument.scoring.most}: ${band ?? ""}`);
  for (const part of subscales) print(`  ${part.name}: ${part.total ?? "-"}`);
  if (pattern !== null) print(`provisional pattern: ${pattern ? "there" : "not there"}`);
  for (const { item, kind, level } of alarms) print(`raised: ${kind} (${level}) by item ${item}`);
}

function toFields(
  { id, askedAt, closesAt, answeredAt, instrument, instrumentVersion, patientId }: Invitation,
  response: StoredResponse | undefined,
) {
  return {
    id: toPublicId("invitation", id),
    patient: toPublicId("patient", patientId),
    instrument,
    instrumentVersion,
    askedAt: formatInstant(askedAt),
    closesAt: formatInstant(closesAt),
    answeredAt: answeredAt === null ? null : formatInstant(answeredAt),
    response: response
      ? { id: toPublicId("response", response.id), by: response.actor, answers: response.answers, result: response.result }
      : null,
  };
}
