/** `protocol approve`: a clinician puts a draft, with the wording it is sent with, in force at a clinic. */
import { toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { parseProtocolName } from "../domain/protocol.ts";
import { approveDraft } from "../producers/approve-protocol.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getDraft, sourceOf } from "./protocol-files.ts";
import { readTemplateFolder } from "./protocol-templates.ts";
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
  const file = sourceOf(draft);
  const result = await withStore(async ({ db }) => {
    const { id: clinicId } = await getClinic(db, slug);
    const wish = { protocol: draft.protocol, file, sources, clinicId, by: approver.value };
    return approveDraft(db, wish, { actor: `staff:${approver.value}`, dryRun: false });
  });
  if (result.kind === "refused") throw new Refusal(result.faults, "nothing was approved");
  const { kind, approval, hash, warnings } = result;
  if (warnings > 0)
    say(`${count(warnings, "warning")} about its templates; none of them is in the way (afterglow protocol check lists them)`);
  if (json) printJson({ protocol: name, clinic: slug, approval: approval && toPublicId("approval", approval), hash, kind });
  else
    print(
      kind === "approved"
        ? `Approved ${name} at ${slug} by ${approver.value}: new series are planned from this text.`
        : `${name} is approved at ${slug} with this very text already; nothing was stored.`,
    );
  return EXIT.done;
}
