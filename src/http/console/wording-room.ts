/** Protocols and wording: what the clinic plans from and what its messages say, and clinicians who put both in force. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { listApprovals } from "../../db/approvals.ts";
import { listReleases } from "../../db/template-releases.ts";
import { CHANNELS } from "../../domain/protocol.ts";
import { clinicOf, requirePermission } from "../auth/staff-access.ts";
import { html } from "../html.ts";
import { type ConsoleDeps, sendConsolePage } from "./console-page.ts";
import { sayRule } from "./say-change.ts";
import { historyList, type HistoryEntry, type ProtocolEntry, protocolList, templateList, wordingPath } from "./wording-pages.ts";
import { protocolRoutes } from "./wording-protocols.ts";
import { momentsOf, newestOf } from "./wording-context.ts";
import { type InUse, loadInUse, loadShipped, protocolKey } from "./wording-sources.ts";
import { templateRoutes } from "./wording-templates.ts";

const LOOK = requirePermission("templates.read", { of: "clinic" });

type Asked = { readonly request: FastifyRequest; readonly reply: FastifyReply };

export function wordingRoom(deps: ConsoleDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/console/clinics/:clinic/wording", { config: LOOK }, (request, reply) => showProtocols(deps, { request, reply }));
    app.get("/console/clinics/:clinic/wording/templates", { config: LOOK }, (request, reply) => showTemplates(deps, { request, reply }));
    app.get("/console/clinics/:clinic/wording/history", { config: LOOK }, (request, reply) => showHistory(deps, { request, reply }));
    await app.register(protocolRoutes(deps));
    await app.register(templateRoutes(deps));
  };
}

async function showProtocols(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const inUse = await loadInUse(deps.db, clinicOf(request));
  const { drafts } = await loadShipped();
  const shown = drafts.map(
    (draft): ProtocolEntry => toEntry(draft.protocol, { inForce: newestOf(inUse, draft.protocol), hash: draft.hash }),
  );
  const others = inUse.filter(
    ({ protocol }) => !drafts.some((draft) => draft.protocol.id === protocol.id && draft.protocol.version === protocol.version),
  );
  const gone = [...new Map(others.map((each) => [protocolKey(each.protocol), each])).values()].map((each) =>
    toEntry(each.protocol, { inForce: each, hash: each.hash }),
  );
  const moments = await momentsOf(deps, request);
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Protocols and wording", room: "wording", body: (context) => protocolList([...shown, ...gone], moments, context) },
  );
}

function toEntry(protocol: InUse["protocol"], { inForce, hash }: { inForce: InUse | undefined; hash: string }): ProtocolEntry {
  return {
    key: protocolKey(protocol),
    title: protocol.title,
    name: `version ${protocol.version}`,
    standing: !inForce ? "draft" : inForce.hash === hash ? "in-force" : "changed",
    approvedBy: inForce?.approvedBy ?? null,
    approvedAt: inForce?.approvedAt ?? null,
  };
}

async function showTemplates(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const clinicId = clinicOf(request);
  const sources = Object.fromEntries((await loadInUse(deps.db, clinicId)).flatMap((each) => Object.entries(each.sources)));
  const standing = (await listReleases(deps.db, clinicId)).filter(({ rolledBackAt }) => rolledBackAt === null);
  const entries = Object.keys(sources)
    .toSorted()
    .map((stem) => {
      const parts = Object.values(sources[stem] ?? {});
      const channels = CHANNELS.filter((channel) => parts.some((part) => part[channel] !== undefined)).map((channel) =>
        channel === "sms" ? "text" : channel === "task" ? "call or task" : channel,
      );
      return { stem, channels, release: standing.find((release) => release.stem === stem) ?? null };
    });
  const moments = await momentsOf(deps, request);
  return sendConsolePage(
    deps,
    { request, reply },
    { title: "Templates", room: "wording", body: (context) => templateList(entries, moments, context) },
  );
}

const REMEMBERED = 200;

async function showHistory(deps: ConsoleDeps, { request, reply }: Asked): Promise<FastifyReply> {
  const clinicId = clinicOf(request);
  const approvals = await listApprovals(deps.db, clinicId);
  const releases = await listReleases(deps.db, clinicId);
  const moments = await momentsOf(deps, request);
  return sendConsolePage(
    deps,
    { request, reply },
    {
      title: "Who approved what",
      room: "wording",
      body: (context) => {
        const toTemplate = (stem: string) => html`<a href="${wordingPath(context, `/templates/${stem}`)}">${sayRule(stem)}</a>`;
        const entries: HistoryEntry[] = [
          ...approvals.map(({ protocol, version, approvedBy, approvedAt }) => ({
            at: approvedAt,
            what: html`approved the protocol <a href="${wordingPath(context, `/protocols/${protocolKey({ id: protocol, version })}`)}">${protocol}, version ${version}</a>`,
            by: approvedBy,
          })),
          ...releases.map(({ stem, approvedBy, releasedAt, rolledBackAt }) => ({
            at: releasedAt,
            what: html`published ${toTemplate(stem)}${rolledBackAt === null ? null : html` <span class="quiet small">(taken back)</span>`}`,
            by: approvedBy,
          })),
        ];
        return historyList(entries.toSorted((a, b) => b.at - a.at).slice(0, REMEMBERED), moments, context);
      },
    },
  );
}
