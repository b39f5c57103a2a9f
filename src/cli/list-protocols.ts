/** `protocol list`: the drafts and, with a database, what is approved where. */
import { hasDatabase } from "../config.ts";
import { listApprovals } from "../db/approvals.ts";
import { listClinics } from "../db/view-clinics.ts";
import { formatInstant } from "../domain/calendar.ts";
import { protocolName } from "../domain/protocol.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type BrokenDraft, type Draft, readDrafts, sourceOf } from "./protocol-files.ts";
import { count, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint, toTable } from "./terminal.ts";

export type ListOptions = { readonly protocols?: string; readonly templates?: string; readonly json?: true };

/** An approval as it stands to the file of the same version. `draft`: the file says the same, something else, or is not there. */
type Approved = {
  readonly clinic: string;
  readonly approvedBy: string;
  readonly approvedAt: string;
  readonly draft: "same" | "differs" | "missing";
};
type Listed = {
  readonly protocol: string;
  readonly title: string | null;
  readonly file: string | null;
  readonly faults: number;
  readonly approvals: readonly Approved[];
};

export async function listProtocols(options: ListOptions): Promise<ExitCode> {
  const drafts = await readDrafts(options.protocols);
  const approvals = hasDatabase() ? await readApprovals(drafts, options) : new Map<string, Approved[]>();
  const listed = [...drafts.map((draft) => toListed(draft, approvals)), ...withoutFile(drafts, approvals)];
  if (options.json) for (const each of listed) printJson(each);
  else show(listed);
  for (const draft of drafts) if ("faults" in draft) for (const fault of draft.faults) say(`${draft.file} ${toLine(fault)}`);
  if (!hasDatabase()) say(tint.dim("DATABASE_URL is not set: drafts only, what clinics have approved is not known"));
  return EXIT.done;
}

function toListed(draft: Draft | BrokenDraft, approvals: ReadonlyMap<string, Approved[]>): Listed {
  if ("faults" in draft) return { protocol: draft.file, title: null, file: draft.file, faults: draft.faults.length, approvals: [] };
  const protocol = protocolName(draft.protocol);
  return { protocol, title: draft.protocol.title, file: draft.file, faults: 0, approvals: approvals.get(protocol) ?? [] };
}

/** Approved once, and the file has moved on to another version. */
function withoutFile(drafts: readonly (Draft | BrokenDraft)[], approvals: ReadonlyMap<string, Approved[]>): Listed[] {
  const known = new Set(drafts.flatMap((draft) => ("protocol" in draft ? protocolName(draft.protocol) : [])));
  return [...approvals]
    .filter(([protocol]) => !known.has(protocol))
    .map(([protocol, list]) => ({ protocol, title: null, file: null, faults: 0, approvals: list }));
}

async function readApprovals(drafts: readonly (Draft | BrokenDraft)[], { templates }: ListOptions): Promise<Map<string, Approved[]>> {
  const { withStore } = await import("./with-store.ts");
  const hashes = await hashDrafts(drafts, templates);
  const listed = new Map<string, Approved[]>();
  await withStore(async ({ db }) => {
    for (const { id, slug } of await listClinics(db)) {
      const newest = new Map(
        (await listApprovals(db, id))
          .toReversed()
          .map((approval) => [protocolName({ id: approval.protocol, version: approval.version }), approval]),
      );
      for (const [name, { hash, approvedBy, approvedAt }] of newest) {
        const draft = hashes.get(name);
        const approved: Approved = {
          clinic: slug,
          approvedBy,
          approvedAt: formatInstant(approvedAt),
          draft: draft === undefined ? "missing" : draft === hash ? "same" : "differs",
        };
        listed.set(name, [...(listed.get(name) ?? []), approved]);
      }
    }
  });
  return listed;
}

async function hashDrafts(drafts: readonly (Draft | BrokenDraft)[], folder: string | undefined): Promise<Map<string, string>> {
  const { hashRelease, readTemplateFolder, templatesOf } = await import("./protocol-templates.ts");
  const sources = await readTemplateFolder(folder);
  return new Map(
    drafts.flatMap((draft) =>
      "protocol" in draft ? [[protocolName(draft.protocol), hashRelease(sourceOf(draft), templatesOf(draft.protocol, sources))]] : [],
    ),
  );
}

const STANDING = { same: "in force", differs: "in force; draft differs", missing: "in force; no file of this version" } as const;

function show(listed: readonly Listed[]): void {
  const rows = listed.flatMap(({ protocol, title, faults, approvals }): string[][] => {
    if (faults > 0) return [[protocol, paint.red(count(faults, "fault"))]];
    const first = [protocol, approvals.length === 0 ? "draft" : "", title ?? ""];
    return [
      first,
      ...approvals.map(({ clinic, approvedBy, approvedAt, draft }) => [
        "",
        clinic,
        `${STANDING[draft]}; approved by ${approvedBy}, ${approvedAt.slice(0, 10)}`,
      ]),
    ];
  });
  for (const line of toTable(rows)) print(line);
}
