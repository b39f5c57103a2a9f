/** Everybody comes, is dosed and goes home at the planned times: the facts of all sessions still to come, as staff would record them. */
import { expect } from "vitest";
import { instant } from "../../../src/domain/calendar.ts";
import type { SessionId } from "../../../src/domain/ids.ts";
import { recordOutcome } from "../../../src/producers/record-outcome.ts";
import type { ScriptedFact } from "../../../src/producers/step-through.ts";
import type { World } from "../../support/world.ts";

const TEN_MINUTES = 600_000;

export async function attendAll({ deps }: Pick<World, "deps">): Promise<ScriptedFact[]> {
  const sessions = await deps.db.selectFrom("sessions").select(["id", "startsAt", "endsAt"]).where("status", "=", "scheduled").execute();
  const fact = (id: SessionId, at: number, status: "arrived" | "dosed" | "discharged"): ScriptedFact => ({
    at: instant(at),
    happen: async () =>
      expect(await recordOutcome(deps, id, { outcome: { status }, actor: "staff:test" })).toMatchObject({ kind: "changed" }),
  });
  return sessions.flatMap(({ id, startsAt, endsAt }) => [
    fact(id, startsAt - TEN_MINUTES, "arrived"),
    fact(id, startsAt + TEN_MINUTES, "dosed"),
    fact(id, endsAt, "discharged"),
  ]);
}
