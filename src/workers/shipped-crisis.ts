/** The crisis text as it ships: what goes out where the wording that a clinic approved cannot be written. Somebody in danger gets our words rather than none. */
import { compileTemplates, type Templates } from "../messages/compile-template.ts";
import { readTemplates, selectTemplates } from "../messages/read-templates.ts";
import { packagePath } from "../package-root.ts";

/** The stem of the crisis text. */
export const CRISIS = "answer-crisis";

let shipped: Promise<Templates> | undefined;

/** Read once a process; a failure is tried again the next time. */
export function loadShippedCrisis(): Promise<Templates> {
  shipped ??= read().catch((error: unknown) => {
    shipped = undefined;
    throw error;
  });
  return shipped;
}

async function read(): Promise<Templates> {
  return compileTemplates(selectTemplates(await readTemplates(packagePath("templates")), [CRISIS]));
}
