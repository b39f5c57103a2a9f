/** Everything that is stored of one patient, opened, for a request of theirs to see it. Health information throughout. */
import { sql } from "kysely";
import { z } from "zod";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import type { Vault } from "./vault.ts";

type Part = {
  readonly table: string;
  /** The column under which its sealed values are bound. */
  readonly row: string;
  readonly where: "id" | "patient_id" | "touchpoint";
};

const PARTS: readonly Part[] = [
  { table: "patients", row: "id", where: "id" },
  { table: "escorts", row: "patient_id", where: "patient_id" },
  { table: "contact_points", row: "patient_id", where: "patient_id" },
  { table: "consents", row: "id", where: "patient_id" },
  { table: "series", row: "id", where: "patient_id" },
  { table: "sessions", row: "id", where: "patient_id" },
  { table: "session_answers", row: "id", where: "patient_id" },
  { table: "session_escorts", row: "session_id", where: "patient_id" },
  { table: "escort_opt_ins", row: "id", where: "patient_id" },
  { table: "touchpoints", row: "id", where: "patient_id" },
  { table: "deliveries", row: "id", where: "touchpoint" },
  { table: "staff_messages", row: "touchpoint_id", where: "touchpoint" },
  { table: "inbound_messages", row: "id", where: "patient_id" },
  { table: "tasks", row: "id", where: "patient_id" },
  { table: "alerts", row: "id", where: "patient_id" },
  { table: "survey_invitations", row: "id", where: "patient_id" },
  { table: "survey_responses", row: "id", where: "patient_id" },
  { table: "assessments", row: "id", where: "patient_id" },
];

/** What only keeps the house in order: keyed hashes and indexes say nothing to a person. */
const LEFT_OUT = /_index$|_hash$|^fingerprint$/;

export type PatientRecord = { readonly [table: string]: readonly { readonly [column: string]: unknown }[] };

const rowsSchema = z.array(z.record(z.string(), z.unknown()));

/** By table, each row as it is stored, its sealed columns opened under their names without `_sealed`. */
export async function readPatientRecord(db: Database, id: PatientId, vault: Vault): Promise<PatientRecord> {
  const record: { [table: string]: { [column: string]: unknown }[] } = {};
  for (const part of PARTS) record[part.table] = (await readRows(db, part, id)).map((row) => open(row, part, vault));
  return record;
}

async function readRows(db: Database, { table, where }: Part, id: PatientId) {
  const condition = {
    id: sql`r.id = ${id}`,
    patient_id: sql`r.patient_id = ${id}`,
    touchpoint: sql`r.touchpoint_id in (select t.id from touchpoints t where t.patient_id = ${id})`,
  }[where];
  const { rows } = await sql<{ row: unknown }>`select to_jsonb(r) as row from ${sql.table(table)} r where ${condition}`.execute(db);
  return rowsSchema.parse(rows.map(({ row }) => row));
}

const SEALED = "_sealed";

function open(row: { readonly [column: string]: unknown }, { table, row: rowColumn }: Part, vault: Vault): { [column: string]: unknown } {
  return Object.fromEntries(
    Object.entries(row).flatMap(([column, value]): [string, unknown][] => {
      if (LEFT_OUT.test(column)) return [];
      if (!column.endsWith(SEALED)) return [[column, value]];
      return [
        [
          column.slice(0, -SEALED.length),
          typeof value === "string" ? read(value, { table, column, row: String(row[rowColumn]) }, vault) : null,
        ],
      ];
    }),
  );
}

/** PostgreSQL writes bytes as `\x…`. What was sealed as JSON comes back as what it was. */
function read(bytes: string, place: { table: string; column: string; row: string }, vault: Vault): unknown {
  const text = vault.open(Buffer.from(bytes.slice(2), "hex"), place);
  if (!/^[[{]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // Words that happen to begin like JSON.
    return text;
  }
}
