/** After the weeks: everything stays up to be looked at, until somebody ends it. */
import { rm, writeFile } from "node:fs/promises";
import { sql } from "kysely";
import type { Deps } from "../deps.ts";
import type { Database } from "../db/database.ts";
import type { LinkId } from "../domain/ids.ts";
import type { Closers } from "./demo-closers.ts";
import type { DemoFolder } from "./demo-folder.ts";
import type { Screen } from "./demo-screen.ts";
import { type Stop, untilStopped } from "./demo-stop.ts";

export type Staying = {
  readonly screen: Screen;
  readonly stop: Stop;
  readonly folder: DemoFolder;
  readonly closers: Closers;
  readonly deps: Pick<Deps, "db" | "tokens" | "publicBaseUrl">;
  readonly environment: Readonly<Record<string, string>>;
  /** Address of the demo's page; null where there is none. */
  readonly page: string | null;
};

const ENVIRONMENT_FILE = "environment.sh";

/** Says how to open a link and how to ask the other commands; the file it writes for that goes when the demo goes. */
export async function stayUp({ screen, stop, folder, closers, deps, environment, page }: Staying): Promise<void> {
  const path = folder.path(ENVIRONMENT_FILE);
  closers.add("the file of the environment", () => rm(path, { force: true }));
  await writeFile(path, toShellFile(environment), { mode: 0o600 });
  const link = await findOpenLink(deps);
  screen.tell();
  screen.tell(screen.paint.bold("Still up"));
  if (page !== null) screen.tell(`  The page, with a patient's phone, the console and the clock:\n    ${page}`);
  if (link) screen.tell(`  A page as a patient sees it:\n    ${link}`);
  screen.tell(
    `  The other commands, from another terminal:\n    . ${toSourced(folder.name)}/${ENVIRONMENT_FILE} && npm run -s afterglow -- status`,
  );
  screen.tell("  Ctrl-C ends it.");
  await untilStopped(stop);
}

/** `.` looks along the PATH for a name without a slash at its beginning. */
function toSourced(name: string): string {
  const quoted = /^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
  return name.startsWith("/") || name.startsWith(".") ? quoted : `./${quoted}`;
}

/** As a shell reads it. */
function toShellFile(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");
}

/** The page of the next session of which a patient has been told. */
async function findOpenLink({ db, tokens, publicBaseUrl }: Staying["deps"]): Promise<string | undefined> {
  const link = await findTold(db);
  return link && `${publicBaseUrl}/v/${tokens.tokenOf(link)}`;
}

async function findTold(db: Database): Promise<{ id: LinkId; generation: number; keyId: string } | undefined> {
  const { rows } = await sql<{ id: LinkId; generation: number; keyId: string }>`
    select l.id, l.generation, l.key_id from links l join sessions v on v.id = l.subject_id
    where l.recipient = 'patient' and v.starts_at > (select afterglow_now()) and exists (select from touchpoints t where t.link_id = l.id and t.state = 'sent')
    order by v.starts_at limit 1`.execute(db);
  return rows[0];
}
