/** What concerns the whole installation needs somebody who may do it at every clinic of it. */
import { listClinicIds } from "../../db/clinic-of.ts";
import type { Database } from "../../db/database.ts";
import type { Permission } from "../../domain/roles.ts";
import { type Caller, isAllowed } from "./caller.ts";

export async function mayEverywhere({ db }: { readonly db: Database }, caller: Caller, permission: Permission): Promise<boolean> {
  return (await listClinicIds(db)).every((id) => isAllowed(caller, id, permission));
}
