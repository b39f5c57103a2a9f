/** `protocol check`: everything in protocol files, and in the templates they name, that would go wrong for a patient. */
import { checkProtocol } from "../domain/check-protocol.ts";
import type { Fault } from "../domain/fault.ts";
import { protocolName } from "../domain/protocol.ts";
import type { TemplateSources } from "../messages/template-sources.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type BrokenDraft, type Draft, readDraft, readDrafts } from "./protocol-files.ts";
import { checkTemplatesOf, readTemplateFolder } from "./protocol-templates.ts";
import { count, sayFaults, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint } from "./terminal.ts";

export type CheckOptions = { readonly protocols?: string; readonly templates?: string; readonly json?: true };

type Checked = {
  readonly file: string;
  readonly protocol: string | null;
  readonly rules: number;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
};

/** The files named, or every one of the folder. Exit code 1 when there is a fault; a warning is no fault. */
export async function checkProtocols(files: readonly string[], { protocols, templates, json }: CheckOptions): Promise<ExitCode> {
  const drafts = files.length > 0 ? await Promise.all(files.map(readDraft)) : await readDrafts(protocols);
  const sources = await readTemplateFolder(templates);
  const faults: Fault[] = [];
  for (const draft of drafts) {
    const checked = await check(draft, sources);
    if (json) printJson(checked);
    else show(checked);
    faults.push(...checked.faults.map((fault) => ({ ...fault, path: `${checked.file} ${fault.path}` })));
  }
  if (faults.length === 0) return EXIT.done;
  sayFaults(faults, "no clinic could approve them");
  return EXIT.refused;
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

function show({ file, protocol, rules, faults, warnings }: Checked): void {
  print(
    faults.length === 0
      ? `${paint.green("ok")}  ${file}: ${protocol}, ${count(rules, "rule")}`
      : `${paint.red("no")}  ${file}: ${count(faults.length, "fault")}`,
  );
  for (const warning of warnings) say(tint.dim(`    ${toLine(warning)}`));
}
