/** `protocol check`: everything in protocol files, and in the templates they name, that would go wrong for a patient. */
import { listMissingWords } from "../db/missing-words.ts";
import { checkProtocol } from "../domain/check-protocol.ts";
import type { Fault } from "../domain/fault.ts";
import { toPublicId } from "../domain/ids.ts";
import { protocolName } from "../domain/protocol.ts";
import { HOUSE_WORDS } from "../messages/protocol-templates.ts";
import type { TemplateSources } from "../messages/template-sources.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { type BrokenDraft, type Draft, readDraft, readDrafts } from "./protocol-files.ts";
import { checkTemplatesOf, readTemplateFolder } from "./protocol-templates.ts";
import { count, sayFaults, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type CheckOptions = { readonly protocols?: string; readonly templates?: string; readonly clinic?: string; readonly json?: true };

type Checked = {
  readonly file: string;
  readonly protocol: string | null;
  readonly rules: number;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
};

/** The files named, or every one of the folder. Exit code 1 when there is a fault; a warning is no fault. */
export async function checkProtocols(files: readonly string[], { protocols, templates, clinic, json }: CheckOptions): Promise<ExitCode> {
  const drafts = files.length > 0 ? await Promise.all(files.map(readDraft)) : await readDrafts(protocols);
  const sources = await readTemplateFolder(templates);
  const faults: Fault[] = [];
  const said = new Set<string>();
  for (const draft of drafts) {
    const checked = await check(draft, sources);
    if (json) printJson(checked);
    else show(checked, said);
    faults.push(...checked.faults.map((fault) => ({ ...fault, path: `${checked.file} ${fault.path}` })));
  }
  if (clinic !== undefined) faults.push(...(await checkApprovals(clinic, json)));
  if (faults.length === 0) return EXIT.done;
  sayFaults(faults, "no clinic could approve them");
  return EXIT.refused;
}

/** Words that every approval needs and one in use lacks, because it was made before they were written. */
async function checkApprovals(slug: string, json: true | undefined): Promise<readonly Fault[]> {
  const missing = await withStore(async ({ db }) =>
    listMissingWords(db, { needed: HOUSE_WORDS, clinicId: (await getClinic(db, slug)).id }),
  );
  const faults = missing.map(({ protocol, approvalId, channel, stem, locale }): Fault => {
    const path = `${slug} ${protocol} (${toPublicId("approval", approvalId)}) ${channel}/${stem}.${locale}`;
    return {
      path,
      expected: "words for it in the approval: approve the protocol again, and move series under way to it (afterglow series migrate)",
    };
  });
  if (json) printJson({ clinic: slug, faults });
  else
    print(
      faults.length === 0
        ? `${paint.green("ok")}  ${slug}: its approvals in use have all words`
        : `${paint.red("no")}  ${slug}: ${count(faults.length, "word")} missing`,
    );
  return faults;
}

async function check(draft: Draft | BrokenDraft, sources: TemplateSources): Promise<Checked> {
  if ("faults" in draft) return { file: draft.file, protocol: null, rules: 0, faults: draft.faults, warnings: [] };
  const { protocol, file } = draft;
  const { faults, warnings } = await checkTemplatesOf(protocol, sources);
  return {
    file,
    protocol: protocolName(protocol),
    rules: protocol.rules.length,
    faults: [...checkProtocol(protocol), ...faults],
    warnings,
  };
}

/** A warning that an earlier file had as well is counted only: protocols share their templates. */
function show({ file, protocol, rules, faults, warnings }: Checked, said: Set<string>): void {
  print(
    faults.length === 0
      ? `${paint.green("ok")}  ${file}: ${protocol}, ${count(rules, "rule")}`
      : `${paint.red("no")}  ${file}: ${count(faults.length, "fault")}`,
  );
  const lines = new Set(warnings.map(toLine));
  const fresh = [...lines].filter((line) => !said.has(line));
  for (const line of fresh) say(tint.dim(`    ${line}`));
  if (fresh.length < lines.size) say(tint.dim(`    ${count(lines.size - fresh.length, "warning")} as above`));
  for (const line of fresh) said.add(line);
}
