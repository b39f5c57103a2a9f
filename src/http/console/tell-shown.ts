/** Writes into the audit whose names a page of the console shows, and to whom. */
import type { FastifyRequest } from "fastify";
import type { Database } from "../../db/database.ts";
import type { PatientId } from "../../domain/ids.ts";
import { type Look, tellRevealed } from "../../producers/tell-revealed.ts";
import { actorOf, clinicOf, isRenewal } from "../auth/staff-access.ts";

type Shown = { readonly ids: readonly PatientId[]; readonly where: string; readonly kind?: Look["kind"] };

/** Left out, `kind` is what the request is: a look, or a page that renews itself. */
export async function tellShown(
  { db }: { readonly db: Database },
  request: FastifyRequest,
  { ids, where, kind = isRenewal(request) ? "renewal" : "look" }: Shown,
): Promise<void> {
  const clinicId = clinicOf(request);
  await tellRevealed(
    db,
    ids.map((patientId) => ({ patientId, clinicId })),
    { actor: actorOf(request), where, kind },
  );
}
