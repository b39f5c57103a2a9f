import { beforeEach, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { loadBoard } from "../../src/db/readiness.ts";
import { DAY, type Instant, instant, parseDay } from "../../src/domain/calendar.ts";
import type { SessionId } from "../../src/domain/ids.ts";
import type { SessionAnswerKind } from "../../src/domain/patient-facts.ts";
import { callUnready } from "../../src/producers/call-unready.ts";
import { recordRequirement } from "../../src/producers/record-requirement.ts";
import { type Course, enrolAna, nth, rowsOf } from "../support/course.ts";
import { at, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const BY = { actor: "staff:test", dryRun: false, ifRevision: null };
const FRIDAY_MORNING = at("2027-01-08T18:30:00Z");
const FRIDAY_NOON = at("2027-01-08T19:00:00Z");
let ana: Course;
let monday: SessionId;

beforeEach(async () => {
  ana = await enrolAna(world);
  monday = nth(ana, 1);
});

async function answer(...kinds: SessionAnswerKind[]): Promise<void> {
  const { startsAt } = await rows.session(monday);
  for (const kind of kinds)
    await sql`
      insert into session_answers (id, clinic_id, patient_id, session_id, arming, kind, via, actor, at)
      values (${newId<"answer">()}, ${world.clinicId}, ${ana.patientId}, ${monday}, 0, ${kind}, 'staff', 'staff:test', ${new Date(startsAt - DAY).toISOString()})`.execute(
      db,
    );
}

/** Ana fills in what she was asked before the course. */
const fillIn = () => sql`update survey_invitations set answered_at = asked_at where patient_id = ${ana.patientId}`.execute(db);

const calls = () =>
  db
    .selectFrom("tasks")
    .select(["state", "outcome", "dueBy", "sessionId"])
    .where("template", "=", "not-ready")
    .where("patientId", "=", ana.patientId)
    .execute();
const colourOf = async (): Promise<string | undefined> => {
  const { startsAt }: { startsAt: Instant } = await rows.session(monday);
  const board = await loadBoard(db, world.clinicId, { from: startsAt, to: instant(startsAt + 1) });
  return board.find(({ sessionId }) => sessionId === monday)?.readiness?.colour;
};

describe("a visit that is not ready", () => {
  test("for Monday is on the call list on Friday at noon and not before, once, due while somebody is there", async () => {
    await stepClock(db, FRIDAY_MORNING);
    await callUnready(world.deps);
    expect(await calls()).toEqual([]);
    await stepClock(db, FRIDAY_NOON);
    await callUnready(world.deps);
    await callUnready(world.deps);
    expect(await calls()).toMatchObject([{ sessionId: monday, state: "open", dueBy: at("2027-01-08T21:00:00Z") }]);
  });

  test("that becomes ready takes its call off the list", async () => {
    await stepClock(db, FRIDAY_NOON);
    await callUnready(world.deps);
    expect(await colourOf()).toBe("red");
    await answer("confirmed", "fasting-acknowledged", "driver-named");
    expect(await colourOf()).toBe("amber");
    await fillIn();
    expect(await colourOf()).toBe("green");
    await callUnready(world.deps);
    expect(await calls()).toMatchObject([{ state: "cancelled", outcome: "ready" }]);
  });

  test("counts no answer that was given before the visit moved", async () => {
    await answer("confirmed", "fasting-acknowledged");
    await fillIn();
    await stepClock(db, FRIDAY_MORNING);
    expect(await colourOf()).toBe("green");
    await sql`update sessions set arming = 1 where id = ${monday}`.execute(db);
    expect(await colourOf()).toBe("amber");
  });
});

describe("a requirement", () => {
  test("is refused where the protocol asks for none", async () => {
    const met = { requirement: "enrolment", metOn: parseDay("2027-01-04") ?? expect.unreachable(), expiresOn: null } as const;
    expect(await recordRequirement(world.deps, ana.seriesId, { ...BY, met })).toMatchObject({
      kind: "refused",
      faults: [{ path: "requirement" }],
    });
  });
});
