/** The front desk's part: calls that come onto the list, and what came of them. */
import { expect } from "vitest";
import { readClinicTime } from "../../../src/db/clinic-clock.ts";
import { raisePlanRevision } from "../../../src/db/plans.ts";
import { openDueTasks } from "../../../src/db/sweep-ends.ts";
import { transact } from "../../../src/db/transact.ts";
import type { PatientId, SeriesId, SessionId } from "../../../src/domain/ids.ts";
import type { TaskOutcome } from "../../../src/domain/task.ts";
import { changeTask } from "../../../src/producers/change-task.ts";
import { planPatient } from "../../../src/producers/plan-patient.ts";
import type { World } from "../../support/world.ts";

/** A call as its template names it, about one session or, without, about a series. */
export type WhichCall = { readonly template: string; readonly sessionId: () => SessionId | null; readonly seriesId?: SeriesId };

/** Puts what is due at this moment onto the list. */
export async function openTasks({ deps: { db } }: World): Promise<void> {
  await transact(db, async (tx) => openDueTasks(tx, (await readClinicTime(tx)).now));
}

const select = ({ deps: { db } }: World, { template, sessionId, seriesId }: WhichCall) =>
  db
    .selectFrom("tasks")
    .$if(seriesId !== undefined, (tasks) => tasks.where("seriesId", "=", seriesId ?? null))
    .select(["id", "state"])
    .where("kind", "=", "call")
    .where("template", "=", template)
    .where("sessionId", "is not distinct from", sessionId())
    .orderBy("openedAt")
    .orderBy("state")
    .execute();

/** The states of these calls, oldest first. */
export async function callsOf(world: World, which: WhichCall): Promise<string[]> {
  return (await select(world, which)).map(({ state }) => state);
}

/** Staff close the one that is open. */
export async function finishCall(world: World, which: WhichCall, outcome: TaskOutcome): Promise<void> {
  const open = (await select(world, which)).find(({ state }) => state === "open") ?? expect.unreachable();
  const done = await changeTask(world.deps, open.id, {
    wish: { kind: "done", outcome, note: null },
    actor: "staff:test",
    ifRevision: null,
  });
  expect(done).toMatchObject({ kind: "changed", state: "done" });
}

/** Plans once more, as after a fact that changes nothing of its own. */
export async function replan({ deps: { db, tokens } }: World, { patientId }: { patientId: PatientId }): Promise<void> {
  await transact(db, async (tx) => {
    await raisePlanRevision(tx, [patientId]);
    await planPatient(tx, patientId, tokens);
  });
}
