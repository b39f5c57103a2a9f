/** Who asks: somebody signed in, or a program with a key. */
import type { ApiKey } from "../../db/api-keys.ts";
import type { SignedIn } from "../../db/staff-sessions.ts";
import type { ClinicId } from "../../domain/ids.ts";
import { mayDo, type Permission } from "../../domain/roles.ts";

export type StaffCaller = { readonly kind: "staff"; readonly token: string; readonly session: SignedIn };
export type KeyCaller = { readonly kind: "key"; readonly key: ApiKey };
export type Caller = StaffCaller | KeyCaller;

/** Whether they have a place at this clinic at all; one who has not is told that there is no such thing. */
export function hasPlace(caller: Caller, clinicId: ClinicId): boolean {
  return caller.kind === "staff" ? caller.session.roles.has(clinicId) : caller.key.clinicId === clinicId;
}

/** Whether they may do this at this clinic. */
export function isAllowed(caller: Caller, clinicId: ClinicId, permission: Permission): boolean {
  if (caller.kind === "key") return caller.key.clinicId === clinicId && Array.from(caller.key.scopes).some((scope) => scope === permission);
  const role = caller.session.roles.get(clinicId);
  return role !== undefined && mayDo(role, permission);
}

/** As the audit keeps them. */
export function toActor(caller: Caller): string {
  return caller.kind === "staff" ? `staff:${caller.session.login}` : `key:${caller.key.name}`;
}
