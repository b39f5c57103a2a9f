/**
 * The one way in which the console changes facts of a patient: a form, a rehearsal that shows everything that follows, and the change. The form carries the revision
 * of the plan that the person saw; when somebody else was faster, the page says who changed what and when, keeps what was typed, and rehearses on what is there now.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import type { StoredClinic } from "../../db/clinics.ts";
import { findClinicById } from "../../db/view-access.ts";
import {
  findPatientOf,
  findSessionHead,
  listPatientSeries,
  listPatientSessions,
  type PatientSeries,
  type SessionHead,
} from "../../db/view-console-patients.ts";
import { findPatientView, type PatientView } from "../../db/view-patient.ts";
import { type ChangeSince, findNewestEvent, listChangesSince } from "../../db/view-patient-timeline.ts";
import type { Instant } from "../../domain/calendar.ts";
import { type ClinicId, parsePublicId, type PatientId, toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import type { Permission } from "../../domain/roles.ts";
import type { Changed, ChangeOptions } from "../../producers/change-facts.ts";
import { FACTS } from "../../producers/tell-story.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { consequences, countConsequences } from "./consequences.ts";
import { csrfForm } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { tellShown } from "./tell-shown.ts";
import { notice } from "./console-parts.ts";
import { type FormFields, formFields } from "./form-fields.ts";
import { readableClinics } from "./readable-clinics.ts";
import { readCount, readForm, type Typed } from "./read-form.ts";
import { sayActor, withoutCommands } from "./say-change.ts";
import { moment } from "./say-moment.ts";

/** Of whom and of what a change is. */
export type About = {
  readonly id: string;
  readonly patientId: PatientId;
  readonly view: PatientView;
  readonly name: string;
  readonly chart: string;
  readonly clinicId: ClinicId;
  readonly clinic: StoredClinic;
  readonly zone: Zone;
  readonly now: Instant;
  readonly actor: string;
  readonly series?: PatientSeries;
  readonly session?: SessionHead;
};

export type ConsoleChange = {
  readonly of: "patient" | "series" | "session";
  /** Last part of its address. */
  readonly verb: string;
  readonly permission: Permission;
  /** Heading, and what the button says that does it. */
  readonly title: string;
  /** A sentence about what it means. */
  readonly meaning: string;
  readonly isDangerous?: true;
  /** What to ask; left out: nothing. */
  readonly fields?: (form: FormFields, about: About) => Html;
  /** What stands in the fields at first. */
  readonly begin?: (about: About, asked: Typed) => Typed;
  readonly run: (
    deps: ConsoleDeps,
    about: About,
    asked: { readonly typed: Typed; readonly options: ChangeOptions },
  ) => Promise<Changed<unknown>>;
  /** What the rehearsal found besides messages. */
  readonly tell?: (value: unknown, about: About) => Html | null;
};

export function pathOfChange({ of, verb }: Pick<ConsoleChange, "of" | "verb">, id: string): string {
  return `/console/${of === "series" ? "series" : `${of}s`}/${toPublicId(of, id)}/${verb}`;
}

export function changeRoom(changes: readonly ConsoleChange[]) {
  return (deps: ConsoleDeps) =>
    async (app: FastifyInstance): Promise<void> => {
      for (const change of changes) {
        const path = `/console/${change.of === "series" ? "series" : `${change.of}s`}/:${change.of}/${change.verb}`;
        const config = requirePermission(change.permission, { of: change.of });
        app.get(path, { config }, async (request, reply) => {
          const about = await findAbout(deps, change, request);
          const typed = change.begin?.(about, readForm(request.query)) ?? readForm({});
          return sendChange(deps, { request, reply }, { change, about, typed, seen: await findNewestEvent(deps.db), outcome: null });
        });
        app.post(path, { config }, (request, reply) => takeChange(deps, { request, reply }, change));
      }
    };
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply };

async function takeChange(deps: ConsoleDeps, exchange: Exchange, change: ConsoleChange): Promise<FastifyReply> {
  const { request, reply } = exchange;
  const about = await findAbout(deps, change, request);
  const typed = readForm(request.body);
  const seen = readCount(typed.text("seen")) ?? (await findNewestEvent(deps.db));
  const revision = readCount(typed.text("revision"));
  const options = { actor: about.actor, dryRun: typed.text("step") !== "go", ifRevision: revision ?? null };
  const result = await change.run(deps, about, { typed, options });
  if (result.kind === "changed" && !result.dryRun)
    return reply.redirect(
      `${deps.basePath}/console/patients/${toPublicId("patient", about.patientId)}?done=${change.of}-${change.verb}`,
      303,
    );
  if (!isConflict(result)) return sendChange(deps, exchange, { change, about, typed, seen, outcome: { result, since: null } });
  const since = await listChangesSince(deps.db, { patientId: about.patientId, clinicIds: readableClinics(request), seen });
  const afresh = await change.run(deps, about, { typed, options: { ...options, dryRun: true, ifRevision: null } });
  return sendChange(deps, exchange, { change, about, typed, seen: await findNewestEvent(deps.db), outcome: { result: afresh, since } });
}

function isConflict(result: Changed<unknown>): boolean {
  return result.kind === "refused" && result.faults.some(({ path }) => path === "revision");
}

type Shown = {
  readonly change: ConsoleChange;
  readonly about: About;
  readonly typed: Typed;
  readonly seen: number;
  /** Null before anything was asked; `since`: what others have changed meanwhile. */
  readonly outcome: { readonly result: Changed<unknown>; readonly since: readonly ChangeSince[] | null } | null;
};

async function sendChange(deps: ConsoleDeps, exchange: Exchange, shown: Shown): Promise<FastifyReply> {
  const { change, about, outcome } = shown;
  const numbers = await findNumbers(deps, about);
  const status = outcome?.since ? 409 : outcome?.result.kind === "refused" ? 422 : 200;
  return sendConsolePage(deps, exchange, {
    title: change.title,
    room: "patients",
    status,
    above: ({ basePath, clinic }) =>
      html`<a href="${basePath}/console/clinics/${clinic.slug}/patients">Patients</a> / <a href="${basePath}${patientPath(about)}">${about.name}</a> <span class="quiet">${about.chart}</span>`,
    body: (context) => changeBody(shown, { context, numbers }),
  });
}

function patientPath({ patientId }: About): string {
  return `/console/patients/${toPublicId("patient", patientId)}`;
}

async function findNumbers({ db }: ConsoleDeps, { patientId, clinicId }: About): Promise<ReadonlyMap<string, number>> {
  const series = await listPatientSeries(db, { patientId, clinicIds: [clinicId] });
  const sessions = await listPatientSessions(
    db,
    series.map(({ id }) => id),
  );
  return new Map(sessions.map(({ id, number }) => [id, number]));
}

function changeBody(shown: Shown, { context, numbers }: { context: ConsoleContext; numbers: ReadonlyMap<string, number> }): Html {
  const { change, about, typed, outcome } = shown;
  const faults = outcome?.result.kind === "refused" ? outcome.result.faults : [];
  const form = formFields(typed, faults);
  const fields = change.fields?.(form, about) ?? null;
  const conflict = outcome?.since ? conflictNotice(outcome.since, about) : null;
  return html`${conflict}${form.rest()}<p class="quiet">${change.meaning}</p>
${fields || outcome?.result.kind !== "changed" ? askForm(shown, { context, fields }) : null}
${outcome?.result.kind === "same" ? notice("plain", html`<p>It is so already. There is nothing to change.</p>`) : null}
${outcome?.result.kind === "changed" ? rehearsed(shown, outcome.result, { context, numbers }) : null}`;
}

function hidden({ about, seen }: Shown): Html {
  return html`<input type="hidden" name="revision" value="${about.view.revision}"><input type="hidden" name="seen" value="${seen}">`;
}

function askForm(shown: Shown, { context, fields }: { context: ConsoleContext; fields: Html | null }): Html {
  const { change, about, outcome } = shown;
  const isSeen = outcome?.result.kind === "changed";
  return csrfForm(context, {
    action: pathOfChange(change, about.id),
    name: "form",
    body: html`${fields}${hidden(shown)}<div class="buttons"><button class="${isSeen ? "" : "first"}" name="step" value="look">${isSeen ? "Look again" : "See what follows"}</button><a class="button" href="${context.basePath}${patientPath(about)}">Back</a></div>`,
  });
}

type Rehearsed = Extract<Changed<unknown>, { kind: "changed" }>;

/** What would be done, and the button that does exactly that: with what was typed, at the revision that was rehearsed on. */
function rehearsed(
  shown: Shown,
  result: Rehearsed,
  { context, numbers }: { context: ConsoleContext; numbers: ReadonlyMap<string, number> },
): Html {
  const { change, about, typed } = shown;
  const { touchpoints, warnings, value } = result;
  const naming = { now: about.now, patientName: about.name, numbers };
  const kept = typed.entries.map(([name, text]) => html`<input type="hidden" name="${name}" value="${text}">`);
  return html`<section class="panel" id="preview" aria-label="What follows"><header><h2>What follows</h2><span class="quiet">${countConsequences(touchpoints)}</span></header>
${warnings.length > 0 ? html`<div class="body">${warnings.map((warning) => notice("warn", html`<p>${capital(withoutCommands(warning))}.</p>`))}</div>` : null}${change.tell?.(value, about) ?? null}
${consequences(touchpoints, naming)}
${csrfForm(context, {
  action: pathOfChange(change, about.id),
  name: "confirm",
  body: html`${kept}${hidden(shown)}<button class="${change.isDangerous ? "danger" : "first"}" name="step" value="go">${change.title}</button><a class="button" href="${context.basePath}${patientPath(about)}">Leave it as it is</a><span class="quiet small">Nothing has been stored yet.</span>`,
})}</section>`;
}

function conflictNotice(since: readonly ChangeSince[], { zone, now }: About): Html {
  const one = ({ actor, at, kind, session }: ChangeSince) =>
    html`<li><strong>${sayActor(actor)}</strong>, ${moment(zone, at, now)}: ${FACTS[kind] ?? kind.replaceAll(/[._-]/g, " ")}${session === null ? null : html` (visit ${session})`}</li>`;
  return notice(
    "warn",
    html`<p><strong>Somebody else changed this patient's plan while you were here.</strong> Nothing of yours was stored, and what you typed is kept.</p>${since.length === 0 ? html`<p>What changed is not a fact of the record; the plan was made again.</p>` : html`<ul>${since.map(one)}</ul>`}`,
  );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Opens who it is about, and says so in the audit. */
async function findAbout(deps: ConsoleDeps, change: Pick<ConsoleChange, "of" | "verb">, request: FastifyRequest): Promise<About> {
  const { db, vault } = deps;
  const { params } = request;
  const text: unknown = typeof params === "object" && params !== null ? Reflect.get(params, change.of) : undefined;
  const id = typeof text === "string" ? parsePublicId(change.of, text) : undefined;
  const patientId = id && (change.of === "patient" ? parsePublicId("patient", id) : await findPatientOf(db, change.of, id));
  const view = patientId && (await findPatientView(db, patientId));
  if (!id || !patientId || !view) throw new AccessDenied("not-found");
  const clinicId = clinicOf(request);
  const session = change.of === "session" ? await findSessionHead(db, id) : undefined;
  const seriesId = change.of === "series" ? id : session?.seriesId;
  const series = seriesId && (await listPatientSeries(db, { patientId, clinicIds: [clinicId] })).find((each) => each.id === seriesId);
  const clinic = await findClinicById(db, clinicId);
  const actor = actorOf(request);
  const where = `console ${change.of} ${change.verb}`;
  await tellShown(deps, request, { ids: [patientId], where });
  const open = (column: string, sealed: Buffer) => vault.open(sealed, { table: "patients", column, row: patientId });
  const { now } = await readClinicTime(db);
  return {
    id,
    patientId,
    view,
    name: open("name_sealed", view.nameSealed),
    chart: open("ref_sealed", view.refSealed),
    clinicId,
    clinic,
    zone: session?.zone ?? clinic.zone,
    now,
    actor,
    ...(series && { series }),
    ...(session && { session }),
  };
}
