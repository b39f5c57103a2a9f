import { beforeEach, describe, expect, test } from "vitest";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { type EnqueueOptions, enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { CONTEXT, patient, series } from "../domain/aspen-ridge.ts";
import { openWorld } from "../support/world.ts";
import { must } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const OPTIONS: EnqueueOptions = { clinic: world.clinic.slug, actor: "staff:test", second: "also" };
let people = 0;
let visit: string;

beforeEach(() => {
  visit = `visit-${people}`;
});

/** Somebody's series of one visit on that day, known to the clinic's own calendar under these ids. */
function request(...visits: [day: string, externalId: string][]): EnqueueRequest {
  const number = String(++people).padStart(2, "0");
  const sessions = visits.map(([day, externalId]) => ({ startsAt: `2027-01-${day}T09:00`, externalId }));
  const who = patient({ ref: `ext-${number}`, phone: `(303) 555-01${number}`, email: `ana${number}@example.org` });
  return must(parseSeries(series({ patient: who, sessions }), CONTEXT));
}
const enqueue = (...requests: EnqueueRequest[]) => enqueueSeries(world.deps, requests, OPTIONS);
const countSessions = async () => (await db.selectFrom("sessions").select("id").execute()).length;

describe("the external id of a session", () => {
  test("that a session of another series has is refused with that session's id, and stores nothing", async () => {
    await enqueue(request(["11", visit]));
    const { id } = await db.selectFrom("sessions").select("id").orderBy("id", "desc").limit(1).executeTakeFirstOrThrow();
    const before = await countSessions();
    expect(await enqueue(request(["12", `${visit}-other`], ["13", visit]))).toEqual([
      {
        kind: "refused",
        faults: [
          { path: "sessions[1].externalId", value: visit, expected: `an id that no other session of the clinic has; ses_${id} has it` },
        ],
      },
    ]);
    expect(await countSessions()).toBe(before);
  });

  test("that stands twice in one series is refused", async () => {
    expect(await enqueue(request(["11", visit], ["13", visit]))).toMatchObject([
      { kind: "refused", faults: [{ path: "sessions[1].externalId", value: visit }] },
    ]);
  });

  test("that stands in two series of one batch is the first one's, and touches no third", async () => {
    const results = await enqueue(request(["11", visit]), request(["12", visit]), request(["13", `${visit}-third`]));
    expect(results.map(({ kind }) => kind)).toEqual(["enqueued", "refused", "enqueued"]);
  });

  test("asked for by two people at the same moment goes to one of them, and the other is told", async () => {
    const [one, other] = await Promise.all([enqueue(request(["11", visit])), enqueue(request(["12", visit]))]);
    expect([...one, ...other].map(({ kind }) => kind).sort()).toEqual(["enqueued", "refused"]);
  });
});
