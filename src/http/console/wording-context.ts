/** What the pages of wording ask about whoever looks, and when. */
import type { FastifyRequest } from "fastify";
import { readClinicTime } from "../../db/clinic-clock.ts";
import { findClinicById } from "../../db/view-access.ts";
import { clinicOf, staffOf } from "../auth/staff-access.ts";
import type { ConsoleDeps } from "./console-page.ts";
import type { InUse } from "./wording-sources.ts";

/** Who puts something in force, as the approval names them. */
export function approverOf(request: FastifyRequest): string {
  const { name, login, roles } = staffOf(request).session;
  return `${name} (${login}), ${roles.get(clinicOf(request)) ?? "staff"}`;
}

/** The clinic's zone and clock, for saying when something was. */
export async function momentsOf({ db }: ConsoleDeps, request: FastifyRequest) {
  const { zone } = await findClinicById(db, clinicOf(request));
  return { zone, now: (await readClinicTime(db)).now };
}

/** The approval from which new series of a protocol are planned. */
export function newestOf(inUse: readonly InUse[], { id, version }: { id: string; version: number }): InUse | undefined {
  return inUse.findLast(({ protocol }) => protocol.id === id && protocol.version === version);
}
