/** One privacy incident: what happened, and what was found by whoever looks after privacy. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { findIncident, type Incident, placeOfIncidentNote } from "../../db/incidents.ts";
import { loadNames } from "../../db/view-names.ts";
import type { Instant } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { type IncidentId, parsePublicId, toPublicId } from "../../domain/ids.ts";
import { INCIDENT_OUTCOMES } from "../../domain/incident.ts";
import { parseLine } from "../../domain/line-of-text.ts";
import { closeIncident } from "../../producers/close-incident.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { facts, notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { INCIDENT_OUTCOME_WORDS } from "./incident-words.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { tellShown } from "./tell-shown.ts";

const LOOK = requirePermission("replies.read", { of: "incident", reads: "incident.read" });
const CLOSE = requirePermission("privacy.close", { of: "incident" });
const LONGEST_NOTE = 1_000;

type Asked = { readonly request: FastifyRequest<{ Params: { incident: string } }>; readonly reply: FastifyReply };
type Tried = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly status: number };

export function incidentRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<{ Params: { incident: string } }>("/console/incidents/:incident", { config: LOOK }, (request, reply) =>
      show(deps, { request, reply }, { typed: typedAs({}), faults: [], status: 200 }),
    );
    app.post<{ Params: { incident: string } }>("/console/incidents/:incident/close", { config: CLOSE }, (request, reply) =>
      close(deps, { request, reply }),
    );
  };
}

function idOf({ params }: Asked["request"]): IncidentId {
  const id = parsePublicId("incident", params.incident);
  if (!id) throw new AccessDenied("not-found");
  return id;
}

async function close(deps: ConsoleDeps, asked: Asked): Promise<FastifyReply> {
  const { request, reply } = asked;
  const id = idOf(request);
  const typed = readForm(request.body);
  const outcome = INCIDENT_OUTCOMES.find((each) => each === typed.text("outcome"));
  const text = typed.text("note").replaceAll(/\s+/g, " ");
  const note = text === "" ? null : parseLine(text, { most: LONGEST_NOTE });
  const faults = [
    ...(outcome ? [] : [{ path: "outcome", expected: "what was found" }]),
    ...(note && !note.ok ? [{ path: "note", expected: note.expected }] : []),
  ];
  if (!outcome || faults.length > 0) return show(deps, asked, { typed, faults, status: 400 });
  const result = await closeIncident(deps, id, { outcome, note: note?.ok ? note.value : null, actor: actorOf(request) });
  if (result.kind === "refused") return show(deps, asked, { typed, faults: [], status: 409 });
  return reply.redirect(`${deps.basePath}/console/incidents/${toPublicId("incident", id)}`, 303);
}

async function show(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const incident = await findIncident(deps.db, idOf(request));
  if (!incident) throw new AccessDenied("not-found");
  const { patientId, noteSealed, id } = incident;
  const patients = patientId === null ? [] : [patientId];
  await tellShown(deps, request, { ids: patients, where: "console incident" });
  const { name = "Nobody", chart = "" } = patientId === null ? {} : ((await loadNames(deps, patients)).get(patientId) ?? {});
  const note = noteSealed && deps.vault.open(noteSealed, placeOfIncidentNote(id));
  const { now } = await readClinicTime(deps.db);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Wrong number",
      heading: `Wrong number: ${name}`,
      room: "replies",
      status: tried.status,
      above: ({ basePath, clinic }) => html`<a href="${basePath}${roomPath(clinic.slug, "replies")}/incidents">Wrong numbers</a>`,
      body: (context) => incidentBody({ incident, chart, note, now, ...tried }, context),
    },
  );
}

type IncidentPage = Tried & { readonly incident: Incident; readonly chart: string; readonly note: string | null; readonly now: Instant };

function incidentBody(page: IncidentPage, context: ConsoleContext): Html {
  const { incident, chart, note, now } = page;
  const { clinicZone: zone, patientId, inboundId, at, closedAt, closedBy, outcome } = incident;
  const link = (path: string, words: string) => html`<a href="${context.basePath}/console/${path}">${words}</a>`;
  const rows = facts([
    ["State", closedAt === null ? pill("amber", "open") : pill("plain", "closed")],
    ["Since", moment(zone, at, now)],
    ["Chart", chart],
    [
      "What was sent there",
      patientId === null ? null : link(`patients/${toPublicId("patient", patientId)}?show=messages`, "Every message to the patient"),
    ],
    ["What said so", inboundId === null ? null : link(`replies/${toPublicId("inbound", inboundId)}`, "The text")],
    ["Found", outcome === null ? null : INCIDENT_OUTCOME_WORDS[outcome]],
    ["Note", note],
    ["Closed", closedAt === null ? null : html`${moment(zone, closedAt, now)} by ${sayActor(closedBy ?? "somebody")}`],
  ]);
  return html`${conflict(page)}<div class="columns wide-left"><div class="stack">${panel("What happened", html`<div class="body"><p>Somebody wrote that a number is theirs and not the patient's. Nothing goes there any more, and links that were sent there open nothing.</p>${rows}</div>`)}</div><div class="stack">${closing(page, context)}</div></div>`;
}

/** Somebody else was faster: what they found is kept, and what was typed can be copied. */
function conflict({ status, typed, incident: { closedBy, closedAt, clinicZone: zone }, now }: IncidentPage): Html | null {
  if (status !== 409) return null;
  const when = closedAt === null ? null : html`, ${moment(zone, closedAt, now)}`;
  const text = typed.text("note");
  return notice(
    "warn",
    html`<p><strong>${sayActor(closedBy ?? "somebody")} closed this${when}, while you had it open.</strong> Nothing of yours was stored.</p>${text === "" ? null : html`<div class="field"><label for="kept">What you typed</label><textarea id="kept" readonly rows="3">${text}</textarea></div>`}`,
  );
}

function closing({ incident, typed, faults }: IncidentPage, context: ConsoleContext): Html | null {
  if (incident.closedAt !== null || !context.mayDo("privacy.close")) return null;
  const fields = formFields(typed, faults);
  const outcomes = INCIDENT_OUTCOMES.map((value) => ({ value, label: INCIDENT_OUTCOME_WORDS[value] }));
  const outcome = fields.select("outcome", "What was found", [{ value: "", label: "Choose" }, ...outcomes]);
  const note = fields.area("note", "Note", { hint: "One reminder, no name in it; kept sealed.", rows: 3 });
  const body = html`${outcome}${note}<p class="hint">It stays closed: what was found is kept.</p><button class="first">Close it</button>`;
  const action = `/console/incidents/${toPublicId("incident", incident.id)}/close`;
  return panel("Close it", html`<div class="body">${fields.rest()}${csrfForm(context, { action, name: "form", body })}</div>`);
}
