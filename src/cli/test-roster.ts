/** `roster test`. */
import { readConfig } from "../config.ts";
import { openDeps } from "../deps.ts";
import { makeLog } from "../log.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { reach } from "./reach.ts";
import { paint, print, printJson, toTable } from "./terminal.ts";

export type TestRosterFlags = { readonly person?: string; readonly actor?: string; readonly json?: true };

/** Exit code 1 when a page was not taken: a pager that is dead is found before it is needed. */
export async function testRoster(slug: string, { person, actor, json }: TestRosterFlags): Promise<ExitCode> {
  const config = readConfig();
  const deps = await reach(config, () => openDeps(config, makeLog({ level: "silent" })));
  try {
    const clinic = await getClinic(deps.db, slug);
    const pages = await deps.testRoster(clinic.id, { actor: toActor(actor), person: person ?? null });
    if (pages.length === 0)
      throw new Refusal(
        [{ path: "person", value: person ?? "", expected: `somebody on the roster (afterglow roster show ${slug})` }],
        "nobody was paged",
      );
    if (json) for (const page of pages) printJson(page);
    else for (const line of toTable(pages.map(({ name, channel, outcome, code }) => [name, channel, outcome, code ?? ""]))) print(line);
    const dead = pages.filter(({ outcome }) => outcome !== "sent");
    if (!json)
      print(dead.length === 0 ? "Every page was taken by its provider; ask whether they came." : paint.red("Not every page was taken."));
    return dead.length === 0 ? EXIT.done : EXIT.refused;
  } finally {
    await deps.close();
  }
}
