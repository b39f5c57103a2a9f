/** Names behind ids: opened only when somebody asks for them, and the audit keeps who did. */
import type { TaskView } from "../db/tasks.ts";
import { openVisitEscort } from "../db/visit-escorts.ts";
import type { Vault } from "../db/vault.ts";
import type { StoreDeps } from "../deps.ts";
import { toNationalPhone } from "../messages/national-phone.ts";
import { tellRevealed } from "../producers/tell-revealed.ts";

export type Identity = {
  readonly chart: string;
  readonly name: string;
  readonly phone: string | null;
  /** Whom the patient named to take them home, or to stay. */
  readonly escort: { readonly name: string; readonly phone: string | null } | null;
  /** Whom the patient named in their place for the visit that is spoken of. */
  readonly forVisit: { readonly name: string; readonly phone: string | null } | null;
};

type Sealed = Pick<
  TaskView,
  "patientId" | "clinicId" | "refSealed" | "nameSealed" | "phoneSealed" | "escortNameSealed" | "escortPhoneSealed"
> &
  Partial<Pick<TaskView, "sessionId" | "visitEscortNameSealed" | "visitEscortPhoneSealed">>;

/** Who they are, in the same order; one event a patient says that they were looked at, and in which command. */
export async function revealPatients(
  { db, vault }: StoreDeps,
  rows: readonly Sealed[],
  { actor, where }: { actor: string; where: string },
): Promise<Identity[]> {
  await tellRevealed(db, rows, { actor, where });
  return rows.map((row) => open(row, vault));
}

function open(
  { patientId: row, refSealed, nameSealed, phoneSealed, escortNameSealed, escortPhoneSealed, ...visit }: Sealed,
  vault: Vault,
): Identity {
  const read = (sealed: Buffer, table: string, column: string) => vault.open(sealed, { table, column, row });
  return {
    chart: read(refSealed, "patients", "ref_sealed"),
    name: read(nameSealed, "patients", "name_sealed"),
    phone: phoneSealed && toNationalPhone(read(phoneSealed, "patients", "phone_sealed")),
    escort: escortNameSealed && {
      name: read(escortNameSealed, "escorts", "name_sealed"),
      phone: escortPhoneSealed && toNationalPhone(read(escortPhoneSealed, "escorts", "phone_sealed")),
    },
    forVisit: openForVisit(visit, vault),
  };
}

function openForVisit({ sessionId, visitEscortNameSealed, visitEscortPhoneSealed }: Partial<Sealed>, vault: Vault): Identity["forVisit"] {
  if (!sessionId || !visitEscortNameSealed) return null;
  const { name, phone } = openVisitEscort(vault, sessionId, {
    nameSealed: visitEscortNameSealed,
    phoneSealed: visitEscortPhoneSealed ?? null,
  });
  return { name, phone: phone && toNationalPhone(phone) };
}

/** The end of the chart number: enough for those who have the chart before them, and nobody else. */
export function maskChart({ patientId, refSealed }: Pick<Sealed, "patientId" | "refSealed">, vault: Vault): string {
  const chart = vault.open(refSealed, { table: "patients", column: "ref_sealed", row: patientId });
  return `…${chart.length > SHOWN ? chart.slice(-SHOWN) : ""}`;
}

const SHOWN = 2;
