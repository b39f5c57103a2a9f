/** A clinic's safety settings, stored sealed: who is paged, with their numbers, and what was signed. */
import { z } from "zod";
import { formatDay, parseDay, wallClock, WEEKDAYS } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { NO_SAFETY, ROSTER_ROLES, type SafetySettings } from "../domain/safety-settings.ts";
import type { Database, Tx } from "./database.ts";
import type { Vault } from "./vault.ts";

const placeOf = (clinicId: ClinicId) => ({ table: "clinics", column: "safety_sealed", row: clinicId });

const day = z.string().transform((text, context) => {
  const read = parseDay(text);
  if (read === undefined) context.addIssue({ code: "custom", message: "no day" });
  return read ?? z.NEVER;
});
const time = z.int().min(0).max(1440).transform(wallClock);
const hours = z.partialRecord(z.enum(WEEKDAYS), z.array(z.object({ from: time, to: time })));

const stored = z.object({
  roster: z.array(
    z.object({
      name: z.string(),
      role: z.enum(ROSTER_ROLES),
      phone: z.string().nullable(),
      email: z.string().nullable(),
      when: z.union([z.enum(["always", "staffed", "after-hours"]), hours]),
      from: day.nullable(),
      until: day.nullable(),
    }),
  ),
  acknowledge: z.object({ criticalMinutes: z.number(), highMinutes: z.number() }),
  surveys: z.boolean(),
  noAfterHoursCover: z.object({ signedBy: z.string(), on: day }).nullable(),
});

/** Sealed for the clinic's row. */
export function sealSafety(vault: Vault, clinicId: ClinicId, { roster, noAfterHoursCover, ...rest }: SafetySettings): Buffer {
  const text = JSON.stringify({
    ...rest,
    roster: roster.map(({ from, until, ...entry }) => ({
      ...entry,
      from: from === null ? null : formatDay(from),
      until: until === null ? null : formatDay(until),
    })),
    noAfterHoursCover: noAfterHoursCover && { ...noAfterHoursCover, on: formatDay(noAfterHoursCover.on) },
  });
  return vault.seal(text, placeOf(clinicId));
}

/** What was sealed; {@link NO_SAFETY} where the clinic never said anything. Throws `SealBroken` when it does not open. */
export function openSafety(vault: Vault, clinicId: ClinicId, sealed: Buffer | null): SafetySettings {
  return sealed === null ? NO_SAFETY : stored.parse(JSON.parse(vault.open(sealed, placeOf(clinicId))));
}

/** Stores them; the same settings stored again are the same settings. */
export async function saveSafety(tx: Tx, clinicId: ClinicId, { vault, safety }: { vault: Vault; safety: SafetySettings }): Promise<void> {
  await tx
    .updateTable("clinics")
    .set({ safetySealed: sealSafety(vault, clinicId, safety), surveysEnabled: safety.surveys })
    .where("id", "=", clinicId)
    .execute();
}

/** Those of one clinic. */
export async function loadSafety(db: Database, clinicId: ClinicId, vault: Vault): Promise<SafetySettings> {
  const row = await db.selectFrom("clinics").select("safetySealed").where("id", "=", clinicId).executeTakeFirstOrThrow();
  return openSafety(vault, clinicId, row.safetySealed);
}
