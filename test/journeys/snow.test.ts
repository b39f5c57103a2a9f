/** Snow at 05:40: the clinic closes for the day before it opens, and everybody who would have come hears it before setting out, or stands on a list of people to call. */
import { expect, test } from "vitest";
import { findClosure } from "../../src/db/closures.ts";
import { listClosedOut } from "../../src/db/view-closure.ts";
import { parseDay } from "../../src/domain/calendar.ts";
import type { ClosureId } from "../../src/domain/ids.ts";
import { addSession } from "../../src/producers/add-session.ts";
import { closeClinic } from "../../src/producers/close-clinic.ts";
import { byText } from "../support/by-text.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, type Cast, linesOf, tellStory } from "./support/story.ts";

const TUESDAY = parseDay("2027-01-12") ?? expect.unreachable();

describeOnBackends("snow at 05:40 on the Tuesday", async (backend) => {
  const world = await openWorld({ backend });
  const { db } = world.deps;
  const story = await tellStory(world);
  // Ana comes twice that day: for a dose in the morning and for a talk after noon.
  const ana = await story.enqueue("ana-iv", (request) => ({
    ...request,
    cadence: { first: TUESDAY, weekdays: ["tue", "fri"], at: request.cadence?.at ?? expect.unreachable() },
  }));
  const [ben, chen, dee, eva] = [
    await story.enqueue("ben-im"),
    await story.enqueue("chen-esketamine"),
    await story.enqueue("dee-kap"),
    await story.enqueue("eva-home"),
  ];
  const talk = { kind: "integration", startsAt: "2027-01-12T14:00", minutes: 45 } as const;
  expect(await addSession(world.deps, ana.seriesId, { ...BY, session: talk })).toMatchObject({ kind: "changed" });
  let closureId: ClosureId | undefined;
  const told = (to: string | null) => story.reached(to).filter(({ wall }) => wall >= "2027-01-12");
  const dayOfVisit = async (cast: Cast) => (await story.visits(cast)).filter(({ wall }) => wall.startsWith("2027-01-12"));

  test("closes the day for five people, one of whom has two visits", async () => {
    await story.until("2027-01-12T05:40");
    world.smtp.setFaults([{ does: "refuse", at: "rcpt", code: 550, to: ben.email ?? expect.unreachable() }]);
    const span = { from: story.at("2027-01-12T00:00"), to: story.at("2027-01-13T00:00") };
    const closed = await closeClinic(world.deps, { clinicId: world.clinicId, ...span, wholeDay: TUESDAY, reason: "snow" }, BY);
    if (closed.kind !== "changed") expect.unreachable();
    closureId = closed.value.closure;
    expect(closed.value.postponed.map(({ patientId }) => patientId).toSorted()).toEqual(
      [ana, ana, ben, chen, dee, eva].map(({ patientId }) => patientId).toSorted(),
    );
    for (const cast of [ana, ben, chen, dee, eva]) expect((await dayOfVisit(cast)).map(({ status }) => status)).not.toContain("scheduled");
  });

  test("tells Ana of both visits in one mail and one text, at once", async () => {
    await story.until("2027-01-12T05:50");
    expect(linesOf([...told(ana.email), ...told(ana.phone)])).toEqual([
      "2027-01-12T05:40 mail session-postponed-soon",
      "2027-01-12T05:40 text session-postponed-soon",
    ]);
    expect(told(ana.phone)[0]?.words).toBe(
      "Aspen Ridge Clinic: we are sorry, these visits are postponed: Tue, Jan 12, 9:00 AM; Tue, Jan 12, 2:00 PM. There is no need to come. You may eat and drink normally. We will call you to find a new date. Questions? Call (303) 555-0100",
    );
    const entries = told(ana.email)[0]?.calendars ?? [];
    expect(entries.map(({ method, event }) => `${method} ${event["DTSTART"]}`)).toEqual([
      "CANCEL 20270112T160000Z",
      "CANCEL 20270112T210000Z",
    ]);
    expect(new Set(entries.map(({ event }) => event["UID"])).size).toBe(2);
    expect(linesOf(told(ana.escortPhone))).toEqual(["2027-01-12T05:40 text escort-off-soon"]);
  });

  test("does not wake Chen, an hour west: the mail is there, the text comes at half past five on Chen's own wall", async () => {
    expect(linesOf(told(chen.phone))).toEqual([]);
    await story.until("2027-01-12T06:40");
    expect(linesOf([...told(chen.email), ...told(chen.phone)])).toEqual([
      "2027-01-12T04:40 mail session-postponed-soon",
      "2027-01-12T05:30 text session-postponed-soon",
    ]);
    expect(told(chen.phone)[0]?.words).toContain("your visit today, 1:00 PM MST has to be postponed");
  });

  test("tells Eva in Spanish not to begin at home, and who sits with her", () => {
    expect(linesOf(told(eva.phone))).toEqual(["2027-01-12T05:40 text session-postponed-soon"]);
    expect(told(eva.phone)[0]?.words).toContain("No empiece por su cuenta.");
    expect(linesOf(told(eva.escortPhone))).toEqual(["2027-01-12T05:40 text escort-off-soon"]);
  });

  test("lists who was not reached: Ben, whose mail came back and who is to be called now, and Dee, to whom nothing is ever sent", async () => {
    const calls = (await story.tasks(ben)).filter(({ template }) => template === "session-postponed-soon");
    expect(calls).toMatchObject([
      { kind: "call", state: "open", importance: "critical", opened: "2027-01-12T05:40", due: "2027-01-12T10:30" },
    ]);
    const closure = await findClosure(db, closureId ?? expect.unreachable());
    const list = await listClosedOut(db, closure ?? expect.unreachable());
    expect(list).toHaveLength(6);
    const unreached = list.filter(({ notices }) => !notices.some(({ channel, state }) => channel !== "task" && state === "sent"));
    expect(unreached.map(({ patientId }) => patientId).toSorted()).toEqual([ben.patientId, dee.patientId].toSorted());
    expect(list.every(({ planIsFresh, mayBeCalled }) => planIsFresh && mayBeCalled)).toBe(true);
  });

  test("is all that is ever said of that day, and whoever was told of a call gets one", async () => {
    await story.until("2027-01-13T12:00");
    const more = story.reached().filter(({ at, rule }) => at > story.at("2027-01-12T06:30") && /home-safe|next-day|home-end/.test(rule));
    expect(linesOf(more)).toEqual([]);
    for (const cast of [ana, ben, chen, eva]) {
      const visits = (await dayOfVisit(cast)).map(({ id }) => id);
      const rebook = (await story.tasks(cast)).filter(({ template }) => template === "rebook-call");
      expect(rebook.map(({ sessionId }) => sessionId).toSorted(byText)).toEqual(visits.toSorted(byText));
    }
    await story.booksHold();
  });
});

describeOnBackends("snow at 04:50 on the Tuesday", async (backend) => {
  const world = await openWorld({ backend });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv", (request) => ({
    ...request,
    cadence: { first: TUESDAY, weekdays: ["tue", "fri"], at: request.cadence?.at ?? expect.unreachable() },
  }));

  test("rings nobody's telephone before half past five", async () => {
    await story.until("2027-01-12T04:50");
    const span = { from: story.at("2027-01-12T07:00"), to: story.at("2027-01-12T12:00") };
    await closeClinic(world.deps, { clinicId: world.clinicId, ...span, wholeDay: null, reason: "snow" }, BY);
    await story.until("2027-01-12T06:00");
    const told = story.reached().filter(({ wall }) => wall >= "2027-01-12");
    expect(linesOf(told)).toEqual([
      "2027-01-12T04:50 mail session-postponed-soon",
      "2027-01-12T05:30 text escort-off-soon",
      "2027-01-12T05:30 text session-postponed-soon",
    ]);
    expect(told.map(({ to }) => to)).toEqual([ana.email, ana.escortPhone, ana.phone]);
    await story.booksHold();
  });
});
