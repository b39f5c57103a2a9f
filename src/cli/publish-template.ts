/** `template publish` and `template rollback`. */
import { type Approval, getApprovals } from "../db/approvals.ts";
import { findNamingStem, listApprovalsInUse, listStemsOf } from "../db/view-templates.ts";
import type { Database } from "../db/database.ts";
import { LOCALES } from "../domain/clinic.ts";
import type { ClinicId } from "../domain/ids.ts";
import { toPublicId } from "../domain/ids.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { findNearestWord } from "../domain/nearest-word.ts";
import { checkTemplates, type TemplateFinding } from "../messages/check-templates.ts";
import { selectTemplates, type TemplateSources } from "../messages/template-sources.ts";
import { type Published, publishTemplate, type RolledBack, rollBackTemplate } from "../producers/release-template.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { readTemplateFolder, templateUses } from "./protocol-templates.ts";
import { count, toLine } from "./show-faults.ts";
import { print, printJson, say, tint } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ReleaseOptions = {
  readonly clinic: string;
  readonly by: string;
  readonly from?: string;
  readonly dryRun?: true;
  readonly actor?: string;
  readonly json?: true;
};

/** Every language of one template, checked as every protocol of the clinic that names it would send it. */
export async function publishClinicTemplate(
  stem: string,
  { clinic: slug, by, from, dryRun, actor, json }: ReleaseOptions,
): Promise<ExitCode> {
  const approver = readApprover(by);
  const sources = selectTemplates(await readTemplateFolder(from), [stem]);
  const published = await withStore(async ({ db }) => {
    const clinic = await getClinic(db, slug);
    const naming = await findNaming(db, clinic.id, stem);
    if (!sources[stem]) throw new Refusal([{ path: "template", value: stem, expected: `its files in ${from ?? "templates"}` }]);
    await refuseUnsound(sources, { stem, naming });
    const publishing = { clinicId: clinic.id, stem, sources, by: approver, approvals: naming.map(({ id }) => id) };
    return publishTemplate({ db }, publishing, { actor: toActor(actor ?? approver), dryRun: dryRun === true });
  });
  if (json) printJson({ template: stem, clinic: slug, ...toPublishedFields(published) });
  else showPublished(published, { stem, slug, by: approver });
  return EXIT.done;
}

function readApprover(by: string): string {
  const reading = parseLine(by, { most: 100 });
  if (!reading.ok) throw new UsageError(`--by: expected ${reading.expected}.`);
  return reading.value;
}

/** The clinic's approvals that send from this template. Throws {@link Refusal} when none does. */
async function findNaming(db: Database, clinicId: ClinicId, stem: string): Promise<Approval[]> {
  const inUse = (await listApprovalsInUse(db, clinicId)).map(({ id }) => id);
  const naming = await findNamingStem(db, inUse, stem);
  if (naming.length > 0) return [...(await getApprovals(db, naming)).values()];
  const meant = findNearestWord(stem, await listStemsOf(db, inUse));
  const expected = `a template that an approved protocol of the clinic sends from (afterglow template list --clinic SLUG)`;
  throw new Refusal([{ path: "template", value: stem, expected: `${expected}${meant ? `; did you mean ${meant}?` : ""}` }]);
}

async function refuseUnsound(sources: TemplateSources, { stem, naming }: { stem: string; naming: readonly Approval[] }): Promise<void> {
  const found = new Map<string, TemplateFinding>();
  for (const { protocol } of naming) {
    const stems = templateUses(protocol).filter((use) => use.stem === stem);
    for (const finding of await checkTemplates(sources, { stems, instructions: protocol.instructions }))
      found.set(toLine(finding), finding);
  }
  const findings = [...found.values()];
  for (const finding of findings.filter(({ severity }) => severity === "warning")) say(tint.dim(`warning: ${toLine(finding)}`));
  const faults = findings.filter(({ severity }) => severity === "fault");
  if (faults.length > 0) throw new Refusal(faults, "nothing was published");
}

function toPublishedFields(published: Published) {
  return published.kind === "same" ? published : { ...published, release: toPublicId("release", published.release) };
}

function showPublished(published: Published, { stem, slug, by }: { stem: string; slug: string; by: string }): void {
  if (published.kind === "same") {
    print(`${stem} says this at ${slug} already; nothing was stored.`);
    return;
  }
  const { affected, dryRun, hash } = published;
  const { messages, tasks } = affected;
  print(
    `${dryRun ? "Would be: " : ""}${stem} at ${slug}, in ${LOCALES.join(" and ")}, approved by ${by} (${hash.slice(0, 12)}): ${count(messages, "message")} still to be written and ${count(tasks, "open task")} will say it.`,
  );
  print(dryRun ? "Nothing was stored: this was a dry run." : "In force from the next message on.");
}

/** Takes the newest release of a template back. */
export async function rollBackClinicTemplate(
  stem: string,
  { clinic: slug, by, dryRun, actor, json }: Omit<ReleaseOptions, "from">,
): Promise<ExitCode> {
  const approver = readApprover(by);
  const result = await withStore(async ({ db }) =>
    rollBackTemplate(
      { db },
      { clinicId: (await getClinic(db, slug)).id, stem },
      { actor: toActor(actor ?? approver), dryRun: dryRun === true },
    ),
  );
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ template: stem, clinic: slug, ...toRolledBackFields(result) });
  else showRolledBack(result, { stem, slug });
  return EXIT.done;
}

type Done = Exclude<RolledBack, { kind: "refused" }>;

function toRolledBackFields({ kind, release, inForce, affected, dryRun }: Done) {
  const toFields = ({ id, hash, approvedBy }: Done["release"]) => ({ release: toPublicId("release", id), hash, approvedBy });
  return { kind, ...toFields(release), inForce: inForce && toFields(inForce), affected, dryRun };
}

function showRolledBack({ release, inForce, affected, dryRun }: Done, { stem, slug }: { stem: string; slug: string }): void {
  const now = inForce ? `the release approved by ${inForce.approvedBy} (${inForce.hash.slice(0, 12)})` : "each protocol's approved wording";
  print(
    `${dryRun ? "Would be: " : ""}${stem} at ${slug}: the release approved by ${release.approvedBy} (${release.hash.slice(0, 12)}) is taken back, and ${now} is in force; ${count(affected.messages, "message")} still to be written.`,
  );
  if (dryRun) print("Nothing was stored: this was a dry run.");
}
