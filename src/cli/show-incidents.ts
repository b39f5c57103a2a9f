/** `incident list`, `incident show` and `incident close`. */
import { appendEvents } from "../db/events.ts";
import { findIncident, type Incident, listIncidentsPage, placeOfIncidentNote } from "../db/incidents.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { formatInstant } from "../domain/calendar.ts";
import { type IncidentId, parsePublicId, toPublicId } from "../domain/ids.ts";
import type { IncidentOutcome, IncidentState } from "../domain/incident.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { closeIncident } from "../producers/close-incident.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { maskChart } from "./reveal-patients.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { paint, print, printJson, say, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type IncidentListFlags = { readonly clinic?: string; readonly state?: IncidentState; readonly json?: true };
export type IncidentFlags = { readonly actor?: string; readonly json?: true };
export type CloseIncidentFlags = {
  readonly outcome: IncidentOutcome;
  readonly note?: string;
  readonly actor: string;
  readonly json?: true;
};

const MOST = 500;
const LONGEST_NOTE = 1_000;

function readId(text: string): IncidentId {
  const id = parsePublicId("incident", text);
  if (!id) throw new UsageError(`${text}: expected the id of a privacy incident, such as inc_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  return id;
}

function chartOf({ patientId, refSealed }: Incident, vault: Vault): string | null {
  return patientId === null || refSealed === null ? null : maskChart({ patientId, refSealed }, vault);
}

function toFields({ id, clinic, kind, patientId, inboundId, at, closedAt, closedBy, outcome }: Incident) {
  return {
    incident: toPublicId("incident", id),
    clinic,
    kind,
    state: closedAt === null ? "open" : "closed",
    patient: patientId && toPublicId("patient", patientId),
    reply: inboundId && toPublicId("inbound", inboundId),
    at: formatInstant(at),
    closedAt: closedAt === null ? null : formatInstant(closedAt),
    closedBy,
    outcome,
  };
}

/** Exit code 0, whether there are any or not. */
export async function listIncidents({ clinic: slug, state, json }: IncidentListFlags): Promise<ExitCode> {
  const lines = await withStore(async ({ db, vault }) => {
    const clinicId = slug === undefined ? null : (await getClinic(db, slug)).id;
    const incidents = await listIncidentsPage(db, { clinicId, state: state ?? null }, { after: null, limit: MOST });
    return incidents.map((incident) => ({ incident, chart: chartOf(incident, vault) }));
  });
  if (json) for (const { incident, chart } of lines) printJson({ ...toFields(incident), chart });
  else {
    for (const line of toTable(lines.map(({ incident, chart }) => toCells(incident, chart)))) print(line);
    print(lines.length === 0 ? "No privacy incidents." : count(lines.length, "privacy incident"));
  }
  if (lines.length >= MOST) say(`warning: only the first ${MOST} are listed; ask for one clinic`);
  return EXIT.done;
}

function toCells(incident: Incident, chart: string | null): string[] {
  return [
    sayWhen(incident.clinicZone, incident.at),
    incident.kind,
    chart === null ? "no chart has the number" : `chart ${chart}`,
    sayStanding(incident),
    toPublicId("incident", incident.id),
  ];
}

function sayStanding({ clinicZone, closedAt, closedBy, outcome }: Incident): string {
  return closedAt === null ? "open" : `${outcome ?? "closed"}, by ${closedBy ?? "somebody"} on ${sayWhen(clinicZone, closedAt)}`;
}

export async function showIncident(text: string, { actor, json }: IncidentFlags): Promise<ExitCode> {
  const id = readId(text);
  const shown = await withStore(async ({ db, vault }) => {
    const incident = await findIncident(db, id);
    if (!incident) return undefined;
    const looked = { kind: "incident.read", clinicId: incident.clinicId, subjectId: id, actor: toActor(actor) };
    await transact(db, (tx) => appendEvents(tx, [looked]));
    const note = incident.noteSealed && vault.open(incident.noteSealed, placeOfIncidentNote(id));
    return { incident, note, chart: chartOf(incident, vault) };
  });
  if (!shown)
    throw new Refusal([{ path: "incident", value: text, expected: "the id of a privacy incident that is stored" }], "nothing to show");
  const { incident, note, chart } = shown;
  if (json) printJson({ ...toFields(incident), chart, note });
  else {
    const standing = sayStanding(incident);
    print(`${paint.bold(toPublicId("incident", id))}  ${incident.kind}, ${incident.closedAt === null ? paint.red(standing) : standing}`);
    print(
      `${sayWhen(incident.clinicZone, incident.at)} ${incident.clinicZone}, ${chart === null ? "no chart has the number" : `chart ${chart}`}`,
    );
    if (incident.inboundId !== null) print(`The text that said it: afterglow reply show ${toPublicId("inbound", incident.inboundId)}`);
    if (note !== null) print(`Note: ${note}`);
  }
  return EXIT.done;
}

export async function closeIncidentBy(text: string, { outcome, note, actor, json }: CloseIncidentFlags): Promise<ExitCode> {
  const id = readId(text);
  const line = note === undefined ? undefined : parseLine(note, { most: LONGEST_NOTE });
  if (line && !line.ok) throw new UsageError(`--note: expected ${line.expected}.`);
  const closing = { outcome, note: line?.ok ? line.value : null, actor: toActor(actor) };
  const result = await withStore((store) => closeIncident(store, id, closing));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson(result);
  else print(result.kind === "same" ? `${result.incident} was closed so already.` : `${result.incident} is closed: ${outcome}.`);
  return EXIT.done;
}
