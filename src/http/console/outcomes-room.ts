/** Outcomes: the scores of a clinic's patients, of one patient, and a page of them to print. Whoever reads them stands in the audit. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { loadAssessments } from "../../db/assessments.ts";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { appendEvents } from "../../db/events.ts";
import { findFirstDose } from "../../db/outcomes.ts";
import { loadResponses, type StoredResponse } from "../../db/survey-responses.ts";
import { transact } from "../../db/transact.ts";
import { findClinicById } from "../../db/view-access.ts";
import { findOutcomePatient, listDoses, listScoredPatients, loadFirstDoses, loadMeasures } from "../../db/view-outcome.ts";
import { type Instant, parseLocalDateTime } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, type PatientId, toPublicId } from "../../domain/ids.ts";
import { findInstrument } from "../../domain/instruments/find-instrument.ts";
import type { Instrument } from "../../domain/instruments/instrument.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { judgeOutcome, type Measure } from "../../domain/outcome.ts";
import { placeLocal, type Zone } from "../../domain/place-in-time.ts";
import { ASSESSMENT_KINDS, recordAssessment } from "../../producers/record-assessment.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission, staffOf } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { cutPage, readListKey } from "./list-page.ts";
import { outcomeListBody, SCORED, type ScoredEntry, type Together } from "./outcomes-list.ts";
import { type Course, outcomeBody } from "./outcomes-page.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { revealPeople } from "./reveal-people.ts";
import { toField } from "./say-moment.ts";
import { scorePage } from "./score-page.ts";

const LOOK = requirePermission("outcomes.read", { of: "clinic", reads: "outcomes.listed" });
const READ = requirePermission("outcomes.read", { of: "patient", reads: "outcome.shown" });
const RECORD = requirePermission("outcomes.record", { of: "patient" });
const SHOWN = 40;
/** Taken together are so many at most: each answer is opened from its seal. */
const TOGETHER = 200;

type Asked = { readonly request: FastifyRequest<{ Params: { patient: string } }>; readonly reply: FastifyReply };
type Tried = { readonly typed: Typed; readonly faults: readonly Fault[] };

export function outcomesRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/outcomes", { config: LOOK }, (request, reply) => showList(deps, request, reply));
    app.get<{ Params: { patient: string } }>("/console/patients/:patient/outcomes", { config: READ }, (request, reply) =>
      showPatient(deps, { request, reply }, null),
    );
    app.get<{ Params: { patient: string } }>("/console/patients/:patient/outcomes/score", { config: READ }, (request, reply) =>
      showScores(deps, { request, reply }),
    );
    app.post<{ Params: { patient: string } }>("/console/patients/:patient/assessments", { config: RECORD }, (request, reply) =>
      record(deps, { request, reply }),
    );
  };
}

function readInstrument(request: FastifyRequest): Instrument {
  const asked = readForm(request.query).text("measure");
  const found = SCORED.find(({ id }) => id === asked) ?? SCORED[0];
  if (!found) throw new Error("No instrument adds up to a total");
  return found;
}

async function showList(deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { db } = deps;
  const clinicId = clinicOf(request);
  const instrument = readInstrument(request);
  const after = readListKey(readForm(request.query).maybe("after"));
  const wanted = { clinicId, instrument: instrument.id };
  const { shown, next } = cutPage(await listScoredPatients(db, wanted, { after, limit: SHOWN + 1 }), SHOWN, ({ order, patientId }) => [
    order,
    patientId,
  ]);
  const people = await revealPeople(deps, request, { rows: shown, where: "console outcomes" });
  const seen = shown.map(({ patientId }) => ({
    kind: "outcome.shown",
    clinicId,
    subjectId: patientId,
    actor: actorOf(request),
    data: { where: "console outcomes" },
  }));
  await transact(db, (tx) => appendEvents(tx, seen));
  const latest = (await listScoredPatients(db, wanted, { after: null, limit: TOGETHER })).map(({ patientId }) => patientId);
  const judged = await judgeAll(deps, [...new Set([...latest, ...shown.map(({ patientId }) => patientId)])], instrument);
  const entries = shown.map(
    ({ patientId, lastAt }): ScoredEntry => ({
      patientId,
      lastAt,
      who: people.get(patientId),
      measures: [],
      outcome: undefined,
      ...judged.get(patientId),
    }),
  );
  const together = addUp(
    latest.map((id) => judged.get(id)?.outcome),
    instrument,
  );
  const { zone } = await findClinicById(db, clinicId);
  const { now } = await readClinicTime(db);
  const list = { instrument, page: after === null ? "first" : "later", entries, together, zone, now, next } as const;
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Outcomes", room: "outcomes", body: (context) => outcomeListBody(list, context) },
  );
}

type Judged = Pick<ScoredEntry, "measures" | "outcome">;

async function judgeAll(deps: ConsoleDeps, ids: readonly PatientId[], instrument: Instrument): Promise<ReadonlyMap<PatientId, Judged>> {
  const measures = await loadMeasures(deps, ids, instrument.id);
  const doses = await loadFirstDoses(deps.db, ids);
  return new Map(
    [...measures].map(([id, each]) => [id, { measures: each, outcome: judgeOutcome(instrument, each, doses.get(id) ?? null) }]),
  );
}

function addUp(outcomes: readonly Judged["outcome"][], { scoring }: Instrument): Together {
  const judged = outcomes.flatMap((each) => each ?? []);
  const remits = scoring?.remissionBelow !== null && scoring?.remissionBelow !== undefined;
  return {
    of: outcomes.length,
    judged: judged.length,
    response: judged.filter(({ response }) => response).length,
    remission: remits ? judged.filter(({ remission }) => remission).length : null,
    change: judged.length === 0 ? null : judged.reduce((sum, { change }) => sum + change, 0) / judged.length,
  };
}

function idOf({ params }: Asked["request"]): PatientId {
  const id = parsePublicId("patient", params.patient);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

function toCourses(responses: readonly StoredResponse[], begunAt: Instant | null): Course[] {
  return [...Map.groupBy(responses, ({ instrument }) => instrument)].map(([id, each]) => {
    const instrument = findInstrument(id);
    const measures = each.flatMap(({ answeredAt: at, result: { total } }): Measure[] => (total === null ? [] : [{ at, total }]));
    return { id, instrument, responses: each, measures, outcome: instrument && judgeOutcome(instrument, measures, begunAt) };
  });
}

/** What of one patient both pages are made of; the guard has written into the audit that it is read. */
async function readPatient(deps: ConsoleDeps, request: Asked["request"], where: string) {
  const { db, vault } = deps;
  const id = idOf(request);
  const stored = await findOutcomePatient(db, id);
  if (!stored) throw new AccessDenied("not-found");
  const clinicId = clinicOf(request);
  const who = (await revealPeople(deps, request, { rows: [{ ...stored, clinicId }], where })).get(id);
  return {
    id,
    name: who?.name ?? "",
    chart: who?.chart ?? "",
    birthDate: stored.birthDateSealed && vault.open(stored.birthDateSealed, { table: "patients", column: "birth_date_sealed", row: id }),
    courses: toCourses(await loadResponses(db, { patientId: id, instrument: null }, vault), await findFirstDose(db, id)),
    doses: await listDoses(db, id),
    clinic: await findClinicById(db, clinicId),
    now: (await readClinicTime(db)).now,
  };
}

async function showPatient(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried | null): Promise<FastifyReply> {
  const { id, name, chart, courses, doses, clinic, now } = await readPatient(deps, request, "console outcomes of a patient");
  const assessments = await loadAssessments(deps.db, id, deps.vault);
  const fresh = { typed: typedAs({ kind: "c-ssrs", by: staffOf(request).session.name, at: toField(clinic.zone, now) }), faults: [] };
  const wasRecorded = readForm(request.query).text("recorded") === "1";
  const page = { patientId: id, chart, courses, doses, assessments, zone: clinic.zone, now, wasRecorded, ...(tried ?? fresh) };
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Outcomes",
      heading: `${name}, ${chart}`,
      above: ({ basePath }) => html`<a href="${basePath}/console/patients/${toPublicId("patient", id)}">Timeline</a>`,
      room: "outcomes",
      ...(tried && { status: 400 }),
      body: (context) => outcomeBody(page, context),
    },
  );
}

async function showScores(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const { name, chart, birthDate, courses, doses, clinic, now } = await readPatient(deps, request, "console score page");
  const instrument = readInstrument(request);
  const course = courses.find(({ id }) => id === instrument.id);
  if (!course) throw new AccessDenied("not-found");
  const page = { clinic, person: { name, chart, birthDate }, instrument, course, doses, now };
  return reply.type("text/html; charset=utf-8").send(scorePage(page, deps.basePath));
}

async function record(deps: ConsoleDeps, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const typed = readForm(request.body);
  const { id: clinicId, zone } = await findClinicById(deps.db, clinicOf(request));
  const read = readAssessment(typed, zone);
  if ("faults" in read) return showPatient(deps, asked, { typed, faults: read.faults });
  const options = { actor: actorOf(request), dryRun: false, ifRevision: null };
  const result = await recordAssessment(deps, idOf(request), { ...options, ...read, clinicId });
  if (result.kind === "refused") return showPatient(deps, asked, { typed, faults: result.faults });
  return reply.redirect(`${deps.basePath}/console/patients/${toPublicId("patient", idOf(request))}/outcomes?recorded=1`, 303);
}

function readAssessment(typed: Typed, zone: Zone) {
  const kind = ASSESSMENT_KINDS.find((each) => each === typed.text("kind"));
  const level = parseLine(typed.text("level"), { most: 200 });
  const by = parseLine(typed.text("by"), { most: 100 });
  const local = parseLocalDateTime(typed.text("at"));
  if (kind && level.ok && by.ok && local !== undefined)
    return { kind, level: level.value, madeBy: by.value, madeAt: placeLocal(zone, local) };
  return {
    faults: [
      ...(kind ? [] : [{ path: "kind", expected: "an instrument of the list" }]),
      ...(level.ok ? [] : [{ path: "level", expected: level.expected }]),
      ...(by.ok ? [] : [{ path: "by", expected: by.expected }]),
      ...(local === undefined ? [{ path: "at", expected: "a day and a time, such as 2027-01-11T10:00" }] : []),
    ],
  };
}
