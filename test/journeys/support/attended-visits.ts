/** What staff record of visits that go as planned, as facts for a stepped clock. */
import { expect } from "vitest";
import { type Instant, instant, MINUTE } from "../../../src/domain/calendar.ts";
import type { SessionId } from "../../../src/domain/ids.ts";
import { recordOutcome } from "../../../src/producers/record-outcome.ts";
import type { ScriptedFact } from "../../../src/producers/step-through.ts";
import type { World } from "../../support/world.ts";

/** `unrecorded`: of these nothing is written down. */
export type Attended = { readonly now: Instant; readonly until: Instant; readonly unrecorded: readonly SessionId[] };

/** Arrivals, doses and discharges after `now` and up to `until`, at the times that stand now; of visits that began before as well. */
export async function listAttended({ deps }: Pick<World, "deps">, { now, until, unrecorded }: Attended): Promise<ScriptedFact[]> {
  const sessions = await deps.db
    .selectFrom("sessions")
    .select(["id", "startsAt", "endsAt"])
    .where("status", "in", ["scheduled", "arrived", "dosed"])
    .where("owner", "=", "ours")
    .execute();
  const record = (id: SessionId, at: number, status: "arrived" | "dosed" | "discharged"): ScriptedFact => ({
    at: instant(at),
    happen: async () =>
      expect(await recordOutcome(deps, id, { outcome: { status }, actor: "staff:test" })).toMatchObject({ kind: "changed" }),
  });
  return sessions
    .filter(({ id }) => !unrecorded.includes(id))
    .flatMap(({ id, startsAt, endsAt }) => [
      record(id, startsAt - 10 * MINUTE, "arrived"),
      record(id, startsAt + 10 * MINUTE, "dosed"),
      record(id, endsAt, "discharged"),
    ])
    .filter(({ at }) => now < at && at <= until);
}
