/** Alerts: who may be in danger, who has it, what came of it. What nobody has is paged about whether this page is open or not. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findClinicsOf } from "../../db/clinic-of.ts";
import { findPatientsByRef } from "../../db/people.ts";
import { findClinicById } from "../../db/view-access.ts";
import { listClosedAlerts, listOpenAlerts } from "../../db/view-console-alerts.ts";
import { ALERT_KINDS, ALERT_LEVELS } from "../../domain/alert.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, type PatientId, toPublicId } from "../../domain/ids.ts";
import { raiseByStaff } from "../../producers/raise-by-staff.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { alertCardRoutes } from "./alert-card-room.ts";
import { alertListBody } from "./alerts-list.ts";
import { foreseePages } from "./alerts-paging.ts";
import { alertRaiseBody } from "./alerts-raise.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { cutPage, readListKey } from "./list-page.ts";
import { readForm, type Typed } from "./read-form.ts";
import { revealPeople } from "./reveal-people.ts";

const LOOK = requirePermission("alerts.read", { of: "clinic" });
const RAISE = requirePermission("alerts.raise", { of: "clinic" });
const SHOWN = 50;
const REFRESH_SECONDS = 15;

type Asked = { readonly request: FastifyRequest; readonly reply: FastifyReply };

export function alertsRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/alerts", { config: LOOK }, (request, reply) => showList(deps, { request, reply }));
    app.get("/console/clinics/:clinic/alerts/raise", { config: RAISE }, (request, reply) =>
      showRaise(deps, { request, reply }, { typed: readForm(request.query), faults: [] }),
    );
    app.post("/console/clinics/:clinic/alerts/raise", { config: RAISE }, (request, reply) => raise(deps, { request, reply }));
    await app.register(alertCardRoutes(deps));
  };
}

async function showList(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const clinicId = clinicOf(request);
  const { zone } = await findClinicById(deps.db, clinicId);
  const query = readForm(request.query);
  const show = query.text("show") === "closed" ? "closed" : "open";
  const after = readListKey(query.maybe("after"));
  const list = show === "open" ? listOpenAlerts : listClosedAlerts;
  const found = await list(deps.db, clinicId, { after, limit: SHOWN + 1 });
  const { shown, next } = cutPage(found, SHOWN, ({ order, id }) => [order, id]);
  const people = await revealPeople(deps, request, { rows: shown, where: "console alerts" });
  const turns = await foreseePages(deps, clinicId, shown);
  const alerts = shown.map((alert) => ({ ...alert, who: alert.patientId === null ? undefined : people.get(alert.patientId) }));
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Alerts",
      room: "alerts",
      refreshSeconds: REFRESH_SECONDS,
      body: (context) => alertListBody({ show, page: after === null ? "first" : "later", zone, alerts, turns, next }, context),
      actions: ({ mayDo, basePath, clinic }) =>
        mayDo("alerts.raise")
          ? html`<a class="button" href="${basePath}${roomPath(clinic.slug, "alerts")}/raise">Raise an alert</a>`
          : html``,
    },
  );
}

type Raising = { readonly typed: Typed; readonly faults: readonly Fault[] };

async function showRaise(deps: ConsoleDeps, { request, reply }: Asked, { typed, faults }: Raising): Promise<FastifyReply> {
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Raise an alert",
      room: "alerts",
      ...(faults.length > 0 && { status: 400 }),
      body: (context) => alertRaiseBody({ typed, faults }, context),
    },
  );
}

async function raise(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const typed = readForm(request.body);
  const clinicId = clinicOf(request);
  const kind = ALERT_KINDS.find((each) => each === typed.text("kind"));
  const level = ALERT_LEVELS.find((each) => each === typed.text("level"));
  const patientId = await findPatient(deps, request, typed);
  if (!patientId || !kind || !level) {
    const faults = [
      ...(patientId ? [] : [{ path: "ref", expected: "the chart number of a patient of this clinic" }]),
      ...(kind ? [] : [{ path: "kind", expected: "what it is about" }]),
      ...(level ? [] : [{ path: "level", expected: "how grave it is" }]),
    ];
    return showRaise(deps, { request, reply }, { typed, faults });
  }
  const options = { actor: actorOf(request), dryRun: false, ifRevision: null };
  const result = await raiseByStaff(deps, patientId, { ...options, kind, level, clinicId });
  if (result.kind === "refused") return showRaise(deps, { request, reply }, { typed, faults: result.faults });
  if (result.kind === "same") return reply.redirect(deps.basePath, 303);
  return reply.redirect(`${deps.basePath}/console/alerts/${toPublicId("alert", result.value.alert)}`, 303);
}

/** By the chart number that was typed, or as the patient's page handed them over; only somebody who has, or had, a series at this clinic. */
async function findPatient({ db, vault }: ConsoleDeps, request: FastifyRequest, typed: Typed): Promise<PatientId | undefined> {
  const clinicId = clinicOf(request);
  const { groupId } = await findClinicById(db, clinicId);
  const ref = typed.text("ref");
  const [byRef] = ref === "" ? [] : await findPatientsByRef(db, groupId, [vault.blindIndex("ref", ref)]);
  const id = parsePublicId("patient", typed.text("patient")) ?? byRef?.id;
  return id !== undefined && (await findClinicsOf(db, "patient", id)).includes(clinicId) ? id : undefined;
}
