/** Opens what is stored of a patient's escort. */
import type { SealedEscort } from "../db/contact-changes.ts";
import type { Vault } from "../db/vault.ts";
import type { PatientId } from "../domain/ids.ts";
import type { NamedCompanion } from "../domain/named-companion.ts";

export function openEscort(vault: Vault, row: PatientId, { nameSealed, phoneSealed }: SealedEscort): NamedCompanion {
  const open = (column: string, sealed: Buffer) => vault.open(sealed, { table: "escorts", column, row });
  return { name: open("name_sealed", nameSealed), phone: phoneSealed && open("phone_sealed", phoneSealed) };
}
