/** One template: how it arrives in each language, change it, publish it, take it back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { checkTemplates, type TemplateFinding } from "../../messages/check-templates.ts";
import { templateUses } from "../../messages/protocol-templates.ts";
import { selectTemplates, type TemplateSources } from "../../messages/template-sources.ts";
import { publishTemplate, rollBackTemplate } from "../../producers/release-template.ts";
import { AccessDenied } from "../auth/access-denied.ts";
import { actorOf, clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { roomPath } from "./console-frame.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { readForm } from "./read-form.ts";
import { sayRule } from "./say-change.ts";
import { stepUpFields, takeStepUp } from "./step-up.ts";
import { editPage, proposalPage, rollbackPage, templatePage, wordingPath } from "./wording-pages.ts";
import { previewTemplate } from "./wording-preview.ts";
import { approverOf, momentsOf } from "./wording-context.ts";
import { loadShipped, loadWording, readSources, type Wording } from "./wording-sources.ts";

const LOOK = requirePermission("templates.read", { of: "clinic" });
const PUBLISH = requirePermission("templates.publish", { of: "clinic" });

type Asked = { readonly request: FastifyRequest<{ Params: { clinic: string; template: string } }>; readonly reply: FastifyReply };
type Params = { Params: { clinic: string; template: string } };

const PATH = "/console/clinics/:clinic/wording/templates/:template";

export function templateRoutes(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Params>(PATH, { config: LOOK }, (request, reply) => showTemplate(deps, { request, reply }));
    app.get<Params>(`${PATH}/edit`, { config: PUBLISH }, (request, reply) => showEdit(deps, { request, reply }));
    app.post<Params>(`${PATH}/edit`, { config: PUBLISH }, (request, reply) => showEdit(deps, { request, reply }));
    app.post<Params>(`${PATH}/preview`, { config: PUBLISH }, (request, reply) => propose(deps, { request, reply }, null));
    app.post<Params>(`${PATH}/publish`, { config: PUBLISH }, (request, reply) => publish(deps, { request, reply }));
    app.get<Params>(`${PATH}/rollback`, { config: PUBLISH }, (request, reply) => showRollback(deps, { request, reply }, null));
    app.post<Params>(`${PATH}/rollback`, { config: PUBLISH }, (request, reply) => rollBack(deps, { request, reply }));
  };
}

async function getWording({ db }: ConsoleDeps, request: Asked["request"]): Promise<Wording> {
  const { template } = request.params;
  const wording = /^[a-z][a-z0-9-]{0,99}$/.test(template) ? await loadWording(db, clinicOf(request), template) : undefined;
  if (!wording) throw new AccessDenied("not-found");
  return wording;
}

async function showTemplate(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const wording = await getWording(deps, request);
  const preview = await previewTemplate(wording.sources, wording.stem);
  const moments = await momentsOf(deps, request);
  const done = readForm(request.query).maybe("done");
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: sayRule(wording.stem),
      above: (context) => html`<a href="${wordingPath(context, "/templates")}">Templates</a>`,
      room: "wording",
      body: (context) => templatePage({ wording, preview, done }, moments, context),
    },
  );
}

type Editing = { readonly sources: TemplateSources; readonly findings: readonly TemplateFinding[] };

/** What is in force, what ships, or what was typed before, to be changed. */
async function showEdit(deps: ConsoleDeps, { request, reply }: Asked, tried?: Editing): Promise<FastifyReply> {
  const wording = await getWording(deps, request);
  const { stem } = wording;
  const shipped = readForm(request.query).text("from") === "shipped" ? selectTemplates((await loadShipped()).templates, [stem]) : {};
  const begun = shipped[stem] ? shipped : wording.sources;
  const sources = tried?.sources ?? (request.method === "POST" ? readSources(readForm(request.body), wording) : begun);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: `Change: ${sayRule(stem)}`,
      room: "wording",
      ...(tried && { status: 400 }),
      body: (context) => editPage({ stem, sources, findings: tried?.findings ?? [] }, context),
    },
  );
}

/** As every protocol of the clinic that sends from it would send it. */
async function check(sources: TemplateSources, { stem, approvals }: Wording): Promise<TemplateFinding[]> {
  const found = new Map<string, TemplateFinding>();
  for (const { protocol } of approvals) {
    const stems = templateUses(protocol).filter((use) => use.stem === stem);
    for (const finding of await checkTemplates(sources, { stems, instructions: protocol.instructions }))
      found.set(`${finding.path} ${finding.expected}`, finding);
  }
  return [...found.values()];
}

async function propose(deps: ConsoleDeps, { request, reply }: Asked, stepUpFault: string | null): Promise<FastifyReply> {
  const wording = await getWording(deps, request);
  const { stem } = wording;
  const sources = readSources(readForm(request.body), wording);
  const findings = await check(sources, wording);
  if (findings.some(({ severity }) => severity === "fault")) return showEdit(deps, { request, reply }, { sources, findings });
  const rehearsed = await publishTemplate(deps, publishingOf(request, { wording, sources }), { actor: actorOf(request), dryRun: true });
  const preview = await previewTemplate(sources, stem);
  const affected = rehearsed.kind === "same" ? null : rehearsed.affected;
  const stepUp = stepUpFields(request, stepUpFault);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: `Publish: ${sayRule(stem)}`,
      room: "wording",
      ...(stepUpFault !== null && { status: 400 }),
      body: (context) => proposalPage({ stem, sources, preview, findings, affected, stepUp }, context),
    },
  );
}

function publishingOf(request: Asked["request"], { wording, sources }: { wording: Wording; sources: TemplateSources }) {
  const { stem, approvals } = wording;
  return { clinicId: clinicOf(request), stem, sources, by: approverOf(request), approvals: approvals.map(({ id }) => id) };
}

async function publish(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const wording = await getWording(deps, request);
  const sources = readSources(readForm(request.body), wording);
  const findings = await check(sources, wording);
  if (findings.some(({ severity }) => severity === "fault")) return showEdit(deps, { request, reply }, { sources, findings });
  const stepUpFault = await takeStepUp(deps, request);
  if (stepUpFault !== null) return propose(deps, { request, reply }, stepUpFault);
  const done = await publishTemplate(deps, publishingOf(request, { wording, sources }), { actor: actorOf(request), dryRun: false });
  return reply.redirect(`${templateHref(deps, request)}?done=${done.kind}`, 303);
}

function templateHref({ basePath }: ConsoleDeps, { params: { clinic, template } }: Asked["request"]): string {
  return `${basePath}${roomPath(clinic, "wording")}/templates/${template}`;
}

async function showRollback(deps: ConsoleDeps, { request, reply }: Asked, stepUpFault: string | null): Promise<FastifyReply> {
  const { stem } = await getWording(deps, request);
  const rehearsed = await rollBackTemplate(deps, { clinicId: clinicOf(request), stem }, { actor: actorOf(request), dryRun: true });
  if (rehearsed.kind === "refused") throw new AccessDenied("not-found");
  const { release, inForce, affected } = rehearsed;
  const stepUp = stepUpFields(request, stepUpFault);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: `Roll back: ${sayRule(stem)}`,
      room: "wording",
      ...(stepUpFault !== null && { status: 400 }),
      body: (context) => rollbackPage({ stem, release, inForce, messages: affected.messages, stepUp }, context),
    },
  );
}

async function rollBack(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const { stem } = await getWording(deps, request);
  const stepUpFault = await takeStepUp(deps, request);
  if (stepUpFault !== null) return showRollback(deps, { request, reply }, stepUpFault);
  const done = await rollBackTemplate(deps, { clinicId: clinicOf(request), stem }, { actor: actorOf(request), dryRun: false });
  return reply.redirect(`${templateHref(deps, request)}?done=${done.kind}`, 303);
}
