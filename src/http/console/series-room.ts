/** A new series: the form, a preview of every message before anything is stored, and the enqueueing. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { getApprovals, listApprovals } from "../../db/approvals.ts";
import { readClinicTime } from "../../db/clinic-clock.ts";
import type { StoredClinic } from "../../db/clinics.ts";
import { findClinicById } from "../../db/view-access.ts";
import { findConsolePatient, listPatientSeries } from "../../db/view-console-patients.ts";
import { findPatientView } from "../../db/view-patient.ts";
import { formatDay } from "../../domain/calendar.ts";
import type { EnqueueRequest } from "../../domain/enqueue-request.ts";
import type { Fault } from "../../domain/fault.ts";
import { parsePublicId, type PatientId, toPublicId } from "../../domain/ids.ts";
import { parseSeries } from "../../domain/parse-series.ts";
import { enqueueSeries } from "../../producers/enqueue-series.ts";
import { previewMessages } from "../../producers/preview-messages.ts";
import { loadPreviewBasis, previewSeries } from "../../producers/preview-series.ts";
import { loadSeriesContext } from "../../producers/series-context.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import type { Choice } from "./console-parts.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { tellShown } from "./tell-shown.ts";
import { readForm, type Typed, typedAs } from "./read-form.ts";
import { type KnownPatient, seriesForm, toSeriesInput } from "./series-form.ts";
import { noPreview, type SeriesPreview, seriesPreview } from "./series-preview.ts";
import { dayAt } from "./say-moment.ts";

const PATH = "/console/clinics/:clinic/series";

export function seriesRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const config = requirePermission("series.change", { of: "clinic" });
    app.get(PATH, { config }, async (request, reply) => {
      const typed = await beginning(deps, request);
      return sendForm(deps, { request, reply }, { typed, faults: [], preview: null });
    });
    app.post(PATH, { config }, async (request, reply) => {
      const typed = readForm(request.body);
      const clinic = await findClinicById(deps.db, clinicOf(request));
      const known = await findKnown(deps, request, typed);
      const parsed = parseSeries(toSeriesInput(typed, { clinic: clinic.slug, known }), await loadSeriesContext(deps.db, clinic));
      if (!parsed.ok) return sendForm(deps, { request, reply }, { typed, faults: parsed.faults, preview: null });
      if (typed.text("step") === "go") return enqueue(deps, { request, reply }, { typed, asked: parsed.value, clinic });
      const made = await makePreview(deps, { typed, asked: parsed.value, warnings: parsed.warnings, known });
      return sendForm(
        deps,
        { request, reply },
        "faults" in made ? { typed, faults: made.faults, preview: null } : { typed, faults: [], preview: made },
      );
    });
  };
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

/** A first visit on the next day, at nine; the patient from whose page somebody came. */
async function beginning(deps: ConsoleDeps, request: FastifyRequest): Promise<Typed> {
  const clinic = await findClinicById(deps.db, clinicOf(request));
  const { now } = await readClinicTime(deps.db);
  const id = parsePublicId("patient", readForm(request.query).text("patient"));
  const isHere = id !== undefined && (await listPatientSeries(deps.db, { patientId: id, clinicIds: [clinic.id] })).length > 0;
  const view = isHere ? await findPatientView(deps.db, id) : undefined;
  if (view) await tellShown(deps, request, { ids: [view.id], where: "console new series" });
  const ref = view ? deps.vault.open(view.refSealed, { table: "patients", column: "ref_sealed", row: view.id }) : null;
  return typedAs({
    ref,
    time: "09:00",
    at: formatDay(dayAt(clinic.zone, now)),
    source: "intake form",
    locale: clinic.locale,
    by: "cadence",
  });
}

async function findKnown(
  { db, vault }: ConsoleDeps,
  request: FastifyRequest,
  typed: Typed,
): Promise<(KnownPatient & { readonly id: PatientId }) | null> {
  const ref = typed.text("ref");
  const clinicId = clinicOf(request);
  const id = ref === "" ? undefined : await findConsolePatient(db, { clinicId, refIndex: vault.blindIndex("ref", ref) });
  const view = id && (await findPatientView(db, id));
  if (!view) return null;
  // A preview that renews itself while somebody types is the look that it began with.
  const look = typed.text("step") === "look" ? ({ kind: "renewal" } as const) : {};
  await tellShown({ db }, request, { ids: [view.id], where: "console new series", ...look });
  const series = await listPatientSeries(db, { patientId: view.id, clinicIds: [clinicId] });
  return {
    id: view.id,
    name: vault.open(view.nameSealed, { table: "patients", column: "name_sealed", row: view.id }),
    hasActiveSeries: series.some(({ status }) => status === "enqueued" || status === "active" || status === "paused"),
    isHeld: view.holdCode !== null,
  };
}

type Making = {
  readonly typed: Typed;
  readonly asked: EnqueueRequest;
  readonly warnings: readonly string[];
  readonly known: KnownPatient | null;
};

async function makePreview(
  deps: ConsoleDeps,
  { typed, asked, warnings, known }: Making,
): Promise<SeriesPreview | { readonly faults: readonly Fault[] }> {
  const basis = await loadPreviewBasis(deps, asked);
  if ("faults" in basis) return { faults: basis.faults };
  if (known?.hasActiveSeries && typed.list("also").length === 0)
    return { faults: [{ path: "patient.ref", expected: "a patient without a series under way, or the box below ticked" }] };
  const preview = previewSeries(asked, basis);
  if (!preview.ok) return { faults: preview.faults };
  const { messages, sessions } = await previewMessages(deps, asked, { basis, rows: preview.rows });
  return {
    typed,
    patientName: asked.patient.name,
    messages,
    sessions,
    warnings: [...warnings, ...preview.warnings],
    now: basis.now,
    undoMinutes: basis.clinic.undoMinutes,
  };
}

type Enqueueing = { readonly typed: Typed; readonly asked: EnqueueRequest; readonly clinic: StoredClinic };

async function enqueue(deps: ConsoleDeps, exchange: Exchange, { typed, asked, clinic }: Enqueueing): Promise<FastifyReply> {
  const { request, reply } = exchange;
  const second = typed.list("also").length > 0 ? "also" : "refuse";
  const [result] = await enqueueSeries(deps, [asked], { clinic: clinic.slug, actor: actorOf(request), second });
  if (!result || result.kind === "refused") return sendForm(deps, exchange, { typed, faults: result?.faults ?? [], preview: null });
  const patientId = result.patientId ?? (await findKnown(deps, request, typed))?.id;
  if (!patientId) throw new Error("A series was enqueued for nobody");
  return reply.redirect(`${deps.basePath}/console/patients/${toPublicId("patient", patientId)}?done=series-enqueued`, 303);
}

type Page = { readonly typed: Typed; readonly faults: readonly Fault[]; readonly preview: SeriesPreview | null };

async function sendForm(deps: ConsoleDeps, { request, reply }: Exchange, { typed, faults, preview }: Page): Promise<FastifyReply> {
  const protocols = await listProtocols(deps, request);
  const known = await findKnown(deps, request, typed);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "New series",
      room: "series",
      status: faults.length > 0 ? 422 : 200,
      body: (context) =>
        html`<div class="compose"><div class="stack">${seriesForm({ typed, faults, protocols, known }, context)}</div>${preview ? seriesPreview(preview, context) : noPreview()}</div>`,
    },
  );
}

/** What is approved at the clinic, the newest version of each first, by its title. */
async function listProtocols({ db }: ConsoleDeps, request: FastifyRequest): Promise<Choice[]> {
  const approvals = await listApprovals(db, clinicOf(request));
  const newest = approvals.filter(
    ({ protocol, version }, index) => approvals.findIndex((each) => each.protocol === protocol && each.version === version) === index,
  );
  const contents = await getApprovals(
    db,
    newest.map(({ id }) => id),
  );
  return newest
    .toSorted((one, other) => one.protocol.localeCompare(other.protocol) || other.version - one.version)
    .map(({ id, protocol, version }) => ({
      value: `${protocol}@${version}`,
      label: `${contents.get(id)?.protocol.title ?? protocol} (${protocol}@${version})`,
    }));
}
