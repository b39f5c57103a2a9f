/** Patients: found by chart number, listed page by page, and each on a page of their own. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { readZone } from "../../db/clinics.ts";
import { appendEvents } from "../../db/events.ts";
import { transact } from "../../db/transact.ts";
import {
  findConsolePatient,
  listConsolePatients,
  listPatientAlerts,
  listPatientSeries,
  listPatientSessions,
  PATIENT_FILTERS,
} from "../../db/view-console-patients.ts";
import { listConsoleClinics } from "../../db/view-console.ts";
import { findPatientView, listContacts } from "../../db/view-patient.ts";
import { countSent, listTimeline, listToCome, type TimelineEntry } from "../../db/view-patient-timeline.ts";
import { type Instant, instant } from "../../domain/calendar.ts";
import { type ClinicId, parsePublicId, toPublicId } from "../../domain/ids.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { isAllowed } from "../auth/caller.ts";
import { actorOf, clinicOf, requirePermission, staffOf } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { changeRoom } from "./change-room.ts";
import { roomPath } from "./console-frame.ts";
import { tellShown } from "./tell-shown.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { contactChanges, PATIENT_CHANGES } from "./patient-changes.ts";
import { patientActions, patientBody, type PatientPageView, TIMELINE_SHOWS } from "./patient-page.ts";
import { patientsBody } from "./patients-page.ts";
import { readableClinics } from "./readable-clinics.ts";
import { readForm } from "./read-form.ts";
import { SERIES_CHANGES } from "./series-changes.ts";
import { readScore } from "./read-score.ts";

const PAGE = 50;
const COMING = 200;
/** Until the workers have planned, the page asks again. */
const WHILE_PLANNED_SECONDS = 3;

export function patientsRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const list = requirePermission("patients.read", { of: "clinic" });
    app.get("/console/clinics/:clinic/patients", { config: list }, (request, reply) => sendList(deps, { request, reply }, null));
    app.post("/console/clinics/:clinic/patients/find", { config: list }, async (request, reply) => {
      const ref = readForm(request.body).text("ref").slice(0, 200);
      const clinicId = clinicOf(request);
      const found = ref === "" ? undefined : await findConsolePatient(deps.db, { clinicId, refIndex: deps.vault.blindIndex("ref", ref) });
      await transact(deps.db, (tx) =>
        appendEvents(tx, [{ kind: "patient.sought", clinicId, subjectId: found ?? clinicId, actor: actorOf(request) }]),
      );
      if (found) return reply.redirect(`${deps.basePath}/console/patients/${toPublicId("patient", found)}`, 303);
      return sendList(deps, { request, reply }, ref);
    });
    app.get("/console/patients/:patient", { config: requirePermission("patients.read", { of: "patient" }) }, async (request, reply) => {
      const view = await readPatient(deps, request);
      return sendConsolePage(
        deps,
        { request, reply },
        {
          title: "Patient",
          heading: view.person.name,
          room: "patients",
          ...(!view.stored.planIsFresh && { refreshSeconds: WHILE_PLANNED_SECONDS }),
          above: ({ basePath, clinic }) =>
            html`<a href="${basePath}${roomPath(clinic.slug, "patients")}">Patients</a> / <span class="quiet">${view.chart}</span>`,
          actions: (context) => patientActions(view, context),
          body: (context) => patientBody(view, context),
        },
      );
    });
    await app.register(changeRoom([...PATIENT_CHANGES, ...contactChanges(deps), ...SERIES_CHANGES])(deps));
  };
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

async function sendList(deps: ConsoleDeps, { request, reply }: Exchange, missed: string | null): Promise<FastifyReply> {
  const query = readForm(request.query);
  const filter = PATIENT_FILTERS.find((each) => each === query.text("show")) ?? "current";
  const after = parsePublicId("series", query.text("after")) ?? null;
  const clinicId = clinicOf(request);
  const rows = await listConsolePatients(deps.db, { clinicId, filter, after, limit: PAGE + 1 });
  const shown = rows.slice(0, PAGE);
  await tellShown(deps, request, { ids: shown.map(({ id }) => id), where: "console patients" });
  const open = (column: string, sealed: Buffer, row: string) => deps.vault.open(sealed, { table: "patients", column, row });
  const last = rows.length > PAGE ? shown.at(-1) : undefined;
  const { now } = await readClinicTime(deps.db);
  const view = {
    filter,
    missed,
    now,
    isFirst: after === null,
    next: last ? toPublicId("series", last.seriesId) : null,
    patients: shown.map((row) => ({
      ...row,
      name: open("name_sealed", row.nameSealed, row.id),
      chart: open("ref_sealed", row.refSealed, row.id),
    })),
  };
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Patients", room: "patients", status: missed === null ? 200 : 404, body: (context) => patientsBody(view, context) },
  );
}

async function readPatient(deps: ConsoleDeps, request: FastifyRequest): Promise<PatientPageView> {
  const { db, vault } = deps;
  const patientId = parsePublicId("patient", paramOf(request, "patient"));
  const stored = patientId && (await findPatientView(db, patientId));
  if (!patientId || !stored) throw new AccessDenied("not-found");
  await tellShown(deps, request, { ids: [patientId], where: "console patient" });
  const query = readForm(request.query);
  const show = TIMELINE_SHOWS.find((each) => each === query.text("show")) ?? "all";
  const after = readKey(query.text("after"));
  const clinicIds = readableClinics(request);
  const wish = { patientId, clinicIds };
  const [series, contacts, alerts, counts, coming, entries] = await Promise.all([
    listPatientSeries(db, wish),
    listContacts(db, patientId),
    listPatientAlerts(db, wish),
    countSent(db, wish),
    listToCome(db, { ...wish, limit: COMING }),
    show === "coming" ? [] : listTimeline(db, { ...wish, show, after, limit: PAGE + 1 }),
  ]);
  const sessions = await listPatientSessions(
    db,
    series.map(({ id }) => id),
  );
  const past = entries.slice(0, PAGE);
  const last = entries.length > PAGE ? past.at(-1) : undefined;
  const open = (table: string, column: string, sealed: Buffer | null) =>
    sealed === null ? null : vault.open(sealed, { table, column, row: patientId });
  const escortName = open("escorts", "name_sealed", stored.escortNameSealed);
  const [clinic] = await listConsoleClinics(db, [clinicOf(request)]);
  const caller = staffOf(request);
  return {
    id: patientId,
    stored,
    person: {
      name: open("patients", "name_sealed", stored.nameSealed) ?? "",
      phone: open("patients", "phone_sealed", stored.phoneSealed),
      email: open("patients", "email_sealed", stored.emailSealed),
    },
    chart: open("patients", "ref_sealed", stored.refSealed) ?? "",
    escort:
      escortName === null
        ? null
        : {
            name: escortName,
            phone: open("escorts", "phone_sealed", stored.escortPhoneSealed),
            email: open("escorts", "email_sealed", stored.escortEmailSealed),
          },
    holdReason: open("patients", "hold_reason_sealed", stored.holdReasonSealed),
    contacts,
    series,
    sessions,
    alerts,
    counts,
    coming,
    past,
    next: last ? `${last.at}_${last.id}` : null,
    isFirst: after === null,
    show,
    done: query.maybe("done") ?? null,
    now: (await readClinicTime(db)).now,
    zone: readZone(clinic?.zone ?? ""),
    bodyOf: openBodies(deps, request),
    mayAt: (clinicId: ClinicId, permission) => isAllowed(caller, clinicId, permission),
  };
}

/** What a patient wrote or scored, for those who may read it. */
function openBodies({ vault }: ConsoleDeps, request: FastifyRequest): PatientPageView["bodyOf"] {
  const [caller, clinicId] = [staffOf(request), clinicOf(request)];
  const mayReadReplies = isAllowed(caller, clinicId, "replies.read");
  const mayReadOutcomes = isAllowed(caller, clinicId, "outcomes.read");
  return ({ kind, id, bodySealed }: TimelineEntry) => {
    if (bodySealed === null) return undefined;
    if (kind === "reply" && mayReadReplies) return vault.open(bodySealed, { table: "inbound_messages", column: "body_sealed", row: id });
    if (kind === "survey" && mayReadOutcomes)
      return readScore(vault.open(bodySealed, { table: "survey_responses", column: "result_sealed", row: id }));
    return undefined;
  };
}

export function paramOf({ params }: FastifyRequest, name: string): string {
  const value: unknown = typeof params === "object" && params !== null ? Reflect.get(params, name) : undefined;
  return typeof value === "string" ? value : "";
}

/** Where a page of the timeline begins. */
function readKey(text: string): { readonly at: Instant; readonly id: string } | null {
  const [, at, id] = /^(-?\d{1,15})_([0-9a-f-]{36})$/.exec(text) ?? [];
  return at === undefined || id === undefined ? null : { at: instant(Number(at)), id };
}
