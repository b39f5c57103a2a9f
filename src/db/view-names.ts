/** Names, chart numbers and phones of patients, opened. Whoever shows them says so in the audit. */
import { sql } from "kysely";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import type { Vault } from "./vault.ts";

export type Named = { readonly name: string; readonly chart: string; readonly phone: string | null };

type Row = { readonly id: PatientId; readonly nameSealed: Buffer; readonly refSealed: Buffer; readonly phoneSealed: Buffer | null };

export async function loadNames(
  { db, vault }: { readonly db: Database; readonly vault: Vault },
  ids: readonly PatientId[],
): Promise<ReadonlyMap<PatientId, Named>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Row>`
    select id, name_sealed, ref_sealed, phone_sealed from patients where id = any(${[...new Set(ids)]}::uuid[])`.execute(db);
  const open = (row: PatientId, column: string, sealed: Buffer) => vault.open(sealed, { table: "patients", column, row });
  return new Map(
    rows.map(({ id, nameSealed, refSealed, phoneSealed }) => [
      id,
      {
        name: open(id, "name_sealed", nameSealed),
        chart: open(id, "ref_sealed", refSealed),
        phone: phoneSealed && open(id, "phone_sealed", phoneSealed),
      },
    ]),
  );
}
