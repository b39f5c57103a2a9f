import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { DAY, HOUR, instant } from "../../src/domain/calendar.ts";
import { stopSeries } from "../../src/producers/stop-series.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { callsOf, finishCall, openTasks } from "./support/calls.ts";
import { BY, checksum, enrol, type Enrolled, eventsOf, pretendSent, revisionOf, rowsOf, sessionsOf, statesOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const stop = (options: Partial<Parameters<typeof stopSeries>[2]> = {}) =>
  stopSeries(world.deps, ana.seriesId, { ...BY, because: "patient", ...options });

describe("a stopped series", () => {
  test("says nothing more about its sessions, which are called off by whose wish it was", async () => {
    expect(await stop()).toMatchObject({ kind: "changed", value: { status: "stopped", sessionsCalledOff: 6, wasAnnounced: false } });
    const sessions = await sessionsOf(db, ana);
    const inWords = sessions.map(
      ({ status, sequence, changedBecause, toldStartsAt }) => `${status} ${sequence} ${changedBecause} ${toldStartsAt}`,
    );
    expect(inWords).toEqual(Array(6).fill("cancelled 1 patient null"));
    const states = await statesOf(db, ana);
    expect(Object.keys(states).filter((state) => state === "planned" || state.startsWith("held"))).toEqual([]);
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.stopped"]);
  });

  test("keeps what the patient had been told of the sessions that are called off", async () => {
    await pretendSent(db, ana, "email");
    const told = await rowsOf(db, ana);
    expect(told.filter(({ state }) => state === "sent")).toHaveLength(1);
    expect(await stop()).toMatchObject({ value: { wasAnnounced: true } });
    const sessions = await sessionsOf(db, ana);
    expect(sessions.filter(({ startsAt, toldStartsAt }) => toldStartsAt === startsAt).length).toBeGreaterThan(0);
  });

  test.each([
    ["reached", 1],
    ["voicemail", 1],
    ["no-answer", 0],
  ] as const)("calls whoever can only be called and had heard of it in a call: %s", async (outcome, calls) => {
    const dee = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, consents: [] } }));
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + 2 * HOUR));
    await openTasks(world);
    await finishCall(world, { template: "welcome", sessionId: () => null, seriesId: dee.seriesId }, outcome);
    const stopped = await stopSeries(world.deps, dee.seriesId, { ...BY, because: "patient" });
    expect(stopped).toMatchObject({ kind: "changed", value: { wasAnnounced: calls > 0 } });
    await openTasks(world);
    expect(await callsOf(world, { template: "series-stopped", sessionId: () => null, seriesId: dee.seriesId })).toEqual(
      Array(calls).fill("open"),
    );
  });

  test("leaves what has happened as it happened, and what nobody recorded to be recorded", async () => {
    const [first, second] = await sessionsOf(db, ana);
    if (!first || !second) expect.unreachable();
    await db.updateTable("sessions").set({ status: "discharged" }).where("id", "=", first.id).execute();
    await setSteppedClock(db, instant(second.startsAt + DAY / 2));
    expect(await stop()).toMatchObject({ value: { sessionsCalledOff: 4 } });
    expect((await sessionsOf(db, ana)).map(({ status }) => status)).toEqual(["discharged", "scheduled", ...Array(4).fill("cancelled")]);
  });

  test("lets go of the times it had taken", async () => {
    await stop();
    const again = await enrol(world, "ana-iv", (request) => ({ ...request, patient: ana.request.patient }));
    expect(again.patientId).toBe(ana.patientId);
  });

  test("is stopped once, and only while it is under way", async () => {
    await stop();
    const before = await checksum(db);
    expect(await stop()).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
    await db.updateTable("series").set({ status: "void" }).where("id", "=", ana.seriesId).execute();
    expect(await stop()).toMatchObject({ kind: "refused", faults: [{ path: "series.status", value: "void" }] });
  });

  test("is shown first by a dry run, which stores nothing", async () => {
    const before = await checksum(db);
    const shown = await stop({ dryRun: true });
    expect(await checksum(db)).toEqual(before);
    expect(shown).toMatchObject({ kind: "changed", dryRun: true, value: { sessionsCalledOff: 6 } });
    if (shown.kind === "changed")
      expect(new Set(shown.touchpoints.map(({ after }) => after.state))).toEqual(new Set(["cancelled", "superseded"]));
  });

  test("is not stopped on the strength of a plan that has changed since", async () => {
    expect(await stop({ ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({ kind: "refused", faults: [{ path: "revision" }] });
    expect((await sessionsOf(db, ana)).map(({ status }) => status)).toEqual(Array(6).fill("scheduled"));
  });
});
