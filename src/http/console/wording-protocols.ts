/** One protocol: read it along the course, and put it in force. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Fault } from "../../domain/fault.ts";
import type { Protocol } from "../../domain/protocol.ts";
import { approveProtocol } from "../../producers/approve-protocol.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import { type ConsoleContext, type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { notice, panel } from "./console-parts.ts";
import { readForm } from "./read-form.ts";
import { sayRule } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { stepUpFields, takeStepUp } from "./step-up.ts";
import { standingPill, wordingPath } from "./wording-pages.ts";
import { protocolFacts, protocolTimeline } from "./wording-protocol.ts";
import { approverOf, momentsOf, newestOf } from "./wording-context.ts";
import { type Draft, type InUse, loadInUse, loadShipped, protocolKey } from "./wording-sources.ts";

const LOOK = requirePermission("protocols.read", { of: "clinic" });
const APPROVE = requirePermission("protocols.approve", { of: "clinic" });

type Asked = { readonly request: FastifyRequest<{ Params: { protocol: string } }>; readonly reply: FastifyReply };
type Tried = { readonly faults: readonly Fault[]; readonly stepUpFault: string | null };

export function protocolRoutes(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<{ Params: { protocol: string } }>("/console/clinics/:clinic/wording/protocols/:protocol", { config: LOOK }, (request, reply) =>
      show(deps, { request, reply }, { faults: [], stepUpFault: null }),
    );
    app.post<{ Params: { protocol: string } }>(
      "/console/clinics/:clinic/wording/protocols/:protocol/approve",
      { config: APPROVE },
      (request, reply) => approve(deps, { request, reply }),
    );
  };
}

type Found = { readonly draft: Draft | undefined; readonly inForce: InUse | undefined; readonly protocol: Protocol };

/** The one that the address names: as it is in force, else as it ships. */
async function find({ db }: ConsoleDeps, request: Asked["request"]): Promise<Found> {
  const inUse = await loadInUse(db, clinicOf(request));
  const { protocol: key } = request.params;
  const draft = (await loadShipped()).drafts.find(({ protocol }) => protocolKey(protocol) === key);
  const protocol = draft?.protocol ?? inUse.find((each) => protocolKey(each.protocol) === key)?.protocol;
  if (!protocol) throw new AccessDenied("not-found");
  return { draft, inForce: newestOf(inUse, protocol), protocol };
}

async function show(deps: ConsoleDeps, { request, reply }: Asked, tried: Tried): Promise<FastifyReply> {
  const found = await find(deps, request);
  const moments = await momentsOf(deps, request);
  const stepUp = stepUpFields(request, tried.stepUpFault);
  const query = readForm(request.query);
  const wantsDraft = query.text("of") === "draft" && found.draft !== undefined;
  const shown = wantsDraft ? found.draft?.protocol : (found.inForce?.protocol ?? found.protocol);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Protocol",
      heading: found.protocol.title,
      above: (context) => html`<a href="${wordingPath(context)}">Protocols</a>`,
      room: "wording",
      ...((tried.faults.length > 0 || tried.stepUpFault !== null) && { status: 400 }),
      body: (
        context,
      ) => html`${query.text("done") === "approved" ? notice("good", html`<p>Approved: new series are planned from it, those under way stay with theirs.</p>`) : null}${sayFaults(tried)}
${standing(found, moments, context)}${approval(found, stepUp, context)}${protocolFacts(shown ?? found.protocol)}${protocolTimeline(shown ?? found.protocol, context)}`,
    },
  );
}

function sayFaults({ faults }: Tried): Html | null {
  if (faults.length === 0) return null;
  return notice(
    "bad",
    html`<p><strong>It was not approved.</strong></p><ul>${faults.slice(0, 20).map(({ path, expected }) => html`<li><code>${path}</code>: expected ${expected}</li>`)}</ul>`,
  );
}

function standing({ draft, inForce }: Found, { zone, now }: Awaited<ReturnType<typeof momentsOf>>, context: ConsoleContext): Html {
  if (!inForce)
    return html`<p>${standingPill("draft")} <span class="quiet">What ships is a draft until a clinician of this clinic approves it.</span></p>`;
  const isSame = !draft || draft.hash === inForce.hash;
  const key = protocolKey(inForce.protocol);
  const change =
    isSame || !draft
      ? null
      : html`<p>What ships differs: ${sayDifference(inForce.protocol, draft.protocol)} <a href="${wordingPath(context, `/protocols/${key}?of=draft`)}">Read what ships</a></p>`;
  return html`<p>${standingPill(isSame ? "in-force" : "changed")} <span class="quiet">approved by ${inForce.approvedBy}, ${moment(zone, inForce.approvedAt, now)}</span></p>${change}`;
}

/** Rule by rule; what differs in no rule differs in phases, instructions or wording. */
function sayDifference(inForce: Protocol, draft: Protocol): string {
  const rules = new Map(inForce.rules.map((rule) => [rule.id, JSON.stringify(rule)]));
  const added = draft.rules.filter(({ id }) => !rules.has(id)).map(({ id }) => sayRule(id));
  const gone = inForce.rules.filter(({ id }) => !draft.rules.some((rule) => rule.id === id)).map(({ id }) => sayRule(id));
  const changed = draft.rules
    .filter((rule) => rules.has(rule.id) && rules.get(rule.id) !== JSON.stringify(rule))
    .map(({ id }) => sayRule(id));
  const parts = [
    ...(added.length > 0 ? [`new: ${added.join(", ")}`] : []),
    ...(gone.length > 0 ? [`gone: ${gone.join(", ")}`] : []),
    ...(changed.length > 0 ? [`changed: ${changed.join(", ")}`] : []),
  ];
  return `${parts.join("; ") || "the rules are the same, something else or the wording is not"}.`;
}

function approval({ draft, inForce }: Found, stepUp: Html | null, context: ConsoleContext): Html | null {
  if (!draft || draft.hash === inForce?.hash) return null;
  if (!context.mayDo("protocols.approve")) return html`<p class="quiet">A clinician approves it.</p>`;
  const action = `${roomPath(context.clinic.slug, "wording")}/protocols/${protocolKey(draft.protocol)}/approve`;
  const body = html`<p>Read every rule below first. With it you approve the wording of every message it sends, in both languages.</p><input type="hidden" name="hash" value="${draft.hash}">${stepUp}<button class="first">Approve what ships</button>`;
  return panel("Approve", html`<div class="body">${csrfForm(context, { action, name: "form", body })}</div>`);
}

async function approve(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const { draft } = await find(deps, request);
  if (!draft) throw new AccessDenied("not-found");
  if (readForm(request.body).text("hash") !== draft.hash)
    return show(
      deps,
      { request, reply },
      { faults: [{ path: "protocol", expected: "the draft that was read: it has changed since" }], stepUpFault: null },
    );
  const stepUpFault = await takeStepUp(deps, request);
  if (stepUpFault !== null) return show(deps, { request, reply }, { faults: [], stepUpFault });
  const { id, version } = draft.protocol;
  const wish = { id, version, clinicId: clinicOf(request), by: approverOf(request) };
  const result = await approveProtocol(deps, wish, { actor: actorOf(request), dryRun: false });
  if (result.kind === "refused") return show(deps, { request, reply }, { faults: result.faults, stepUpFault: null });
  const path = `${roomPath(readClinicSlug(request), "wording")}/protocols/${request.params.protocol}`;
  return reply.redirect(`${deps.basePath}${path}?done=approved`, 303);
}

function readClinicSlug({ params }: Asked["request"]): string {
  return "clinic" in params && typeof params.clinic === "string" ? params.clinic : "";
}
