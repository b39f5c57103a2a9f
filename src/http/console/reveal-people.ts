/** Names behind ids on a page of the console: opened for whoever may read them, and the audit keeps who did, one event a patient and look. */
import type { FastifyRequest } from "fastify";
import type { Vault } from "../../db/vault.ts";
import type { ClinicId, PatientId } from "../../domain/ids.ts";
import type { ConsoleDeps } from "./console-page.ts";
import { tellShown } from "./tell-shown.ts";

/** Phones as E.164, for a link that calls at a tap. */
export type Named = {
  readonly chart: string;
  readonly name: string;
  readonly phone: string | null;
  readonly escort: { readonly name: string; readonly phone: string | null } | null;
};

/** Of nobody that a chart knows all is null. */
export type SealedPerson = {
  readonly patientId: PatientId | null;
  readonly clinicId: ClinicId;
  readonly refSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly escortNameSealed?: Buffer | null;
  readonly escortPhoneSealed?: Buffer | null;
};

/** Who they are, by patient; `where` names the page in the audit. */
export async function revealPeople(
  { db, vault }: Pick<ConsoleDeps, "db" | "vault">,
  request: FastifyRequest,
  { rows, where }: { readonly rows: readonly SealedPerson[]; readonly where: string },
): Promise<ReadonlyMap<PatientId, Named>> {
  const patients = new Map(rows.flatMap((row) => (row.patientId === null ? [] : [[row.patientId, row] as const])));
  await tellShown({ db }, request, { ids: [...patients.keys()], where });
  return new Map([...patients].map(([id, row]) => [id, open(id, row, vault)]));
}

function open(row: PatientId, { refSealed, nameSealed, phoneSealed, ...rest }: SealedPerson, vault: Vault): Named {
  const { escortNameSealed = null, escortPhoneSealed = null } = rest;
  const read = (sealed: Buffer, table: string, column: string) => vault.open(sealed, { table, column, row });
  return {
    chart: refSealed ? read(refSealed, "patients", "ref_sealed") : "",
    name: nameSealed ? read(nameSealed, "patients", "name_sealed") : "",
    phone: phoneSealed && read(phoneSealed, "patients", "phone_sealed"),
    escort: escortNameSealed && {
      name: read(escortNameSealed, "escorts", "name_sealed"),
      phone: escortPhoneSealed && read(escortPhoneSealed, "escorts", "phone_sealed"),
    },
  };
}
