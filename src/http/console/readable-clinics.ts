/** The clinics into whose plans somebody may look: a patient of a group may have series at several. */
import type { FastifyRequest } from "fastify";
import type { ClinicId } from "../../domain/ids.ts";
import { isAllowed } from "../auth/caller.ts";
import { clinicOf, staffOf } from "../auth/staff-access.ts";

/** The one at which the request was allowed comes first. */
export function readableClinics(request: FastifyRequest): readonly ClinicId[] {
  const caller = staffOf(request);
  const here = clinicOf(request);
  const others = [...caller.session.roles.keys()].filter((id) => id !== here && isAllowed(caller, id, "plans.read"));
  return [here, ...others];
}
