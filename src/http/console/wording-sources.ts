/** What the pages of protocols and wording are made from: drafts and templates that ship, what is in force at the clinic, and what somebody typed. */
import { createHash } from "node:crypto";
import { type Approval, getApprovals, readApprovedTemplates } from "../../db/approvals.ts";
import type { Database } from "../../db/database.ts";
import { listReleases, type Release } from "../../db/template-releases.ts";
import { type ApprovalInUse, listApprovalsInUse } from "../../db/view-templates.ts";
import { LOCALES, type Locale } from "../../domain/clinic.ts";
import type { ClinicId } from "../../domain/ids.ts";
import { type Protocol, protocolName } from "../../domain/protocol.ts";
import { hashRelease, templatesOf } from "../../messages/protocol-templates.ts";
import { readTemplates } from "../../messages/read-templates.ts";
import {
  hashTemplates,
  selectTemplates,
  type TemplateParts,
  type TemplateSources,
  templateSourcesSchema,
} from "../../messages/template-sources.ts";
import { packagePath } from "../../package-root.ts";
import { listShippedDrafts, type ShippedDraft } from "../../producers/shipped-drafts.ts";
import type { Typed } from "./read-form.ts";

export type Draft = ShippedDraft & { readonly hash: string };
export type Shipped = { readonly drafts: readonly Draft[]; readonly templates: TemplateSources };

let shipped: Promise<Shipped> | undefined;

/** Read once a process: what ships does not change while it runs. */
export function loadShipped(): Promise<Shipped> {
  shipped ??= readShipped().catch((error: unknown) => {
    shipped = undefined;
    throw error;
  });
  return shipped;
}

async function readShipped(): Promise<Shipped> {
  const templates = await readTemplates(packagePath("templates"));
  const drafts = await listShippedDrafts();
  return {
    templates,
    drafts: drafts.map((draft) => ({ ...draft, hash: hashRelease(draft.file, templatesOf(draft.protocol, templates)) })),
  };
}

/** Stands in addresses for a protocol, whose name would say what is treated. */
export function protocolKey(protocol: Pick<Protocol, "id" | "version">): string {
  return createHash("sha256").update(protocolName(protocol)).digest("hex").slice(0, 16);
}

export type InUse = Omit<ApprovalInUse, "protocol" | "version"> &
  Pick<Approval, "protocol" | "hash"> & { readonly sources: TemplateSources };

/** The approvals that the clinic plans and sends from. */
export async function loadInUse(db: Database, clinicId: ClinicId): Promise<InUse[]> {
  const listed = await listApprovalsInUse(db, clinicId);
  const approvals = await getApprovals(
    db,
    listed.map(({ id }) => id),
  );
  const inUse: InUse[] = [];
  for (const entry of listed) {
    const approval = approvals.get(entry.id);
    if (!approval) continue;
    const sources = templateSourcesSchema.parse(await readApprovedTemplates(db, entry.id));
    inUse.push({ ...entry, protocol: approval.protocol, hash: approval.hash, sources });
  }
  return inUse;
}

export type Wording = {
  readonly stem: string;
  /** What is sent now. */
  readonly sources: TemplateSources;
  /** Null: as approved. */
  readonly release: Release | null;
  readonly approvals: readonly InUse[];
  /** Whether the protocols of the clinic say it in different words. */
  readonly differs: "same" | "differs";
  readonly releases: readonly Release[];
};

/** The wording of a template at a clinic; undefined when no approved protocol sends from it. */
export async function loadWording(db: Database, clinicId: ClinicId, stem: string): Promise<Wording | undefined> {
  const approvals = (await loadInUse(db, clinicId)).filter(({ sources }) => Object.hasOwn(sources, stem));
  const [first] = approvals;
  if (!first) return undefined;
  const releases = await listReleases(db, clinicId, stem);
  const release = releases.find(({ rolledBackAt }) => rolledBackAt === null) ?? null;
  const stored =
    release && (await db.selectFrom("templateReleases").select("sources").where("id", "=", release.id).executeTakeFirstOrThrow());
  const hashes = new Set(approvals.map(({ sources }) => hashTemplates(selectTemplates(sources, [stem]))));
  const sources = stored ? templateSourcesSchema.parse({ [stem]: stored.sources }) : selectTemplates(first.sources, [stem]);
  return { stem, sources, release, approvals, differs: release === null && hashes.size > 1 ? "differs" : "same", releases };
}

export const EMAIL_PARTS = ["subject", "mjml", "text"] as const;

/** The name of the field of a part. */
export function fieldOf(locale: Locale, part: string): string {
  return `${locale}-${part}`;
}

/** What was typed, in place of the parts that the template has; a part that was not typed stays as it is. */
export function readSources(typed: Typed, { stem, sources }: Pick<Wording, "stem" | "sources">): TemplateSources {
  const byLocale = LOCALES.flatMap((locale) => {
    const parts = sources[stem]?.[locale];
    return parts ? [[locale, readParts(typed, locale, parts)] as const] : [];
  });
  return { [stem]: Object.fromEntries(byLocale) };
}

function readParts(typed: Typed, locale: Locale, { email, sms, task }: TemplateParts): TemplateParts {
  const read = (part: string, before: string) => {
    const text = typed.maybe(fieldOf(locale, part))?.replaceAll("\r\n", "\n");
    // A form drops the last line break; that is no change of the wording.
    return text === undefined || text === before.trim() ? before : `${text}\n`;
  };
  return {
    ...(email && { email: { subject: read("subject", email.subject), mjml: read("mjml", email.mjml), text: read("text", email.text) } }),
    ...(sms !== undefined && { sms: read("sms", sms) }),
    ...(task !== undefined && { task: read("task", task) }),
  };
}
