import { expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { requestPlans } from "../../src/producers/request-plans.ts";
import { PATIENTS_PER_JOB, planSeries } from "../../src/queues/plan-series.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";

describeOnBackends("the fan-out of a fact about a whole clinic", async (backend) => {
  const world = await openWorld({ backend });
  const patients = Array.from({ length: 2 * PATIENTS_PER_JOB + 1 }, () => newId<"patient">());
  const counts = () => world.deps.queues.queue(planSeries).counts();

  test("leaves room between its jobs, and begins at once", async () => {
    await requestPlans(world.deps, patients, { everyMs: 600_000 });
    expect(await counts()).toMatchObject({ waiting: 1, delayed: 2 });
  });

  test("goes all at once when nothing is said of room", async () => {
    await requestPlans(world.deps, patients);
    expect(await counts()).toMatchObject({ waiting: 4, delayed: 2 });
  });
});
