/**
 * Puts a draft, with the wording it is sent with, in force at a clinic.
 *
 * Trigger: a clinician who is signed in. Re-checks: the draft and every message it would send, in every language. Effect: an approval and its event; new series are
 * planned from it, those under way stay with theirs. A repeat of the same content stores nothing.
 */
import { findApprovalInForce, insertApproval } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import type { ApprovalId, ClinicId } from "../domain/ids.ts";
import type { Protocol, ProtocolFile } from "../domain/protocol.ts";
import { checkTemplatesOf, hashRelease, templatesOf } from "../messages/protocol-templates.ts";
import { readTemplates, type TemplateSources } from "../messages/read-templates.ts";
import { withMarkup } from "../messages/translate-markup.ts";
import { packagePath } from "../package-root.ts";
import type { ChangeOptions, Refused } from "./change-facts.ts";
import { findShippedDraft } from "./shipped-drafts.ts";

export type Approved = {
  readonly kind: "approved" | "same";
  /** Null: a dry run of something new. */
  readonly approval: ApprovalId | null;
  readonly hash: string;
  /** Remarks on its templates. */
  readonly warnings: number;
  readonly dryRun: boolean;
};

type Wish = Pick<Protocol, "id" | "version"> & {
  readonly clinicId: ClinicId;
  /** Name and role of who approves it. */
  readonly by: string;
};

export async function approveProtocol(
  { db }: { readonly db: Database },
  { clinicId, by, ...name }: Wish,
  { actor, dryRun }: Pick<ChangeOptions, "actor" | "dryRun">,
): Promise<Approved | Refused> {
  const draft = await findShippedDraft(name);
  if ("faults" in draft) return { kind: "refused", faults: draft.faults };
  const sources = await readTemplates(packagePath("templates"));
  return approveDraft(db, { ...draft, sources, clinicId, by }, { actor, dryRun });
}

/** A sound draft with the wording that it is sent with, from wherever they were read. */
export type DraftToApprove = Pick<Wish, "clinicId" | "by"> & {
  readonly protocol: Protocol;
  /** As written, before defaults and durations are read. */
  readonly file: ProtocolFile;
  readonly sources: TemplateSources;
};

/** The same for a draft that the caller has read. */
export async function approveDraft(
  db: Database,
  { clinicId, by, sources, ...draft }: DraftToApprove,
  { actor, dryRun }: Pick<ChangeOptions, "actor" | "dryRun">,
): Promise<Approved | Refused> {
  const { faults, warnings } = await checkTemplatesOf(draft.protocol, sources);
  if (faults.length > 0) return { kind: "refused", faults };
  const templates = templatesOf(draft.protocol, sources);
  const hash = hashRelease(draft.file, templates);
  const inForce = await findApprovalInForce(db, clinicId, draft.protocol);
  if (inForce?.hash === hash) return { kind: "same", approval: inForce.id, hash, warnings: warnings.length, dryRun };
  if (dryRun) return { kind: "approved", approval: null, hash, warnings: warnings.length, dryRun };
  const written = await withMarkup(templates);
  const approval = await transact(db, async (tx) => {
    const id = await insertApproval(tx, { clinicId, file: draft.file, templates: written, hash, by });
    const data = { protocol: draft.protocol.id, version: draft.protocol.version, hash };
    await appendEvents(tx, [{ kind: "protocol.approved", clinicId, subjectId: id, actor, data }]);
    return id;
  });
  return { kind: "approved", approval, hash, warnings: warnings.length, dryRun };
}
