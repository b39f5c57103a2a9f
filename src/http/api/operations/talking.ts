/** What patients say, what staff say to them, and how they are: texts that came in, messages, surveys, outcomes. */
import { z } from "zod";
import { loadAssessments } from "../../../db/assessments.ts";
import { placeOfBody } from "../../../db/inbound-messages.ts";
import { findInvitation, INVITATION_STATES } from "../../../db/survey-invitations.ts";
import { loadResponses } from "../../../db/survey-responses.ts";
import { findClinicById } from "../../../db/view-access.ts";
import { findReply, listInvitationsPage, listOpenReplies, type InvitationEntry, type ReplyEntry } from "../../../db/view-lists.ts";
import { readAnswers } from "../../../domain/check-answers.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { findInstrument, INSTRUMENTS } from "../../../domain/instruments/find-instrument.ts";
import { parseBaselines } from "../../../domain/parse-baselines.ts";
import { SESSION_ANSWERS } from "../../../domain/patient-facts.ts";
import { answerSession } from "../../../producers/answer-session.ts";
import { answerSurvey } from "../../../producers/answer-survey.ts";
import { closeReply } from "../../../producers/close-reply.ts";
import { importBaseline } from "../../../producers/import-baseline.ts";
import { ASSESSMENT_KINDS, recordAssessment } from "../../../producers/record-assessment.ts";
import { sendMessage } from "../../../producers/send-message.ts";
import { findPatientsByRef } from "../../../db/people.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import {
  clinicParam,
  idField,
  idText,
  lineText,
  momentField,
  momentText,
  patientParam,
  sessionParam,
  toMaybeId,
  toMaybeMoment,
  toMoment,
} from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const reply = z
  .strictObject({
    reply: idText,
    patient: idText.nullable(),
    session: idText.nullable(),
    touchpoint: idText.nullable().meta({ description: "What it was taken to answer." }),
    kind: z.string().nullable().meta({ description: "As what it was read; null: not yet." }),
    inbox: z.string().nullable(),
    receivedAt: momentText,
    closedAt: momentText.nullable(),
    closedBy: z.string().nullable(),
  })
  .meta({ id: "Reply" });

function toReply({
  id,
  patientId,
  sessionId,
  touchpointId,
  kind,
  inbox,
  receivedAt,
  closedAt,
  closedBy,
}: ReplyEntry): z.output<typeof reply> {
  return {
    reply: toPublicId("inbound", id),
    patient: toMaybeId("patient", patientId),
    session: toMaybeId("session", sessionId),
    touchpoint: toMaybeId("touchpoint", touchpointId),
    kind,
    inbox,
    receivedAt: toMoment(receivedAt),
    closedAt: toMaybeMoment(closedAt),
    closedBy,
  };
}

const replyParam = z.strictObject({ reply: idField("inbound") });

const replies: readonly Operation[] = [
  operation({
    ...bare,
    id: "replies.list",
    method: "GET",
    path: "/clinics/{clinic}/replies",
    summary: "List the texts that wait for somebody, oldest first; without their words",
    command: "reply list",
    access: requirePermission("replies.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject(pagedBy("moment")),
    answer: pageOf(reply),
  })(async ({ db }, { query: { limit, after }, request }) => {
    const rows = await listOpenReplies(db, clinicOf(request), { after: after ?? null, limit: limit + 1 });
    return { body: toPage(rows, { limit, keyOf: ({ order, id }) => [order, id], toEntry: toReply }) };
  }),
  operation({
    ...bare,
    id: "replies.show",
    method: "GET",
    path: "/replies/{reply}",
    summary: "Show a text that came in, with its words",
    command: "reply show",
    access: requirePermission("replies.read", { of: "inbound", param: "reply", reads: "reply.read" }).access,
    params: replyParam,
    answer: reply.extend({ text: z.string() }),
  })(async ({ db, vault }, { params }) => {
    const row = await findReply(db, params.reply);
    if (!row) throw new ApiProblem(404);
    return { body: { ...toReply(row), text: vault.open(row.bodySealed, placeOfBody(row.id)) } };
  }),
  operation({
    ...bare,
    id: "replies.close",
    method: "POST",
    path: "/replies/{reply}/close",
    summary: "Take a text out of the inbox: somebody has read it and done what it asked; a repeat changes nothing",
    command: "reply close",
    access: requirePermission("replies.answer", { of: "inbound", param: "reply" }).access,
    params: replyParam,
    answer: z.strictObject({ kind: z.enum(["closed", "same"]), tasksClosed: z.int() }),
  })(async ({ db }, { params, options }) => {
    const result = await closeReply(db, params.reply, options.actor);
    if (result.kind === "refused") throw toProblem(result.faults);
    return { body: { kind: result.kind, tasksClosed: result.kind === "closed" ? result.tasksClosed : 0 } };
  }),
  operation({
    ...bare,
    id: "messages.send",
    method: "POST",
    path: "/patients/{patient}/messages",
    summary: "Write to a patient: a saved phrase, or words of one's own. A repeat is another message, so send an Idempotency-Key",
    command: "message send",
    access: requirePermission("messages.send", { of: "patient" }).access,
    dryRun: true,
    params: patientParam,
    body: z.union([
      z.strictObject({ phrase: z.string().max(60), channel: z.enum(["email", "sms"]).optional() }),
      z.strictObject({ text: z.string().max(1_500), channel: z.enum(["email", "sms"]).optional() }),
    ]),
    answer: z.strictObject({
      touchpoint: z.string().nullable(),
      channel: z.enum(["email", "sms"]),
      subject: z.string().nullable(),
      text: z.string(),
      segments: z.int().nullable(),
      goesAt: momentText,
      zone: z.string(),
      dryRun: z.boolean(),
    }),
  })(async (deps, { params, body: { channel, ...wish }, options: { actor, dryRun } }) => {
    const result = await sendMessage(deps, params.patient, { wish, channel: channel ?? null, actor, dryRun });
    if (result.kind === "refused") throw toProblem(result.faults);
    const { subject, text, segments } = result.message;
    return {
      body: {
        touchpoint: result.touchpoint,
        channel: result.channel,
        subject,
        text,
        segments,
        goesAt: toMoment(result.goesAt),
        zone: result.zone,
        dryRun,
      },
    };
  }),
  operation({
    ...bare,
    id: "sessions.answer",
    method: "POST",
    path: "/sessions/{session}/answers",
    summary: "Record what a patient said on the phone about a visit: confirmed, who drives, wants another time",
    command: null,
    access: requirePermission("sessions.change", { of: "session" }).access,
    dryRun: true,
    ifMatch: true,
    params: sessionParam,
    body: z.strictObject({
      answers: z.array(z.enum(SESSION_ANSWERS)).min(1).max(5),
      detail: lineText(500, "after four would suit").optional(),
    }),
    answer: changed(z.strictObject({ session: z.string(), answers: z.array(z.string()), tasks: z.array(idText), alerts: z.array(idText) })),
  })(async (deps, { params, body, options }) => {
    const said = {
      sessionId: params.session,
      answers: body.answers,
      via: "staff" as const,
      ...(body.detail !== undefined && { detail: body.detail }),
    };
    return replyChanged(await answerSession(deps, { ...said, ...options }), ({ session, answers, tasks, alerts }) => ({
      session,
      answers: [...answers],
      tasks: tasks.map((id) => toPublicId("task", id)),
      alerts: alerts.map((id) => toPublicId("alert", id)),
    }));
  }),
];

const invitation = z
  .strictObject({
    invitation: idText,
    clinic: z.string(),
    patient: idText,
    series: idText,
    instrument: z.string(),
    askedAt: momentText,
    closesAt: momentText,
    answeredAt: momentText.nullable(),
    begun: z.boolean(),
  })
  .meta({ id: "Invitation" });

const result = z.strictObject({
  total: z.int().nullable(),
  band: z.string().nullable(),
  subscales: z.array(z.strictObject({ name: z.string(), total: z.int().nullable() })),
  pattern: z.boolean().nullable(),
  missing: z.array(z.string()),
  alarms: z.array(z.strictObject({ item: z.string(), kind: z.string(), level: z.string() })),
});

const outcomes: readonly Operation[] = [
  operation({
    ...bare,
    id: "surveys.list",
    method: "GET",
    path: "/clinics/{clinic}/surveys",
    summary: "List invitations to surveys, the newest first",
    command: "survey list",
    access: requirePermission("outcomes.read", { of: "clinic", reads: "surveys.listed" }).access,
    params: clinicParam,
    query: z.strictObject({ ...pagedBy("moment"), state: z.enum(INVITATION_STATES).optional() }),
    answer: pageOf(invitation),
  })(async ({ db }, { query: { state, limit, after }, request }) => {
    const wish = { clinicId: clinicOf(request), state: state ?? null };
    const rows = await listInvitationsPage(db, wish, { after: after ?? null, limit: limit + 1 });
    const toEntry = ({ id, clinic, patientId, seriesId, instrument, askedAt, closesAt, answeredAt, isBegun }: InvitationEntry) => ({
      invitation: toPublicId("invitation", id),
      clinic,
      patient: toPublicId("patient", patientId),
      series: toPublicId("series", seriesId),
      instrument,
      askedAt: toMoment(askedAt),
      closesAt: toMoment(closesAt),
      answeredAt: toMaybeMoment(answeredAt),
      begun: isBegun,
    });
    return { body: toPage(rows, { limit, keyOf: ({ order, id }) => [order, id], toEntry }) };
  }),
  operation({
    ...bare,
    id: "surveys.questions",
    method: "GET",
    path: "/instruments",
    summary: "The questionnaires: items, in which order, and what may be answered",
    command: "survey questions",
    access: { to: "caller" },
    answer: z.strictObject({ instruments: z.array(z.strictObject({ id: z.string(), version: z.int(), items: z.array(z.string()) })) }),
  })(async () => ({
    body: { instruments: INSTRUMENTS.map(({ id, version, items }) => ({ id, version, items: items.map((item) => item.id) })) },
  })),
  operation({
    ...bare,
    id: "surveys.show",
    method: "GET",
    path: "/surveys/{invitation}",
    summary: "Show an invitation to a survey, and whether it was answered",
    command: "survey show",
    access: requirePermission("outcomes.read", { of: "invitation", reads: "survey.read" }).access,
    params: z.strictObject({ invitation: idField("invitation") }),
    answer: z.strictObject({
      invitation: idText,
      patient: idText,
      series: idText,
      session: idText.nullable(),
      instrument: z.string(),
      version: z.int(),
      askedAt: momentText,
      closesAt: momentText,
      answeredAt: momentText.nullable(),
    }),
  })(async ({ db }, { params }) => {
    const found = await findInvitation(db, params.invitation);
    if (!found) throw new ApiProblem(404);
    const body = {
      invitation: toPublicId("invitation", params.invitation),
      patient: toPublicId("patient", found.patientId),
      series: toPublicId("series", found.seriesId),
      session: toMaybeId("session", found.sessionId),
      instrument: found.instrument,
      version: found.instrumentVersion,
      askedAt: toMoment(found.askedAt),
      closesAt: toMoment(found.closesAt),
      answeredAt: toMaybeMoment(found.answeredAt),
    };
    return { body };
  }),
  operation({
    ...bare,
    id: "surveys.answer",
    method: "POST",
    path: "/surveys/{invitation}/answers",
    summary: "Record what was answered on the phone, in the words of the instrument. The first answer wins, unless a later one is graver",
    command: "survey answer",
    access: requirePermission("outcomes.record", { of: "invitation" }).access,
    dryRun: true,
    ifMatch: true,
    params: z.strictObject({ invitation: idField("invitation") }),
    body: z.strictObject({ answers: z.record(z.string().max(40), z.int().nullable()), locale: z.enum(["en", "es"]).default("en") }),
    answer: changed(
      z.strictObject({
        invitation: z.string(),
        response: z.string(),
        alerts: z.array(z.strictObject({ kind: z.string(), level: z.string() })),
      }),
    ),
  })(async (deps, { params, body, options }) => {
    const found = await findInvitation(deps.db, params.invitation);
    const instrument = found && findInstrument(found.instrument, found.instrumentVersion);
    if (!instrument) throw new ApiProblem(404);
    const answers = readAnswers(instrument, body.answers);
    if (!answers.ok) throw toProblem(answers.faults.map((fault) => ({ ...fault, path: `answers.${fault.path}` })));
    const answer = { ...options, answers: answers.value, locale: body.locale, source: "staff" as const };
    return replyChanged(await answerSurvey(deps, params.invitation, answer), ({ invitation: id, response, alerts }) => ({
      invitation: id,
      response,
      alerts: alerts.map(({ kind, level }) => ({ kind, level })),
    }));
  }),
  operation({
    ...bare,
    id: "outcomes.show",
    method: "GET",
    path: "/patients/{patient}/outcomes",
    summary: "Every answer of a patient to a survey with its score, and every assessment, in order of time",
    command: "outcome show",
    access: requirePermission("outcomes.read", { of: "patient", reads: "outcomes.read" }).access,
    params: patientParam,
    query: z.strictObject({
      instrument: z
        .string()
        .max(40)
        .regex(/^[a-z0-9-]+$/)
        .optional(),
    }),
    answer: z.strictObject({
      responses: z.array(
        z.strictObject({
          response: idText,
          series: idText.nullable(),
          session: idText.nullable(),
          source: z.string(),
          instrument: z.string(),
          version: z.int(),
          answeredAt: momentText,
          answers: z.record(z.string(), z.int().nullable()).nullable(),
          result,
        }),
      ),
      assessments: z.array(
        z.strictObject({ assessment: idText, kind: z.string(), madeAt: momentText, madeBy: z.string(), level: z.string() }),
      ),
    }),
  })(async ({ db, vault }, { params, query }) => {
    const responses = await loadResponses(db, { patientId: params.patient, instrument: query.instrument ?? null }, vault);
    const assessments = await loadAssessments(db, params.patient, vault);
    return {
      body: {
        responses: responses.map((row) => ({
          response: toPublicId("response", row.id),
          series: toMaybeId("series", row.seriesId),
          session: toMaybeId("session", row.sessionId),
          source: row.source,
          instrument: row.instrument,
          version: row.instrumentVersion,
          answeredAt: toMoment(row.answeredAt),
          answers: row.answers && { ...row.answers },
          result: {
            ...row.result,
            subscales: row.result.subscales.map((each) => ({ ...each })),
            missing: [...row.result.missing],
            alarms: row.result.alarms.map((each) => ({ ...each })),
          },
        })),
        assessments: assessments.map(({ id, kind, madeAt, madeBy, level }) => ({
          assessment: toPublicId("assessment", id),
          kind,
          madeAt: toMoment(madeAt),
          madeBy,
          level,
        })),
      },
    };
  }),
  operation({
    ...bare,
    id: "outcomes.assess",
    method: "POST",
    path: "/patients/{patient}/assessments",
    summary: "Record that a clinician assessed a patient with an instrument that does not ship here",
    command: "outcome assess",
    access: requirePermission("outcomes.record", { of: "patient" }).access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: z.strictObject({
      kind: z.enum(ASSESSMENT_KINDS),
      level: lineText(200, "no risk"),
      by: lineText(100, "Dr. Lee"),
      at: momentField,
    }),
    status: 201,
    answer: changed(z.strictObject({ assessment: z.string(), kind: z.string(), madeAt: z.string() })),
  })(async (deps, { params, body: { kind, level, by, at }, options, request }) => {
    const assessing = { ...options, kind, level, madeBy: by, madeAt: at, clinicId: clinicOf(request) };
    return replyChanged(await recordAssessment(deps, params.patient, assessing), (value) => ({ ...value }));
  }),
  operation({
    ...bare,
    id: "outcomes.import",
    method: "POST",
    path: "/clinics/{clinic}/outcomes/import",
    summary: "Take over answers that were given on paper: CSV with ref, instrument, date, and items or total. Each row stands for itself",
    command: "outcome import",
    access: requirePermission("outcomes.record", { of: "clinic" }).access,
    dryRun: true,
    params: clinicParam,
    takes: ["text/csv"],
    body: z.string(),
    bodyLimit: 1024 * 1024,
    answer: z.strictObject({
      rows: z.array(
        z.strictObject({
          line: z.int(),
          kind: z.enum(["changed", "same", "refused"]),
          response: z.string().nullable(),
          warnings: z.array(z.string()),
          faults: z.array(z.strictObject({ path: z.string(), expected: z.string() })),
        }),
      ),
    }),
  })(async (deps, { body, options, request }) => {
    const clinic = await findClinicById(deps.db, clinicOf(request));
    const rows = [];
    for (const { line, result: read } of parseBaselines(body)) {
      const refused = (faults: readonly { path: string; expected: string }[]) => ({
        line,
        kind: "refused" as const,
        response: null,
        warnings: [],
        faults: faults.map(({ path, expected }) => ({ path, expected })),
      });
      if (!read.ok) {
        rows.push(refused(read.faults));
        continue;
      }
      const [patient] = await findPatientsByRef(deps.db, clinic.groupId, [deps.vault.blindIndex("ref", read.value.ref)]);
      if (!patient) {
        rows.push(refused([{ path: "ref", expected: "the chart number of a patient who is stored" }]));
        continue;
      }
      const done = await importBaseline(deps, patient.id, { ...options, baseline: read.value, clinic });
      if (done.kind === "refused") rows.push(refused(done.faults));
      else {
        const response = done.kind === "changed" ? done.value.response : null;
        rows.push({ line, kind: done.kind, response, warnings: done.kind === "changed" ? [...done.warnings] : [], faults: [] });
      }
    }
    return { body: { rows } };
  }),
];

export const talking: readonly Operation[] = [...replies, ...outcomes];
