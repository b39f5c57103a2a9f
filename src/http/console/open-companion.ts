/** Who takes a patient home after a visit: whoever the patient named for it, before whoever always comes. Opens names. */
import type { Vault } from "../../db/vault.ts";
import type { TodayVisit } from "../../db/view-today.ts";
import { openVisitEscort } from "../../db/visit-escorts.ts";
import type { NamedCompanion } from "../../domain/named-companion.ts";
import type { TaskView } from "../../db/tasks.ts";
import type { Named } from "./reveal-people.ts";

type Sealed = Pick<
  TodayVisit,
  "id" | "patientId" | "escortNameSealed" | "escortPhoneSealed" | "visitEscortNameSealed" | "visitEscortPhoneSealed"
>;

/** Null where nobody is named. Phones as E.164. */
export function openCompanion(vault: Vault, visit: Sealed): NamedCompanion | null {
  const { patientId: row, visitEscortNameSealed, visitEscortPhoneSealed, escortNameSealed, escortPhoneSealed } = visit;
  if (visitEscortNameSealed)
    return openVisitEscort(vault, visit.id, { nameSealed: visitEscortNameSealed, phoneSealed: visitEscortPhoneSealed });
  const open = (column: string, sealed: Buffer) => vault.open(sealed, { table: "escorts", column, row });
  return (
    escortNameSealed && { name: open("name_sealed", escortNameSealed), phone: escortPhoneSealed && open("phone_sealed", escortPhoneSealed) }
  );
}

/** A patient of a task, with whoever was named for the visit that it is about. */
export function withCompanion(
  vault: Vault,
  {
    sessionId,
    visitEscortNameSealed,
    visitEscortPhoneSealed,
  }: Pick<TaskView, "sessionId" | "visitEscortNameSealed" | "visitEscortPhoneSealed">,
  who: Named | undefined,
): Named | undefined {
  if (!who || sessionId === null || !visitEscortNameSealed) return who;
  return { ...who, escort: openVisitEscort(vault, sessionId, { nameSealed: visitEscortNameSealed, phoneSealed: visitEscortPhoneSealed }) };
}
