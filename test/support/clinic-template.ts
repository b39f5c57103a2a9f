/** The example clinic with every shipped protocol approved, stored once a run: a world clones it, instead of storing five megabytes of its own. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import pg from "pg";
import { inject } from "vitest";
import { templatesOf } from "../../src/cli/protocol-templates.ts";
import { insertApproval } from "../../src/db/approvals.ts";
import { saveClinic } from "../../src/db/clinics.ts";
import { type Database, openDatabase } from "../../src/db/database.ts";
import { transact } from "../../src/db/transact.ts";
import type { ClinicSettings } from "../../src/domain/clinic-settings.ts";
import { type ProtocolFile, protocolSchema } from "../../src/domain/protocol.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { withMarkup } from "../../src/messages/translate-markup.ts";

const TEMPLATE = "afterglow_clinic";
const DRAFT = "afterglow_clinic_draft";
const PROTOCOLS = ["iv-ketamine", "im-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"];

let made: Promise<void> | undefined;

/** The name of the template, made by whichever file of the run asks first. Nobody may connect to it. */
export async function findClinicTemplate(clinic: ClinicSettings): Promise<string> {
  await (made ??= makeOnce(clinic));
  return TEMPLATE;
}

/** Each file of the run asks for it; the lock lets one of them make it while the others wait. */
async function makeOnce(clinic: ClinicSettings): Promise<void> {
  const server = inject("databaseUrl");
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext($1))", [TEMPLATE]);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [TEMPLATE]);
    if (rowCount !== 0) return;
    await client.query(`drop database if exists ${DRAFT} with (force)`);
    await client.query(`create database ${DRAFT} template afterglow_template strategy file_copy`);
    const { db } = openDatabase({ url: server.replace(/\/[^/]*$/, `/${DRAFT}`), connections: 1, applicationName: "test-setup" });
    await approveShipped(db, clinic);
    await db.destroy();
    await client.query(`alter database ${DRAFT} rename to ${TEMPLATE}`);
  } finally {
    await client.end();
  }
}

/** Stores the clinic, and what ships as an approval stores it: with the texts that each protocol asks for, and their mails translated. */
export async function approveShipped(db: Database, clinic: ClinicSettings): Promise<void> {
  const sources = await readTemplates("templates");
  await transact(db, async (tx) => {
    const { id: clinicId } = await saveClinic(tx, clinic);
    for (const name of PROTOCOLS) {
      const file: ProtocolFile = parse(await readFile(`protocols/${name}.yaml`, "utf8"));
      const templates = await withMarkup(templatesOf(protocolSchema.parse(file), sources));
      await insertApproval(tx, { clinicId, file, templates, hash: `${name}-as-shipped`, by: "Dr. Test, medical director" });
    }
  });
}
