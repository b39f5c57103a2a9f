/** Sessions: look, book, change, record what happened, bring many to where the clinic's own system has them. */
import { z } from "zod";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { findClinicById } from "../../../db/view-access.ts";
import { findSession, listSessionsPage, type SessionEntry } from "../../../db/view-lists.ts";
import { DAY, formatInstant, instant, parseWallClock } from "../../../domain/calendar.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { readLocalDateTime } from "../../../domain/parse-session.ts";
import { parseSyncCsv } from "../../../domain/parse-sync-csv.ts";
import { parseSyncIcs } from "../../../domain/parse-sync-ics.ts";
import { SESSION_KINDS, SETTINGS } from "../../../domain/protocol.ts";
import { addSession } from "../../../producers/add-session.ts";
import { cancelSession } from "../../../producers/cancel-session.ts";
import { fileForm } from "../../../producers/file-form.ts";
import type { ProposedChange } from "../../../producers/judge-spacing.ts";
import { moveSession } from "../../../producers/move-session.ts";
import { postponeSession } from "../../../producers/postpone-session.ts";
import { readySession } from "../../../producers/ready-session.ts";
import { NOT_DOSED_REASONS, type Outcome, recordOutcome } from "../../../producers/record-outcome.ts";
import { syncSessions } from "../../../producers/sync-sessions.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { toWall } from "../../../domain/touchpoint-fields.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import {
  clinicParam,
  idText,
  lineText,
  momentField,
  momentText,
  readDayText,
  seriesParam,
  sessionParam,
  toMaybeMoment,
  toMoment,
} from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const CHANGE = requirePermission("sessions.change", { of: "session" });

const entry = z
  .strictObject({
    session: idText,
    series: idText,
    patient: idText,
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
    arrivedAt: momentText.nullable(),
    dosedAt: momentText.nullable(),
    dischargedAt: momentText.nullable(),
    pickupAt: momentText.nullable(),
    formFiledAt: momentText.nullable(),
  })
  .meta({ id: "Session" });

function toEntry(row: SessionEntry): z.output<typeof entry> {
  const { id, seriesId, patientId, number, kind, setting, owner, status, zone, startsAt, endsAt, outcomeReason } = row;
  return {
    session: toPublicId("session", id),
    series: toPublicId("series", seriesId),
    patient: toPublicId("patient", patientId),
    number,
    kind,
    setting,
    owner,
    status,
    reason: outcomeReason,
    startsAt: toMoment(startsAt),
    endsAt: toMoment(endsAt),
    local: toWall(zone, startsAt),
    zone,
    arrivedAt: toMaybeMoment(row.arrivedAt),
    dosedAt: toMaybeMoment(row.dosedAt),
    dischargedAt: toMaybeMoment(row.dischargedAt),
    pickupAt: toMaybeMoment(row.pickupAt),
    formFiledAt: toMaybeMoment(row.formFiledAt),
  };
}

const proposed = z.array(z.strictObject({ session: z.string(), number: z.int(), zone: z.string(), from: momentText, to: momentText }));

function toProposal(proposal: readonly ProposedChange[]): z.output<typeof proposed> {
  return proposal.map(({ from, to, ...rest }) => ({ ...rest, from: toMoment(from), to: toMoment(to) }));
}

const localTime = z.string().max(30).meta({ description: "What the wall shows where the session happens.", example: "2027-01-13T09:00" });
const occurrence = z.enum(["first", "second"]).optional().meta({ description: "Which of the two, where the clocks are set back." });
const because = z.enum(["patient", "clinic"]);
const minutes = z.int().min(10).max(480);

const outcomeAnswer = changed(
  z.strictObject({ session: z.string(), status: z.string(), at: momentText, minutesEarly: z.number().nullable() }),
);

type OutcomeVerb = { readonly verb: string; readonly path: string; readonly summary: string; readonly body: z.ZodType<Outcome> };

const at = momentField.optional().meta({ description: "When it happened, if not now." });

const OUTCOMES: readonly OutcomeVerb[] = [
  {
    verb: "arrive",
    path: "arrive",
    summary: "The patient has arrived",
    body: z.strictObject({ at }).transform((told): Outcome => ({ status: "arrived", ...(told.at !== undefined && { at: told.at }) })),
  },
  {
    verb: "dose",
    path: "dose",
    summary: "The patient was treated",
    body: z.strictObject({ at }).transform((told): Outcome => ({ status: "dosed", ...(told.at !== undefined && { at: told.at }) })),
  },
  {
    verb: "not-dosed",
    path: "not-dosed",
    summary: "The patient came and was not treated",
    body: z
      .strictObject({ reason: z.enum(NOT_DOSED_REASONS), at })
      .transform((told): Outcome => ({ status: "not_dosed", reason: told.reason, ...(told.at !== undefined && { at: told.at }) })),
  },
  {
    verb: "discharge",
    path: "discharge",
    summary: "The patient went home; earlier than the protocol observes warns, and never blocks",
    body: z.strictObject({ why: lineText(500, "asked to leave").optional(), at }).transform(
      (told): Outcome => ({
        status: "discharged",
        ...(told.why !== undefined && { why: told.why }),
        ...(told.at !== undefined && { at: told.at }),
      }),
    ),
  },
  {
    verb: "no-show",
    path: "no-show",
    summary: "The patient did not come",
    body: z.strictObject({ at }).transform((told): Outcome => ({ status: "no_show", ...(told.at !== undefined && { at: told.at }) })),
  },
];

const recording = OUTCOMES.map(({ verb, path, summary, body }) =>
  operation({
    ...bare,
    id: `sessions.${verb}`,
    method: "POST",
    path: `/sessions/{session}/${path}`,
    summary: `${summary}; a repeat changes nothing`,
    command: `session ${verb}`,
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: sessionParam,
    body,
    answer: outcomeAnswer,
  })(async (deps, { params, body: outcome, options }) =>
    replyChanged(await recordOutcome(deps, params.session, { ...options, outcome }), (value) => ({ ...value, at: toMoment(value.at) })),
  ),
);

const callingOff = (["cancel", "postpone"] as const).map((verb) =>
  operation({
    ...bare,
    id: `sessions.${verb}`,
    method: "POST",
    path: `/sessions/{session}/${verb}`,
    summary:
      verb === "cancel" ? "Cancel a session; whoever was told of it is told once" : "Take a session out of its time without a new date yet",
    command: `session ${verb}`,
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: sessionParam,
    body: z.strictObject({ because }),
    answer: changed(
      z.strictObject({ session: z.string(), number: z.int(), status: z.string(), zone: z.string(), from: momentText, proposal: proposed }),
    ),
  })(async (deps, { params, body, options }) => {
    const change = verb === "cancel" ? cancelSession : postponeSession;
    const result = await change(deps, params.session, { ...options, because: body.because });
    return replyChanged(result, ({ session, number, status, zone, from, proposal }) => ({
      session,
      number,
      status,
      zone,
      from: toMoment(from),
      proposal: toProposal(proposal),
    }));
  }),
);

const moving = operation({
  ...bare,
  id: "sessions.move",
  method: "POST",
  path: "/sessions/{session}/move",
  summary: "Move a session, or give a postponed one its new time; whoever was told the old one is told once",
  command: "session move",
  access: CHANGE.access,
  dryRun: true,
  ifMatch: true,
  params: sessionParam,
  body: z.strictObject({ to: localTime, occurrence, minutes: minutes.optional(), because: because.optional() }),
  answer: changed(
    z.strictObject({
      session: z.string(),
      number: z.int(),
      zone: z.string(),
      from: momentText,
      to: momentText,
      endsAt: momentText,
      wasPostponed: z.boolean(),
      proposal: proposed,
    }),
  ),
})(async (deps, { params, body, options }) => {
  const to = readLocalDateTime(body.to);
  if (!to.ok) throw toProblem([{ path: "to", expected: to.expected }]);
  const move = {
    to: to.value,
    minutes: body.minutes ?? null,
    because: body.because ?? null,
    ...(body.occurrence && { occurrence: body.occurrence }),
  };
  return replyChanged(await moveSession(deps, params.session, { ...options, move }), ({ from, to: moved, endsAt, proposal, ...value }) => ({
    ...value,
    from: toMoment(from),
    to: toMoment(moved),
    endsAt: toMoment(endsAt),
    proposal: toProposal(proposal),
  }));
});

const newSession = z
  .strictObject({
    kind: z.enum(SESSION_KINDS),
    startsAt: localTime,
    minutes: minutes.optional(),
    setting: z.enum(SETTINGS).optional(),
    place: z.string().max(200).optional(),
    with: z.string().max(200).optional(),
    joinUrl: z.string().max(1_000).optional(),
    externalId: z.string().max(200).optional(),
    occurrence,
  })
  .transform(({ minutes: length, setting, place, with: who, joinUrl, externalId, occurrence: which, ...rest }) => ({
    ...rest,
    ...(length !== undefined && { minutes: length }),
    ...(setting && { setting }),
    ...(place !== undefined && { place }),
    ...(who !== undefined && { with: who }),
    ...(joinUrl !== undefined && { joinUrl }),
    ...(externalId !== undefined && { externalId }),
    ...(which && { occurrence: which }),
  }));

const adding = operation({
  ...bare,
  id: "sessions.add",
  method: "POST",
  path: "/series/{series}/sessions",
  summary: "Add a session to a series, such as a booster",
  command: "session add",
  access: requirePermission("sessions.change", { of: "series" }).access,
  dryRun: true,
  ifMatch: true,
  params: seriesParam,
  body: newSession,
  status: 201,
  answer: changed(
    z.strictObject({
      session: z.string(),
      number: z.int(),
      kind: z.string(),
      zone: z.string(),
      startsAt: momentText,
      endsAt: momentText,
      proposal: proposed,
    }),
  ),
})(async (deps, { params, body, options }) =>
  replyChanged(await addSession(deps, params.series, { ...options, session: body }), ({ startsAt, endsAt, proposal, ...value }) => ({
    ...value,
    startsAt: toMoment(startsAt),
    endsAt: toMoment(endsAt),
    proposal: toProposal(proposal),
  })),
);

const looking: readonly Operation[] = [
  operation({
    ...bare,
    id: "sessions.list",
    method: "GET",
    path: "/clinics/{clinic}/sessions",
    summary: "List a clinic's sessions in order of time; the next seven days, if nothing is said",
    command: null,
    access: requirePermission("plans.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject({
      ...pagedBy("moment"),
      from: momentField.optional(),
      to: momentField.optional(),
      status: z
        .string()
        .max(20)
        .regex(/^[a-z_]+$/)
        .optional(),
    }),
    answer: pageOf(entry),
  })(async ({ db }, { query: { limit, after, from, to, status }, request }) => {
    const start = from ?? (await readClinicTime(db)).now;
    const span = { clinicId: clinicOf(request), from: start, to: to ?? instant(start + 7 * DAY), status: status ?? null };
    const rows = await listSessionsPage(db, span, { after: after ?? null, limit: limit + 1 });
    return { body: toPage(rows, { limit, keyOf: ({ startsAt, id }) => [formatInstant(startsAt), id], toEntry }) };
  }),
  operation({
    ...bare,
    id: "sessions.show",
    method: "GET",
    path: "/sessions/{session}",
    summary: "Show a session",
    command: null,
    access: requirePermission("plans.read", { of: "session", reads: "session.read" }).access,
    params: sessionParam,
    answer: entry.extend({ revision: z.int() }),
  })(async ({ db }, { params }) => {
    const row = await findSession(db, params.session);
    if (!row) throw new ApiProblem(404);
    return { body: { ...toEntry(row), revision: row.revision }, revision: row.revision };
  }),
];

const onTheDay: readonly Operation[] = [
  operation({
    ...bare,
    id: "sessions.ready",
    method: "POST",
    path: "/sessions/{session}/ready",
    summary: "Say from about when the patient may be taken home; the escort is told once",
    command: "session ready",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: sessionParam,
    body: z.strictObject({ pickup: z.string().max(10).meta({ example: "12:10" }) }),
    answer: changed(z.strictObject({ session: z.string(), zone: z.string(), pickupAt: momentText })),
  })(async (deps, { params, body, options }) => {
    const pickup = parseWallClock(body.pickup);
    if (pickup === undefined) throw toProblem([{ path: "pickup", expected: "a time of day from 00:00 to 23:59, such as 12:10" }]);
    return replyChanged(await readySession(deps, params.session, { ...options, pickup }), (value) => ({
      ...value,
      pickupAt: toMoment(value.pickupAt),
    }));
  }),
  operation({
    ...bare,
    id: "sessions.form-filed",
    method: "POST",
    path: "/sessions/{session}/form-filed",
    summary: "Record that the monitoring form of a session is filed",
    command: "session form-filed",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: sessionParam,
    body: z.strictObject({ by: lineText(100, "Sam Lee"), at: momentField }),
    answer: changed(z.strictObject({ session: z.string(), by: z.string(), at: momentText })),
  })(async (deps, { params, body, options }) =>
    replyChanged(await fileForm(deps, params.session, { ...options, form: body }), (value) => ({ ...value, at: toMoment(value.at) })),
  ),
];

const syncedRow = z.strictObject({
  line: z.int(),
  externalId: z.string().nullable(),
  kind: z.enum(["add", "move", "cancel", "unchanged", "unknown", "refused"]),
  session: z.string().nullable(),
  zone: z.string().nullable(),
  from: momentText.nullable(),
  to: momentText.nullable(),
  warnings: z.array(z.string()),
  faults: z.array(z.strictObject({ path: z.string(), expected: z.string() })),
});

const syncing = operation({
  ...bare,
  id: "sessions.sync",
  method: "POST",
  path: "/clinics/{clinic}/sessions/sync",
  summary: "Bring sessions to where the clinic's own system has them, from its export",
  detail:
    "CSV with a header (externalId, startsAt; zone, minutes, status, series, kind, setting, place, with) or iCalendar. Each row stands for itself; a session that the file lacks is asked about, never cancelled. Without `dryRun` it is taken over.",
  command: "sessions sync",
  access: requirePermission("sessions.change", { of: "clinic" }).access,
  dryRun: true,
  params: clinicParam,
  query: z.strictObject({
    until: z.string().max(20).optional().meta({ description: "Last day that the export covers.", example: "2027-01-31" }),
  }),
  takes: ["text/csv", "text/calendar"],
  body: z.string(),
  bodyLimit: 4 * 1024 * 1024,
  answer: z.strictObject({
    applied: z.boolean(),
    rows: z.array(syncedRow),
    missing: z.array(z.strictObject({ session: z.string(), series: z.string(), number: z.int(), zone: z.string(), startsAt: momentText })),
    asked: z.int(),
    unlinked: z.int(),
    warnings: z.array(z.string()),
    proposal: proposed,
    touchpoints: z.int(),
  }),
})(async (deps, { query, body, options, request }) => {
  const until = query.until === undefined ? null : readDayText(query.until);
  if (until === undefined) throw toProblem([{ path: "query.until", expected: "a day, such as 2027-01-31" }]);
  const entries = request.headers["content-type"]?.startsWith("text/calendar") ? parseSyncIcs(body) : parseSyncCsv(body);
  const { slug } = await findClinicById(deps.db, clinicOf(request));
  const result = await syncSessions(deps, entries, {
    clinic: slug,
    actor: options.actor,
    mode: options.dryRun ? "preview" : "apply",
    until,
  });
  if (result.kind === "refused") throw toProblem(result.faults);
  const { applied, rows, missing, asked, unlinked, warnings, proposal, touchpoints } = result;
  return {
    body: {
      applied,
      rows: rows.map(({ from, to, faults, warnings: own, ...row }) => ({
        ...row,
        from: toMaybeMoment(from),
        to: toMaybeMoment(to),
        warnings: [...own],
        faults: faults.map(({ path, expected }) => ({ path, expected })),
      })),
      missing: missing.map((row) => ({ ...row, startsAt: toMoment(row.startsAt) })),
      asked,
      unlinked,
      warnings: [...warnings],
      proposal: toProposal(proposal),
      touchpoints: touchpoints.length,
    },
  };
});

export const sessions: readonly Operation[] = [...looking, adding, moving, ...callingOff, ...recording, ...onTheDay, syncing];
