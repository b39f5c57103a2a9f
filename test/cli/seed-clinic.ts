/** A clinic of one's own: a cloned database with the example clinic, the shipped drafts approved as they stand, and a clock that stands still. */
import { hashRelease, readTemplateFolder, templatesOf } from "../../src/cli/protocol-templates.ts";
import { getDraft, sourceOf } from "../../src/cli/protocol-files.ts";
import { readClinicFile } from "../../src/cli/read-clinic.ts";
import { readDatabaseConfig } from "../../src/config.ts";
import { insertApproval } from "../../src/db/approvals.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { saveClinic } from "../../src/db/clinics.ts";
import { makeLinkTokens } from "../../src/db/link-tokens.ts";
import { transact } from "../../src/db/transact.ts";
import { planPatients } from "../../src/producers/plan-patient.ts";
import { at } from "../domain/aspen-ridge.ts";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { CLINIC, type Ended, type Environment, NOW, onDatabase, runCli } from "./run-cli.ts";

export type SeededClinic = TestDatabase & {
  readonly env: Environment;
  readonly run: (args: readonly string[], stdin?: string) => Promise<Ended>;
  /** Plans everybody whose plan is stale, as a worker would. */
  readonly plan: () => Promise<void>;
};

export async function seedClinic({ protocols = ["iv-ketamine"] }: { protocols?: readonly string[] } = {}): Promise<SeededClinic> {
  const database = await cloneDatabase();
  const env = onDatabase(database.url);
  await setSteppedClock(database.db, at(NOW));
  await addApproved(database, protocols);
  const plan = async () => {
    const stale = await database.db.selectFrom("patients").select("id").whereRef("planRevision", "!=", "plannedRevision").execute();
    const tokens = makeLinkTokens(readDatabaseConfig(env).AFTERGLOW_LINK_KEYS);
    const ids = stale.map(({ id }) => id);
    await transact(database.db, (tx) => planPatients(tx, ids, tokens));
  };
  return { ...database, env, run: (args, stdin = "") => runCli(args, { env, stdin }), plan };
}

async function addApproved({ db }: TestDatabase, protocols: readonly string[]): Promise<void> {
  const { settings } = await readClinicFile(CLINIC);
  const sources = await readTemplateFolder(undefined);
  const drafts = await Promise.all(protocols.map((id) => getDraft({ id, version: 1 }, undefined)));
  await transact(db, async (tx) => {
    const { id: clinicId } = await saveClinic(tx, settings);
    for (const draft of drafts) {
      const [file, templates] = [sourceOf(draft), templatesOf(draft.protocol, sources)];
      await insertApproval(tx, { clinicId, file, templates, hash: hashRelease(file, templates), by: "Dr. Ortiz, MD" });
    }
  });
}
