/** Series: enqueue, look, change. */
import { z } from "zod";
import { findClinicById } from "../../../db/view-access.ts";
import { listSeriesPage, type SeriesEntry } from "../../../db/view-lists.ts";
import { findSeriesView, listSessions, type SessionView } from "../../../db/view-series.ts";
import { toTouchpointFields, toWall } from "../../../domain/touchpoint-fields.ts";
import type { EnqueueRequest } from "../../../domain/enqueue-request.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { parseSeries } from "../../../domain/parse-series.ts";
import { REQUIREMENTS } from "../../../domain/protocol.ts";
import { enqueueSeries } from "../../../producers/enqueue-series.ts";
import { pauseSeries } from "../../../producers/pause-series.ts";
import { loadPreviewBasis, previewSeries } from "../../../producers/preview-series.ts";
import { recordRequirement } from "../../../producers/record-requirement.ts";
import { replaceSeries } from "../../../producers/replace-series.ts";
import { resumeSeries } from "../../../producers/resume-series.ts";
import { loadSeriesContext } from "../../../producers/series-context.ts";
import { stopSeries } from "../../../producers/stop-series.ts";
import { voidSeries } from "../../../producers/void-series.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import { clinicParam, idText, momentText, readDayText, seriesParam, toMaybeId, toMaybeMoment, toMoment } from "../fields.ts";
import { type ApiDeps, bare, operation, type Operation } from "../operation.ts";
import { previewTouchpoint } from "../touchpoint-fields.ts";

const READ = requirePermission("plans.read", { of: "series", reads: "series.read" });
const CHANGE = requirePermission("series.change", { of: "series" });

const seriesBody = z
  .looseObject({
    clinic: z.string().meta({ example: "aspen-ridge" }),
    protocol: z.string().meta({ example: "iv-ketamine@1" }),
    condition: z.string().meta({ example: "depression" }),
    externalId: z.string().nullish(),
    patient: z.looseObject({ ref: z.string(), name: z.string() }),
    sessions: z.array(z.looseObject({ startsAt: z.string() })).nullish(),
    cadence: z.looseObject({}).nullish(),
  })
  .meta({
    id: "SeriesRequest",
    description: "One series as in a file for `afterglow series enqueue`: every key of such a file is read here too, by the same rules.",
  });

const entry = z
  .strictObject({
    series: idText,
    patient: idText,
    protocol: z.string(),
    condition: z.string(),
    status: z.string(),
    enqueuedAt: momentText,
  })
  .meta({ id: "SeriesEntry" });

function toEntry({ id, patientId, protocol, version, condition, status, enqueuedAt }: SeriesEntry) {
  return {
    series: toPublicId("series", id),
    patient: toPublicId("patient", patientId),
    protocol: `${protocol}@${version}`,
    condition,
    status,
    enqueuedAt: toMoment(enqueuedAt),
  };
}

const sessionOfSeries = z
  .strictObject({
    session: idText,
    number: z.int(),
    kind: z.string(),
    setting: z.string(),
    owner: z.string(),
    status: z.string(),
    reason: z.string().nullable(),
    startsAt: momentText,
    endsAt: momentText,
    local: z.string(),
    zone: z.string(),
  })
  .meta({ id: "SessionOfSeries" });

function toSession({ id, number, kind, setting, owner, status, zone, startsAt, endsAt, outcomeReason }: SessionView) {
  const times = { startsAt: toMoment(startsAt), endsAt: toMoment(endsAt), local: toWall(zone, startsAt), zone };
  return { session: toPublicId("session", id), number, kind, setting, owner, status, reason: outcomeReason, ...times };
}

/** The request that a body says, read against the clinic it is sent to. */
async function readSeries(
  { db }: ApiDeps,
  body: unknown,
  clinicId: ReturnType<typeof clinicOf>,
): Promise<{ request: EnqueueRequest; warnings: readonly string[] }> {
  const clinic = await findClinicById(db, clinicId);
  const parsed = parseSeries(body, await loadSeriesContext(db, clinic));
  if (!parsed.ok) throw toProblem(parsed.faults);
  return { request: parsed.value, warnings: parsed.warnings };
}

const enqueued = z.strictObject({
  kind: z.enum(["enqueued", "same"]),
  series: idText,
  patient: idText.nullable(),
  warnings: z.array(z.string()),
});

const calledOff = z.strictObject({ status: z.string(), sessionsCalledOff: z.int() });
const voided = z.strictObject({
  status: z.literal("void"),
  how: z.enum(["undo", "void"]),
  sessionsCalledOff: z.int(),
  wasAnnounced: z.boolean(),
});
const because = z.enum(["patient", "clinic"]);

export const series: readonly Operation[] = [
  operation({
    ...bare,
    id: "series.list",
    method: "GET",
    path: "/clinics/{clinic}/series",
    summary: "List a clinic's series, newest first",
    command: null,
    access: requirePermission("plans.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({
      ...pagedBy("id"),
      status: z.enum(["enqueued", "active", "paused", "completed", "stopped", "void"]).optional(),
    }),
    answer: pageOf(entry),
  })(async ({ db }, { query: { limit, after, status }, request }) => {
    const rows = await listSeriesPage(
      db,
      { clinicId: clinicOf(request), status: status ?? null },
      { after: after ?? null, limit: limit + 1 },
    );
    return { body: toPage(rows, { limit, keyOf: ({ id }) => ["", id], toEntry }) };
  }),
  operation({
    ...bare,
    id: "series.enqueue",
    method: "POST",
    path: "/clinics/{clinic}/series",
    summary: "Enqueue a series",
    detail: "A repeat with the same externalId and content gives the same series back. Look at it first with `series.preview`.",
    command: "series enqueue",
    access: requirePermission("series.change", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({
      also: z.enum(["true"]).optional().meta({ description: "Accepts a second active series of the same patient." }),
    }),
    body: seriesBody,
    answer: enqueued,
    status: 201,
  })(async (deps, { body, query, options, request: asked }) => {
    const { request, warnings } = await readSeries(deps, body, clinicOf(asked));
    const [result] = await enqueueSeries(deps, [request], {
      clinic: request.clinic,
      actor: options.actor,
      second: query.also ? "also" : "refuse",
    });
    if (!result || result.kind === "refused") throw toProblem(result?.faults ?? []);
    const { kind, seriesId, patientId = null } = result;
    return {
      body: {
        kind,
        series: toPublicId("series", seriesId),
        patient: toMaybeId("patient", patientId),
        warnings: [...warnings, ...result.warnings],
      },
    };
  }),
  operation({
    ...bare,
    id: "series.preview",
    method: "POST",
    path: "/clinics/{clinic}/series/preview",
    summary: "Show everything that a series would send if it were enqueued now; stores nothing",
    command: "series preview",
    access: requirePermission("series.change", { of: "clinic" }).access,
    params: clinicParam,
    body: seriesBody,
    answer: z.strictObject({ touchpoints: z.array(previewTouchpoint), warnings: z.array(z.string()), basis: z.array(z.string()) }),
  })(async (deps, { body, request: asked }) => {
    const { request, warnings } = await readSeries(deps, body, clinicOf(asked));
    const basis = await loadPreviewBasis(deps, request);
    if ("faults" in basis) throw toProblem(basis.faults);
    const preview = previewSeries(request, basis);
    if (!preview.ok) throw toProblem(preview.faults);
    return {
      body: { touchpoints: preview.rows.map(toTouchpointFields), warnings: [...warnings, ...preview.warnings], basis: [...preview.basis] },
    };
  }),
  operation({
    ...bare,
    id: "series.show",
    method: "GET",
    path: "/series/{series}",
    summary: "Show a series and its sessions",
    command: "series show",
    access: READ.access,
    params: seriesParam,
    answer: entry.extend({
      clinic: z.string(),
      quietUntil: momentText,
      pausedAt: momentText.nullable(),
      endedAt: momentText.nullable(),
      replacedBy: idText.nullable(),
      revision: z.int(),
      planIsFresh: z.boolean(),
      sessions: z.array(sessionOfSeries),
    }),
  })(async ({ db }, { params }) => {
    const view = await findSeriesView(db, params.series);
    if (!view) throw new ApiProblem(404);
    const { clinic, quietUntil, pausedAt, endedAt, replacedBy, revision, planIsFresh } = view;
    const body = {
      ...toEntry(view),
      clinic,
      quietUntil: toMoment(quietUntil),
      pausedAt: toMaybeMoment(pausedAt),
      endedAt: toMaybeMoment(endedAt),
      replacedBy: toMaybeId("series", replacedBy),
      revision,
      planIsFresh,
      sessions: (await listSessions(db, params.series)).map(toSession),
    };
    return { body, revision };
  }),
  operation({
    ...bare,
    id: "series.pause",
    method: "POST",
    path: "/series/{series}/pause",
    summary: "Send nothing of a series until it is resumed; its sessions stay booked",
    command: "series pause",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    answer: changed(z.strictObject({ status: z.literal("paused"), sessionsToCome: z.int() })),
  })(async (deps, { params, options }) => replyChanged(await pauseSeries(deps, params.series, options), (value) => ({ ...value }))),
  operation({
    ...bare,
    id: "series.resume",
    method: "POST",
    path: "/series/{series}/resume",
    summary: "Let a paused series go on; what the pause outlasted is not made up for",
    command: "series resume",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    answer: changed(z.strictObject({ status: z.literal("active"), sessionsToCome: z.int() })),
  })(async (deps, { params, options }) => replyChanged(await resumeSeries(deps, params.series, options), (value) => ({ ...value }))),
  operation({
    ...bare,
    id: "series.stop",
    method: "POST",
    path: "/series/{series}/stop",
    summary: "Stop a series for good; a patient who had heard of it is told once",
    command: "series stop",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    body: z.strictObject({ because: because.default("clinic") }),
    answer: changed(calledOff),
  })(async (deps, { params, body, options }) =>
    replyChanged(await stopSeries(deps, params.series, { ...options, because: body.because }), ({ sessionsCalledOff }) => ({
      status: "stopped",
      sessionsCalledOff,
    })),
  ),
  operation({
    ...bare,
    id: "series.void",
    method: "POST",
    path: "/series/{series}/void",
    summary: "Take back a series that should never have been",
    detail:
      "Within the clinic's undo time, while nothing has left, `reach: undo` is enough; later somebody looks at a dry run first and says `reach: any`.",
    command: "series void",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    body: z.strictObject({ reach: z.enum(["undo", "any"]).default("undo") }),
    answer: changed(voided),
  })(async (deps, { params, body, options }) =>
    replyChanged(await voidSeries(deps, params.series, { ...options, reach: options.dryRun ? "any" : body.reach }), (value) => ({
      ...value,
    })),
  ),
  operation({
    ...bare,
    id: "series.replace",
    method: "POST",
    path: "/series/{series}/replace",
    summary: "Void a series and enqueue another in its place, both or neither",
    command: "series replace",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam,
    query: z.strictObject({ also: z.enum(["true"]).optional(), reach: z.enum(["undo", "any"]).default("undo") }),
    body: seriesBody,
    answer: changed(voided.omit({ status: true }).extend({ replacedBy: idText })),
  })(async (deps, { params, query, body, options, request: asked }) => {
    const { request } = await readSeries(deps, body, clinicOf(asked));
    const reach = options.dryRun ? "any" : query.reach;
    const result = await replaceSeries(deps, params.series, { ...options, request, reach, second: query.also ? "also" : "refuse" });
    return replyChanged(result, ({ replacedBy, ...value }) => ({ ...value, replacedBy: toPublicId("series", replacedBy) }));
  }),
  operation({
    ...bare,
    id: "series.requirement",
    method: "PUT",
    path: "/series/{series}/requirements/{requirement}",
    summary: "Record what the protocol requires before a dose: enrolment, or authorisation of the payer",
    command: "series requirement",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: seriesParam.extend({ requirement: z.enum(REQUIREMENTS) }),
    body: z.strictObject({ on: z.string().max(20).meta({ example: "2027-01-04" }), until: z.string().max(20).nullish() }),
    answer: changed(z.strictObject({ requirement: z.string(), metOn: z.string(), expiresOn: z.string().nullable() })),
  })(async (deps, { params: { series: id, requirement }, body, options }) => {
    const [metOn, expiresOn] = [readDayText(body.on), body.until ? readDayText(body.until) : null];
    const expected = "a day, such as 2027-01-11";
    if (metOn === undefined) throw toProblem([{ path: "on", expected }]);
    if (expiresOn === undefined) throw toProblem([{ path: "until", expected }]);
    return replyChanged(await recordRequirement(deps, id, { ...options, met: { requirement, metOn, expiresOn } }), (value) => ({
      ...value,
    }));
  }),
];
