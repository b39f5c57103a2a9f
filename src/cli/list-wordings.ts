/** `template list --clinic`: what a clinic's messages say, and who approved it. */
import { readApprovedTemplates } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import { countAffected, listReleases, type Release } from "../db/template-releases.ts";
import { type ApprovalInUse, listApprovalsInUse } from "../db/view-templates.ts";
import { formatInstant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { toPublicId } from "../domain/ids.ts";
import { hashTemplates, selectTemplates, templateSourcesSchema } from "../messages/template-sources.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getClinic } from "./get-clinic.ts";
import { print, printJson, toTable } from "./terminal.ts";
import { withStore } from "./with-store.ts";

type Wording = {
  readonly stem: string;
  /** Set: this is what every protocol's messages say. */
  readonly release: Release | null;
  /** What they would say without it, where they differ a line each. */
  readonly approved: readonly { readonly approval: ApprovalInUse; readonly hash: string }[];
  readonly pending: number;
};

/** Reads only. */
export async function listClinicWordings(slug: string, { json }: { json?: true }): Promise<ExitCode> {
  const wordings = await withStore(async ({ db }) => readWordings(db, (await getClinic(db, slug)).id));
  if (json) for (const wording of wordings) printJson(toFields(wording));
  else for (const line of toTable(wordings.flatMap(toRows))) print(line);
  return EXIT.done;
}

async function readWordings(db: Database, clinicId: ClinicId): Promise<Wording[]> {
  const inUse = await listApprovalsInUse(db, clinicId);
  const standing = (await listReleases(db, clinicId)).filter(({ rolledBackAt }) => rolledBackAt === null);
  const named = await Promise.all(
    inUse.map(async (approval) => ({ approval, sources: templateSourcesSchema.parse(await readApprovedTemplates(db, approval.id)) })),
  );
  const stems = [...new Set(named.flatMap(({ sources }) => Object.keys(sources)))].sort();
  return Promise.all(
    stems.map(async (stem) => ({
      stem,
      release: standing.find((release) => release.stem === stem) ?? null,
      approved: named
        .filter(({ sources }) => sources[stem] !== undefined)
        .map(({ approval, sources }) => ({ approval, hash: hashTemplates(selectTemplates(sources, [stem])) })),
      pending: (await countAffected(db, clinicId, stem)).messages,
    })),
  );
}

function toRows({ stem, release, approved, pending }: Wording): string[][] {
  const messages = `${pending} to come`;
  if (release) {
    const { hash, approvedBy, releasedAt } = release;
    return [[stem, hash.slice(0, 12), messages, `released by ${approvedBy}, ${formatInstant(releasedAt)}`]];
  }
  return [...Map.groupBy(approved, ({ hash }) => hash)].map(([hash, same], index) => [
    index === 0 ? stem : "",
    hash.slice(0, 12),
    index === 0 ? messages : "",
    same.map(({ approval }) => `${approval.protocol}@${approval.version} approved by ${approval.approvedBy}`).join("; "),
  ]);
}

function toFields({ stem, release, approved, pending }: Wording) {
  return {
    stem,
    pending,
    release: release && {
      release: toPublicId("release", release.id),
      hash: release.hash,
      approvedBy: release.approvedBy,
      releasedAt: formatInstant(release.releasedAt),
    },
    approved: approved.map(({ approval, hash }) => ({
      approval: toPublicId("approval", approval.id),
      protocol: `${approval.protocol}@${approval.version}`,
      hash,
      approvedBy: approval.approvedBy,
      approvedAt: formatInstant(approval.approvedAt),
    })),
  };
}
