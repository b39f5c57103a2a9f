/** Alerts: who may be in danger, who has it, what came of it. */
import { z } from "zod";
import type { Database } from "../../../db/database.ts";
import { appendEvents } from "../../../db/events.ts";
import { transact } from "../../../db/transact.ts";
import { type AlertEntry, findAlertEntry, listAlertsPage } from "../../../db/view-lists.ts";
import { ALERT_KINDS, ALERT_LEVELS, ALERT_OUTCOMES } from "../../../domain/alert.ts";
import { toPublicId } from "../../../domain/ids.ts";
import type { Permission } from "../../../domain/roles.ts";
import { acknowledgeAlert } from "../../../producers/acknowledge-alert.ts";
import { closeAlert } from "../../../producers/close-alert.ts";
import { raiseByStaff } from "../../../producers/raise-by-staff.ts";
import { type AlertCard, readAlertCard } from "../../../producers/read-alert-card.ts";
import { isAllowed } from "../../auth/caller.ts";
import { callerOf, clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { alertCardFields, toCardFields } from "../alert-card-fields.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import { alertParam, clinicParam, idText, lineText, momentText, patientParam, toMaybeId, toMaybeMoment, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const alert = z
  .strictObject({
    alert: idText,
    patient: idText.nullable().meta({ description: "Null for a text from a number that no chart has." }),
    series: idText.nullable(),
    session: idText.nullable(),
    kind: z.string(),
    level: z.string(),
    state: z.string(),
    step: z.int().meta({ description: "How many people have been paged." }),
    owner: z.string().nullable(),
    raisedAt: momentText,
    acknowledgedAt: momentText.nullable(),
    acknowledgedBy: z.string().nullable(),
    closedAt: momentText.nullable(),
    closedBy: z.string().nullable(),
    outcome: z.string().nullable(),
    revision: z.int(),
  })
  .meta({ id: "Alert" });

function toAlert(row: AlertEntry): z.output<typeof alert> {
  const { id, patientId, seriesId, sessionId, raisedAt, acknowledgedAt, closedAt } = row;
  const { kind, level, state, step, owner, acknowledgedBy, closedBy, outcome, revision } = row;
  return {
    alert: toPublicId("alert", id),
    patient: toMaybeId("patient", patientId),
    series: toMaybeId("series", seriesId),
    session: toMaybeId("session", sessionId),
    kind,
    level,
    state,
    step,
    owner,
    raisedAt: toMoment(raisedAt),
    acknowledgedAt: toMaybeMoment(acknowledgedAt),
    acknowledgedBy,
    closedAt: toMaybeMoment(closedAt),
    closedBy,
    outcome,
    revision,
  };
}

/** As the console's card says it: who saw answers and scores. */
async function tellOutcomesRead(db: Database, { alert: { id, clinicId, patientId } }: AlertCard, actor: string): Promise<void> {
  const shown = { kind: "outcome.shown", clinicId, subjectId: patientId ?? id, actor, data: { where: "api alert" } };
  await transact(db, (tx) => appendEvents(tx, [shown]));
}

const ANSWER = requirePermission("alerts.answer", { of: "alert" });

export const alerts: readonly Operation[] = [
  operation({
    ...bare,
    id: "alerts.list",
    method: "GET",
    path: "/clinics/{clinic}/alerts",
    summary: "List a clinic's alerts that are not closed, oldest first",
    command: "alert list",
    access: requirePermission("alerts.read", { of: "clinic", reads: "alerts.listed" }).access,
    params: clinicParam,
    query: z.strictObject({ ...pagedBy("moment"), state: z.enum(["open", "acknowledged", "closed"]).optional() }),
    answer: pageOf(alert),
  })(async ({ db }, { query: { limit, after, state }, request }) => {
    const states = state === undefined ? ["open", "acknowledged"] : [state];
    const rows = await listAlertsPage(db, { clinicId: clinicOf(request), states }, { after: after ?? null, limit: limit + 1 });
    return { body: toPage(rows, { limit, keyOf: ({ order, id }) => [order, id], toEntry: toAlert }) };
  }),
  operation({
    ...bare,
    id: "alerts.show",
    method: "GET",
    path: "/alerts/{alert}",
    summary:
      "Show an alert with everything that whoever calls needs: whom to call, where they are, the last visit, what was said, who was paged",
    detail:
      "Who looked stands in the audit. A part that the caller may not read is null: `person`, `place`, `sessions` and `note` without patients.read, `text` without replies.read, `answers` and `unsent` without outcomes.read.",
    command: "alert show",
    // What is read is told by the card itself, with whose health it is.
    access: requirePermission("alerts.read", { of: "alert" }).access,
    params: alertParam,
    answer: alert.extend(alertCardFields),
  })(async ({ db, vault }, { params, options: { actor }, request }) => {
    const row = await findAlertEntry(db, params.alert);
    const card = await readAlertCard({ db, vault }, params.alert, { actor, where: "api alert" });
    if (!row || !card) throw new ApiProblem(404);
    const may = (permission: Permission) => isAllowed(callerOf(request), clinicOf(request), permission);
    if (may("outcomes.read")) await tellOutcomesRead(db, card, actor);
    return { body: { ...toAlert(row), ...toCardFields(card, may) }, revision: row.revision };
  }),
  operation({
    ...bare,
    id: "alerts.acknowledge",
    method: "POST",
    path: "/alerts/{alert}/acknowledge",
    summary: "Take an alert: from now on this person has it, and nobody else is paged",
    command: "alert ack",
    access: ANSWER.access,
    params: alertParam,
    body: z.strictObject({ over: z.boolean().default(false).meta({ description: "From whoever has it." }) }),
    answer: z.union([
      z.strictObject({ kind: z.literal("changed"), owner: z.string(), from: z.string().nullable() }),
      z.strictObject({ kind: z.literal("same") }),
    ]),
  })(async (deps, { params, body, options: { actor } }) => {
    const result = await acknowledgeAlert(deps, params.alert, { actor, wish: body.over ? "over" : "acknowledge" });
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: result };
  }),
  operation({
    ...bare,
    id: "alerts.close",
    method: "POST",
    path: "/alerts/{alert}/close",
    summary: "Close an alert with what came of it",
    command: "alert close",
    access: ANSWER.access,
    dryRun: true,
    ifMatch: true,
    params: alertParam,
    body: z.strictObject({ outcome: z.enum(ALERT_OUTCOMES), note: lineText(1_000, "is with her sister").optional() }),
    answer: changed(z.strictObject({ alert: z.string(), outcome: z.string() })),
  })(async (deps, { params, body, options }) =>
    replyChanged(await closeAlert(deps, params.alert, { ...options, outcome: body.outcome, note: body.note ?? null }), (value) => ({
      ...value,
    })),
  ),
  operation({
    ...bare,
    id: "alerts.raise",
    method: "POST",
    path: "/patients/{patient}/alerts",
    summary: "Raise an alert: what was heard on the phone, say. A repeat is a second one, so send an Idempotency-Key",
    command: "alert raise",
    access: requirePermission("alerts.raise", { of: "patient" }).access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: z.strictObject({ kind: z.enum(ALERT_KINDS), level: z.enum(ALERT_LEVELS) }),
    status: 201,
    answer: changed(z.strictObject({ alert: idText })),
  })(async (deps, { params, body, options, request }) =>
    replyChanged(await raiseByStaff(deps, params.patient, { ...options, ...body, clinicId: clinicOf(request) }), ({ alert: id }) => ({
      alert: toPublicId("alert", id),
    })),
  ),
];
