/** Privacy incidents: somebody else may have read what was meant for a patient. */
import { z } from "zod";
import { findIncident, type Incident, listIncidentsPage, placeOfIncidentNote } from "../../../db/incidents.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { INCIDENT_OUTCOMES, INCIDENT_STATES } from "../../../domain/incident.ts";
import { closeIncident } from "../../../producers/close-incident.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { pagedBy, pageOf, toPage } from "../cursor.ts";
import { clinicParam, idField, idText, lineText, momentText, toMaybeId, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const incidentParam = z.strictObject({ incident: idField("incident") });

const incident = z
  .strictObject({
    incident: idText,
    kind: z.string(),
    state: z.enum(INCIDENT_STATES),
    patient: idText.nullable(),
    reply: idText.nullable().meta({ description: "The text that said it." }),
    at: momentText,
    closedAt: momentText.nullable(),
    closedBy: z.string().nullable(),
    outcome: z.enum(INCIDENT_OUTCOMES).nullable(),
  })
  .meta({ id: "Incident" });

function toIncident({ id, kind, patientId, inboundId, at, closedAt, closedBy, outcome }: Incident): z.output<typeof incident> {
  return {
    incident: toPublicId("incident", id),
    kind,
    state: closedAt === null ? "open" : "closed",
    patient: toMaybeId("patient", patientId),
    reply: toMaybeId("inbound", inboundId),
    at: toMoment(at),
    closedAt: toMaybeMoment(closedAt),
    closedBy,
    outcome,
  };
}

export const incidents: readonly Operation[] = [
  operation({
    ...bare,
    id: "incidents.list",
    method: "GET",
    path: "/clinics/{clinic}/incidents",
    summary: "List a clinic's privacy incidents, oldest first: numbers that turned out to be somebody else's; no name and no number",
    command: "incident list",
    access: requirePermission("replies.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({ ...pagedBy("moment"), state: z.enum(INCIDENT_STATES).optional() }),
    answer: pageOf(incident),
  })(async ({ db }, { query: { limit, after, state }, request }) => {
    const filter = { clinicId: clinicOf(request), state: state ?? null };
    const rows = await listIncidentsPage(db, filter, { after: after ?? null, limit: limit + 1 });
    return { body: toPage(rows, { limit, keyOf: ({ order, id }) => [order, id], toEntry: toIncident }) };
  }),
  operation({
    ...bare,
    id: "incidents.show",
    method: "GET",
    path: "/incidents/{incident}",
    summary: "Show a privacy incident with the note of whoever closed it",
    command: "incident show",
    access: requirePermission("replies.read", { of: "incident", reads: "incident.read" }).access,
    params: incidentParam,
    answer: incident.extend({ note: z.string().nullable() }),
  })(async ({ db, vault }, { params }) => {
    const row = await findIncident(db, params.incident);
    if (!row) throw new ApiProblem(404);
    return { body: { ...toIncident(row), note: row.noteSealed && vault.open(row.noteSealed, placeOfIncidentNote(row.id)) } };
  }),
  operation({
    ...bare,
    id: "incidents.close",
    method: "POST",
    path: "/incidents/{incident}/close",
    summary: "Close a privacy incident with what was found; final, a repeat changes nothing",
    command: "incident close",
    access: requirePermission("privacy.close", { of: "incident" }).access,
    params: incidentParam,
    body: z.strictObject({
      outcome: z.enum(INCIDENT_OUTCOMES),
      note: lineText(1_000, "one reminder, no name in it").optional().meta({ description: "Kept encrypted." }),
    }),
    answer: z.strictObject({ kind: z.enum(["closed", "same"]), incident: idText, outcome: z.enum(INCIDENT_OUTCOMES) }),
  })(async (deps, { params, body, options: { actor } }) => {
    const result = await closeIncident(deps, params.incident, { outcome: body.outcome, note: body.note ?? null, actor });
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: result };
  }),
];
