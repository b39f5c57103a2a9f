/** Adding a visit from the day that somebody looks at: whose it is by chart number, then the form of their series. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { appendEvents } from "../../db/events.ts";
import { transact } from "../../db/transact.ts";
import { findClinicById } from "../../db/view-access.ts";
import { findConsolePatient, listPatientSeries } from "../../db/view-console-patients.ts";
import { formatDay, parseDay } from "../../domain/calendar.ts";
import { type PatientId, toPublicId } from "../../domain/ids.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { field } from "./console-parts.ts";
import { readForm } from "./read-form.ts";

const PATH = "/console/clinics/:clinic/today/add";

export function addVisitRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const config = requirePermission("sessions.change", { of: "clinic" });
    app.get(PATH, { config }, (request, reply) => sendAsk(deps, { request, reply }, { ref: "", day: readForm(request.query).text("day") }));
    app.post(PATH, { config }, async (request, reply) => {
      const typed = readForm(request.body);
      const [ref, day] = [typed.text("ref"), typed.text("day")];
      const path = ref === "" ? undefined : await findPath(deps, request, { ref, day });
      return path === undefined ? sendAsk(deps, { request, reply }, { ref, day, missed: true }) : reply.redirect(deps.basePath + path, 303);
    });
  };
}

/** The form of their one series, or their page where there are several or none. */
async function findPath(
  { db, vault }: ConsoleDeps,
  request: FastifyRequest,
  { ref, day }: { ref: string; day: string },
): Promise<string | undefined> {
  const clinicId = clinicOf(request);
  const patientId = await findConsolePatient(db, { clinicId, refIndex: vault.blindIndex("ref", ref) });
  await transact(db, (tx) =>
    appendEvents(tx, [{ kind: "patient.sought", clinicId, subjectId: patientId ?? clinicId, actor: actorOf(request) }]),
  );
  if (!patientId) return undefined;
  const series = (await listPatientSeries(db, { patientId, clinicIds: [clinicId] })).filter(({ status }) => GOES_ON.has(status));
  const [only] = series;
  const at = parseDay(day);
  if (!only || series.length > 1) return pathOfPatient(patientId);
  return `/console/series/${toPublicId("series", only.id)}/add${at === undefined ? "" : `?day=${formatDay(at)}`}`;
}

const GOES_ON: ReadonlySet<string> = new Set(["enqueued", "active", "paused"]);

function pathOfPatient(id: PatientId): string {
  return `/console/patients/${toPublicId("patient", id)}`;
}

type Ask = { readonly ref: string; readonly day: string; readonly missed?: true };

async function sendAsk(
  deps: ConsoleDeps,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  ask: Ask,
): Promise<FastifyReply> {
  const { slug } = await findClinicById(deps.db, clinicOf(request));
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Add a visit",
      room: "today",
      status: ask.missed ? 404 : 200,
      above: ({ basePath }) => html`<a href="${basePath}${roomPath(slug, "today")}">Today</a>`,
      body: (context) => askBody(ask, context),
    },
  );
}

function askBody({ ref, day, missed }: Ask, context: ConsoleContext): Html {
  const fault = "No patient of this clinic has this chart number; it must be typed as in the chart.";
  const chart = field({ name: "ref", label: "Chart number", value: ref, required: true, autocomplete: "off", ...(missed && { fault }) });
  const newSeries = context.mayDo("series.change")
    ? html`<a class="button" href="${context.basePath}${roomPath(context.clinic.slug, "series")}">New series instead</a>`
    : null;
  return csrfForm(context, {
    action: `${roomPath(context.clinic.slug, "today")}/add`,
    name: "form",
    body: html`${chart}<input type="hidden" name="day" value="${day}"><div class="buttons"><button class="first">Go on</button>${newSeries}</div>`,
  });
}
