/** The wording of one message in one language, read and compiled when it is first sent: a clinic's approval names a hundred and fifty, a megabyte and a half of text. */
import { type Approval, readWording, type WordingPlace } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import type { SendRow } from "../db/send-rows.ts";
import { loadReleases } from "../db/template-releases.ts";
import type { ApprovalId } from "../domain/ids.ts";
import { remember } from "../domain/remember.ts";
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { templateSourcesSchema } from "../messages/template-sources.ts";
import { approvalOf } from "./gather-facts.ts";

const wordings = new Map<string, Promise<Templates>>();
/** Those of equal text are one: the largest clinic group with words of its own in every clinic has a few hundred in use at a time. */
const MOST_WORDINGS = 5_000;

/** Holds the one template, or none where there is no text. What an approval and a release say never changes; a failure is asked for again. */
export function findWording(db: Database, place: WordingPlace): Promise<Templates> {
  const key = `${place.approvalId}/${place.releaseId}/${place.stem}/${place.locale}`;
  return wordings.get(key) ?? remember(wordings, key, readOnce(db, place, key), MOST_WORDINGS);
}

async function readOnce(db: Database, place: WordingPlace, key: string): Promise<Templates> {
  try {
    const parts = await readWording(db, place);
    return await compileTemplates(parts === null ? {} : templateSourcesSchema.parse({ [place.stem]: { [place.locale]: parts } }));
  } catch (error) {
    wordings.delete(key);
    throw error;
  }
}

/** The wording of each of these rows, all waited for together; the function throws for a row whose wording cannot be read or compiled. */
export async function loadWordings(
  db: Database,
  rows: readonly SendRow[],
  approvals: ReadonlyMap<ApprovalId, Approval>,
): Promise<(row: SendRow) => Templates> {
  const releases = await loadReleases(
    db,
    [...approvals.values()].map(({ clinicId }) => clinicId),
  );
  const settled = await Promise.allSettled(
    rows.map((row) => {
      const { id: approvalId, clinicId } = approvalOf(row, approvals);
      const { template: stem, locale } = row;
      return findWording(db, { approvalId, releaseId: releases.get(clinicId)?.get(stem) ?? null, stem, locale });
    }),
  );
  const byRow = new Map(rows.map((row, index) => [row, settled[index]]));
  return (row) => {
    const found = byRow.get(row);
    if (found?.status === "fulfilled") return found.value;
    throw found?.reason ?? new Error(`The wording of touchpoint ${row.id} was not asked for`);
  };
}
