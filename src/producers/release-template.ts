/**
 * Publishes a clinic's wording of a template, and takes the newest one back.
 *
 * Trigger: staff (`template publish`, `template rollback`), after the wording was checked. Re-checks: under the clinic's lock, what is in force. Effect: a
 * release, and its event; every message rendered from then on says it, within a second in every process. No plan changes. A repeat of the wording that is in
 * force stores nothing; a repeat of a rollback takes back the release before.
 */
import { readApprovedTemplates } from "../db/approvals.ts";
import { lockClinic } from "../db/closures.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { countAffected, insertRelease, listReleases, type Release, readReleases, rollBackRelease } from "../db/template-releases.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import type { ApprovalId, ClinicId, ReleaseId } from "../domain/ids.ts";
import { overlayReleases } from "../messages/overlay-releases.ts";
import { hashTemplates, selectTemplates, type TemplateSources } from "../messages/template-sources.ts";
import { withMarkup } from "../messages/translate-markup.ts";
import { type ChangeOptions, refuse, type Refused } from "./change-facts.ts";

type Options = Pick<ChangeOptions, "actor" | "dryRun">;
type Affected = { readonly messages: number; readonly tasks: number };

export type Publishing = {
  readonly clinicId: ClinicId;
  readonly stem: string;
  /** The stem in every locale, sound for every protocol that names it. */
  readonly sources: TemplateSources;
  /** Name and role of who approved it. */
  readonly by: string;
  /** The approvals of the clinic that name the stem. */
  readonly approvals: readonly ApprovalId[];
};

export type Published =
  | {
      readonly kind: "published";
      readonly release: ReleaseId;
      readonly hash: string;
      readonly affected: Affected;
      readonly dryRun: boolean;
    }
  | { readonly kind: "same"; readonly hash: string };

export async function publishTemplate({ db }: { db: Database }, publishing: Publishing, options: Options): Promise<Published> {
  return transactOrRehearse(db, options, (tx) => publish(tx, publishing, options));
}

async function publish(tx: Tx, { clinicId, stem, sources, by, approvals }: Publishing, { actor, dryRun }: Options): Promise<Published> {
  await lockClinic(tx, clinicId);
  const only = selectTemplates(sources, [stem]);
  const hash = hashTemplates(only);
  if (await isInForce(tx, { clinicId, stem, hash, approvals })) return { kind: "same", hash };
  const release = await insertRelease(tx, { clinicId, stem, sources: (await withMarkup(only))[stem], hash, by });
  await appendEvents(tx, [{ kind: "template.published", clinicId, subjectId: release, actor, data: { template: stem, hash } }]);
  return { kind: "published", release, hash, affected: await countAffected(tx, clinicId, stem), dryRun };
}

/** Whether every message from this stem says this already. */
async function isInForce(
  tx: Tx,
  { clinicId, stem, hash, approvals }: { hash: string } & Pick<Publishing, "clinicId" | "stem" | "approvals">,
): Promise<boolean> {
  const { sources: released = {} } = (await readReleases(tx, [clinicId])).get(clinicId) ?? {};
  for (const id of approvals) {
    const said = overlayReleases(await readApprovedTemplates(tx, id), released);
    if (hashTemplates(selectTemplates(said, [stem])) !== hash) return false;
  }
  return true;
}

export type RolledBack =
  | {
      readonly kind: "rolled-back";
      readonly release: Release;
      /** What is in force instead; null: each approval's own wording. */
      readonly inForce: Release | null;
      readonly affected: Affected;
      readonly dryRun: boolean;
    }
  | Refused;

export async function rollBackTemplate(
  { db }: { db: Database },
  { clinicId, stem }: Pick<Publishing, "clinicId" | "stem">,
  options: Options,
): Promise<RolledBack> {
  return transactOrRehearse(db, options, async (tx) => {
    await lockClinic(tx, clinicId);
    const [release, inForce = null] = (await listReleases(tx, clinicId, stem)).filter(({ rolledBackAt }) => rolledBackAt === null);
    if (!release) return refuse("template", stem, "a template of which a release is in force (afterglow template list --clinic SLUG)");
    await rollBackRelease(tx, release.id);
    const data = { template: stem, hash: release.hash };
    await appendEvents(tx, [{ kind: "template.rolled-back", clinicId, subjectId: release.id, actor: options.actor, data }]);
    return { kind: "rolled-back", release, inForce, affected: await countAffected(tx, clinicId, stem), dryRun: options.dryRun };
  });
}
