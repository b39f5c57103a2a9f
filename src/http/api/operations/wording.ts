/** Protocols and templates: what is in force at a clinic, and clinicians who put it there. */
import { z } from "zod";
import { type Approval, findApprovalInForce, getApprovals, listApprovals } from "../../../db/approvals.ts";
import type { Database } from "../../../db/database.ts";
import { listReleases, type Release } from "../../../db/template-releases.ts";
import { findNamingStem, listApprovalsInUse, listStemsOf } from "../../../db/view-templates.ts";
import { type ClinicId, toPublicId } from "../../../domain/ids.ts";
import { parseProtocolName, protocolName } from "../../../domain/protocol.ts";
import { checkProtocol } from "../../../domain/check-protocol.ts";
import { checkTemplates } from "../../../messages/check-templates.ts";
import { compileTemplates } from "../../../messages/compile-template.ts";
import { ordinaryExample } from "../../../messages/example-facts.ts";
import { checkTemplatesOf, templateUses } from "../../../messages/protocol-templates.ts";
import { readTemplates } from "../../../messages/read-templates.ts";
import { renderEmail, renderSms, renderTask } from "../../../messages/render-message.ts";
import { selectTemplates, type TemplateSources, templateSourcesSchema } from "../../../messages/template-sources.ts";
import { packagePath } from "../../../package-root.ts";
import { approveProtocol } from "../../../producers/approve-protocol.ts";
import { publishTemplate, rollBackTemplate } from "../../../producers/release-template.ts";
import { listShippedDrafts } from "../../../producers/shipped-drafts.ts";
import { clinicOf, requirePermission, staffOf } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { clinicParam, idText, momentText, toMoment } from "../fields.ts";
import { bare, operation, type Operation } from "../operation.ts";

const approvalEntry = z
  .strictObject({ approval: idText, protocol: z.string(), hash: z.string(), approvedBy: z.string(), approvedAt: momentText })
  .meta({ id: "Approval" });

const nameParam = clinicParam.extend({ protocol: z.string().max(100).meta({ example: "iv-ketamine@1" }) });

function readName(text: string) {
  const name = parseProtocolName(text);
  if (!name) throw toProblem([{ path: "protocol", expected: "a protocol and its version, such as iv-ketamine@1" }]);
  return name;
}

const finding = z.strictObject({ path: z.string(), expected: z.string() });
const plain = ({ path, expected }: { path: string; expected: string }) => ({ path, expected });

const protocols: readonly Operation[] = [
  operation({
    ...bare,
    id: "protocols.list",
    method: "GET",
    path: "/clinics/{clinic}/protocols",
    summary: "List the drafts that ship, and every approval of the clinic, newest first",
    command: "protocol list",
    access: requirePermission("protocols.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({
      drafts: z.array(z.strictObject({ protocol: z.string(), title: z.string() })),
      approvals: z.array(approvalEntry),
    }),
  })(async ({ db }, { request }) => {
    const drafts = (await listShippedDrafts()).map(({ protocol }) => ({ protocol: protocolName(protocol), title: protocol.title }));
    const approvals = (await listApprovals(db, clinicOf(request))).map(({ id, protocol, version, hash, approvedBy, approvedAt }) => ({
      approval: toPublicId("approval", id),
      protocol: `${protocol}@${version}`,
      hash,
      approvedBy,
      approvedAt: toMoment(approvedAt),
    }));
    return { body: { drafts, approvals } };
  }),
  operation({
    ...bare,
    id: "protocols.show",
    method: "GET",
    path: "/clinics/{clinic}/protocols/{protocol}",
    summary: "Show what is in force at a clinic under this name and version",
    command: "protocol show",
    access: requirePermission("protocols.read", { of: "clinic" }).access,
    params: nameParam,
    answer: z.strictObject({
      approval: idText,
      hash: z.string(),
      protocol: z.looseObject({ id: z.string(), version: z.int(), title: z.string() }),
    }),
  })(async ({ db }, { params, request }) => {
    const found = await findApprovalInForce(db, clinicOf(request), readName(params.protocol));
    if (!found) throw new ApiProblem(404);
    return { body: { approval: toPublicId("approval", found.id), hash: found.hash, protocol: { ...found.protocol } } };
  }),
  operation({
    ...bare,
    id: "protocols.check",
    method: "GET",
    path: "/clinics/{clinic}/protocols/{protocol}/check",
    summary: "Check a draft and every message it would send: everything that would go wrong for a patient",
    command: "protocol check",
    access: requirePermission("protocols.read", { of: "clinic" }).access,
    params: nameParam,
    answer: z.strictObject({ protocol: z.string(), sound: z.boolean(), faults: z.array(finding), warnings: z.array(finding) }),
  })(async (_deps, { params }) => {
    const name = readName(params.protocol);
    const draft = (await listShippedDrafts()).find(({ protocol }) => protocol.id === name.id && protocol.version === name.version);
    if (!draft) throw new ApiProblem(404);
    const { faults, warnings } = await checkTemplatesOf(draft.protocol, await readTemplates(packagePath("templates")));
    const all = [...checkProtocol(draft.protocol), ...faults];
    return { body: { protocol: params.protocol, sound: all.length === 0, faults: all.map(plain), warnings: warnings.map(plain) } };
  }),
  operation({
    ...bare,
    id: "protocols.approve",
    method: "POST",
    path: "/clinics/{clinic}/protocols/{protocol}/approve",
    summary: "Put a draft, with the wording it is sent with, in force at a clinic: by a clinician, with both factors just given",
    command: "protocol approve",
    access: requirePermission("protocols.approve", { of: "clinic", fresh: true }).access,
    dryRun: true,
    params: nameParam,
    answer: z.strictObject({
      kind: z.enum(["approved", "same"]),
      approval: idText.nullable(),
      hash: z.string(),
      warnings: z.int(),
      dryRun: z.boolean(),
    }),
  })(async (deps, { params, options, request }) => {
    const { name, login } = staffOf(request).session;
    const wish = { ...readName(params.protocol), clinicId: clinicOf(request), by: `${name} (${login}), clinician` };
    const done = await approveProtocol(deps, wish, options);
    if (done.kind === "refused") throw toProblem(done.faults);
    return { body: { ...done, approval: done.approval && toPublicId("approval", done.approval) } };
  }),
];

const stemParam = clinicParam.extend({
  template: z
    .string()
    .max(100)
    .regex(/^[a-z][a-z0-9-]*$/, "the stem of a template, such as day-before"),
});

/** The approvals in use of a clinic that send from this template. */
async function findNaming(db: Database, clinicId: ClinicId, stem: string): Promise<Approval[]> {
  const inUse = (await listApprovalsInUse(db, clinicId)).map(({ id }) => id);
  return [...(await getApprovals(db, await findNamingStem(db, inUse, stem))).values()];
}

async function checkWording(sources: TemplateSources, { stem, naming }: { stem: string; naming: readonly Approval[] }) {
  const findings = await Promise.all(
    naming.map(({ protocol }) => {
      const stems = templateUses(protocol).filter((use) => use.stem === stem);
      return checkTemplates(sources, { stems, instructions: protocol.instructions });
    }),
  );
  const faults = findings.flat().filter(({ severity }) => severity === "fault");
  if (faults.length > 0) throw toProblem(faults);
}

const release = z.strictObject({
  release: idText,
  template: z.string(),
  hash: z.string(),
  approvedBy: z.string(),
  releasedAt: momentText,
  rolledBack: z.boolean(),
});

function toRelease({ id, stem, hash, approvedBy, releasedAt, rolledBackAt }: Release): z.output<typeof release> {
  return {
    release: toPublicId("release", id),
    template: stem,
    hash,
    approvedBy,
    releasedAt: toMoment(releasedAt),
    rolledBack: rolledBackAt !== null,
  };
}

const affected = z.strictObject({ messages: z.int(), tasks: z.int() });
const wordingBody = z.strictObject({
  sources: templateSourcesSchema.meta({ description: "By stem and language: email (subject, mjml, text), sms, task." }).optional(),
});

const templates: readonly Operation[] = [
  operation({
    ...bare,
    id: "templates.list",
    method: "GET",
    path: "/clinics/{clinic}/templates",
    summary:
      "List what a clinic's messages are written from, and every wording it has published; what a new one would change, publishing says as a dry run",
    command: "template list",
    access: requirePermission("templates.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({ templates: z.array(z.strictObject({ template: z.string() })), releases: z.array(release) }),
  })(async ({ db }, { request }) => {
    const clinicId = clinicOf(request);
    const inUse = await listApprovalsInUse(db, clinicId);
    const stems = await listStemsOf(
      db,
      inUse.map(({ id }) => id),
    );
    return { body: { templates: stems.map((template) => ({ template })), releases: (await listReleases(db, clinicId)).map(toRelease) } };
  }),
  operation({
    ...bare,
    id: "templates.check",
    method: "GET",
    path: "/clinics/{clinic}/templates/check",
    summary: "Render every template that ships in every language with every extreme, and list what must not go out",
    command: "template check",
    access: requirePermission("templates.read", { of: "clinic" }).access,
    params: clinicParam,
    answer: z.strictObject({ findings: z.array(finding.extend({ severity: z.enum(["fault", "warning"]) })) }),
  })(async () => {
    const findings = await checkTemplates(await readTemplates(packagePath("templates")));
    return { body: { findings: findings.map(({ path, expected, severity }) => ({ path, expected, severity })) } };
  }),
  operation({
    ...bare,
    id: "templates.preview",
    method: "POST",
    path: "/clinics/{clinic}/templates/{template}/preview",
    summary: "Show what a template says to a patient who does not exist: as it ships, or as it is sent along",
    command: "template render",
    access: requirePermission("templates.read", { of: "clinic" }).access,
    params: stemParam,
    query: z.strictObject({ locale: z.enum(["en", "es"]).default("en") }),
    body: wordingBody,
    bodyLimit: 512 * 1024,
    answer: z.strictObject({
      template: z.string(),
      locale: z.string(),
      email: z.strictObject({ subject: z.string(), html: z.string(), text: z.string() }).nullable(),
      sms: z.strictObject({ body: z.string(), segments: z.int(), encoding: z.string() }).nullable(),
      task: z.strictObject({ title: z.string(), script: z.string() }).nullable(),
    }),
  })(async (_deps, { params: { template }, query: { locale }, body }) => {
    const sources = selectTemplates(body.sources ?? (await readTemplates(packagePath("templates"))), [template]);
    const parts = sources[template]?.[locale];
    if (!parts) throw new ApiProblem(404);
    const findings = body.sources ? await checkTemplates(sources) : [];
    const faults = findings.filter(({ severity }) => severity === "fault");
    if (faults.length > 0) throw toProblem(faults);
    const compiled = await compileTemplates(sources);
    const { facts, now } = ordinaryExample({ template, locale });
    return {
      body: {
        template,
        locale,
        email: parts.email ? { ...renderEmail(compiled, facts, { now }) } : null,
        sms: parts.sms === undefined ? null : { ...renderSms(compiled, facts, { now }) },
        task: parts.task === undefined ? null : { ...renderTask(compiled, facts, { now }) },
      },
    };
  }),
  operation({
    ...bare,
    id: "templates.publish",
    method: "POST",
    path: "/clinics/{clinic}/templates/{template}/publish",
    summary: "Put a wording in force at a clinic, both languages together: by a clinician, with both factors just given",
    detail: "Without `sources`, the wording that ships. The next message says it.",
    command: "template publish",
    access: requirePermission("templates.publish", { of: "clinic", fresh: true }).access,
    dryRun: true,
    params: stemParam,
    body: wordingBody,
    bodyLimit: 512 * 1024,
    answer: z.union([
      z.strictObject({ kind: z.literal("published"), release: idText, hash: z.string(), affected, dryRun: z.boolean() }),
      z.strictObject({ kind: z.literal("same"), hash: z.string() }),
    ]),
  })(async (deps, { params: { template: stem }, body, options, request }) => {
    const clinicId = clinicOf(request);
    const naming = await findNaming(deps.db, clinicId, stem);
    if (naming.length === 0) throw new ApiProblem(404);
    const sources = selectTemplates(body.sources ?? (await readTemplates(packagePath("templates"))), [stem]);
    if (!sources[stem]) throw toProblem([{ path: `sources.${stem}`, expected: "the template in both languages" }]);
    await checkWording(sources, { stem, naming });
    const { name, login } = staffOf(request).session;
    const publishing = { clinicId, stem, sources, by: `${name} (${login}), clinician`, approvals: naming.map(({ id }) => id) };
    const done = await publishTemplate(deps, publishing, options);
    if (done.kind === "same") return { body: done };
    return { body: { ...done, affected: { ...done.affected }, release: toPublicId("release", done.release) } };
  }),
  operation({
    ...bare,
    id: "templates.rollback",
    method: "POST",
    path: "/clinics/{clinic}/templates/{template}/rollback",
    summary: "Take the newest release of a template back; the one before, or the approved wording, is in force again",
    command: "template rollback",
    access: requirePermission("templates.publish", { of: "clinic", fresh: true }).access,
    dryRun: true,
    params: stemParam,
    answer: z.strictObject({ kind: z.literal("rolled-back"), release, inForce: release.nullable(), affected, dryRun: z.boolean() }),
  })(async (deps, { params, options, request }) => {
    const done = await rollBackTemplate(deps, { clinicId: clinicOf(request), stem: params.template }, options);
    if (done.kind === "refused") throw toProblem(done.faults);
    const { kind, affected: counted, dryRun } = done;
    return {
      body: { kind, release: toRelease(done.release), inForce: done.inForce && toRelease(done.inForce), affected: { ...counted }, dryRun },
    };
  }),
];

export const wording: readonly Operation[] = [...protocols, ...templates];
