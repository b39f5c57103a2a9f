/** The wording of one message in one language, read and compiled when it is first sent: a clinic's approval names a hundred and fifty, a megabyte and a half of text. */
import { readWording, type WordingPlace } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { templateSourcesSchema } from "../messages/template-sources.ts";
import { remember } from "../domain/remember.ts";

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
