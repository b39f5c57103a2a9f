/** Whether this process has the keys that the database was written with: asked before anything is started, because a wrong one looks like an empty clinic. */
import { sql } from "kysely";
import pg from "pg";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import { SealBroken, type Vault } from "./vault.ts";

/** A row that was damaged must not stand for all. */
const NEWEST = 5;
const UNDEFINED_TABLE = "42P01";

export class OtherKeys extends Error {
  constructor(variable: "AFTERGLOW_KEYS" | "AFTERGLOW_INDEX_KEY", consequence: string) {
    super(`${variable} is not what this database was written with: ${consequence}. Nothing is started`);
    this.name = "OtherKeys";
  }
}

/** Throws {@link OtherKeys} when none of the newest patients opens, or none of them would be found again. A database without patients takes any keys. */
export async function refuseOtherKeys(db: Database, vault: Vault): Promise<void> {
  const patients = await loadNewest(db);
  const opened = patients.flatMap(({ id, refSealed, refIndex }) => {
    const ref = openOr(vault, { id, refSealed });
    return ref === undefined ? [] : [{ isFound: vault.blindIndex("ref", ref).equals(refIndex) }];
  });
  if (patients.length > 0 && opened.length === 0) throw new OtherKeys("AFTERGLOW_KEYS", "no name, number or address would open");
  if (opened.length > 0 && opened.every(({ isFound }) => !isFound))
    throw new OtherKeys("AFTERGLOW_INDEX_KEY", "no patient would be found again, and no opt-out");
}

type NewestPatient = { readonly id: PatientId; readonly refSealed: Buffer; readonly refIndex: Buffer };

async function loadNewest(db: Database): Promise<readonly NewestPatient[]> {
  try {
    const { rows } = await sql<NewestPatient>`select id, ref_sealed, ref_index from patients order by id desc limit ${NEWEST}`.execute(db);
    return rows;
  } catch (error) {
    // Before the first migration there is nobody.
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

function openOr(vault: Vault, { id, refSealed }: Pick<NewestPatient, "id" | "refSealed">): string | undefined {
  try {
    return vault.open(refSealed, { table: "patients", column: "ref_sealed", row: id });
  } catch (error) {
    if (error instanceof SealBroken) return undefined;
    throw error;
  }
}
