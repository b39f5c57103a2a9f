/** `protocol approve`: a clinician puts a draft, with the wording it is sent with, in force at a clinic. */
import { findApprovalInForce, insertApproval } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import type { ApprovalId } from "../domain/ids.ts";
import { toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { parseProtocolName, type ProtocolFile } from "../domain/protocol.ts";
import { withMarkup } from "../messages/translate-markup.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getDraft, sourceOf } from "./protocol-files.ts";
import { checkTemplatesOf, hashRelease, readTemplateFolder, templatesOf } from "./protocol-templates.ts";
import { count } from "./show-faults.ts";
import { print, printJson, say } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ApproveOptions = {
  readonly clinic: string;
  readonly by: string;
  readonly protocols?: string;
  readonly templates?: string;
  readonly json?: true;
};

/** The same content again says so and stores nothing. */
export async function approveProtocol(
  name: string,
  { clinic: slug, by, protocols, templates: from, json }: ApproveOptions,
): Promise<ExitCode> {
  const wanted = parseProtocolName(name);
  if (!wanted) throw new UsageError(`${name}: expected a protocol and its version, such as iv-ketamine@1.`);
  const approver = parseLine(by, { most: 200 });
  if (!approver.ok) throw new UsageError(`--by: expected ${approver.expected}.`);
  const draft = await getDraft(wanted, protocols);
  const sources = await readTemplateFolder(from);
  const { faults, warnings } = await checkTemplatesOf(draft.protocol, sources);
  if (warnings.length > 0) say(`warning: ${count(warnings.length, "remark")} on its templates (afterglow protocol check lists them)`);
  if (faults.length > 0) throw new Refusal(faults, "nothing was approved");
  const templates = templatesOf(draft.protocol, sources);
  const file = sourceOf(draft);
  const release = { file, hash: hashRelease(file, templates), templates: await withMarkup(templates), by: approver.value };
  const { id, hash, added } = await withStore(({ db }) => approve(db, slug, release));
  if (json) printJson({ protocol: name, clinic: slug, approval: toPublicId("approval", id), hash, kind: added ? "approved" : "same" });
  else
    print(
      added
        ? `Approved ${name} at ${slug} by ${approver.value}: new series are planned from this text.`
        : `${name} is approved at ${slug} with this very text already; nothing was stored.`,
    );
  return EXIT.done;
}

type Release = {
  readonly file: ProtocolFile;
  readonly hash: string;
  readonly templates: ReturnType<typeof templatesOf>;
  readonly by: string;
};

async function approve(
  db: Database,
  slug: string,
  { file, hash, templates, by }: Release,
): Promise<{ id: ApprovalId; hash: string; added: boolean }> {
  const clinic = await getClinic(db, slug);
  const inForce = await findApprovalInForce(db, clinic.id, file);
  if (inForce?.hash === hash) return { id: inForce.id, hash, added: false };
  return transact(db, async (tx) => {
    const id = await insertApproval(tx, { clinicId: clinic.id, file, templates, hash, by });
    const data = { protocol: file.id, version: file.version, hash };
    await appendEvents(tx, [{ kind: "protocol.approved", clinicId: clinic.id, subjectId: id, actor: `staff:${by}`, data }]);
    return { id, hash, added: true };
  });
}
