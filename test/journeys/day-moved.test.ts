/** At ten past six the clinic moves its Tuesday to the Wednesday: everybody who had been told of a visit that day hears of all of theirs in one message, and whoever drives as well. */
import { describe, expect, test } from "vitest";
import { findClinic } from "../../src/db/clinics.ts";
import { parseDay } from "../../src/domain/calendar.ts";
import { addSession } from "../../src/producers/add-session.ts";
import { moveDay } from "../../src/producers/move-day.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

const TUESDAY = parseDay("2027-01-12") ?? expect.unreachable();
const WEDNESDAY = parseDay("2027-01-13") ?? expect.unreachable();

describeOnBackends("the Tuesday is moved to the Wednesday", async (backend) => {
  const world = await openWorld({ backend });
  const story = await tellStory(world);
  // Ana comes twice that day: for a dose in the morning and for a talk after noon.
  const ana = await story.enqueue("ana-iv", (request) => ({
    ...request,
    cadence: { first: TUESDAY, weekdays: ["tue", "fri"], at: request.cadence?.at ?? expect.unreachable() },
  }));
  const talk = { kind: "integration", startsAt: "2027-01-12T14:00", minutes: 45 } as const;
  expect(await addSession(world.deps, ana.seriesId, { ...BY, session: talk })).toMatchObject({ kind: "changed" });
  const moveTuesday = async () => {
    const clinic = (await findClinic(world.deps.db, world.clinic.slug)) ?? expect.unreachable();
    const span = { from: story.at("2027-01-12T00:00"), to: story.at("2027-01-13T00:00") };
    return moveDay(world.deps, { clinic, from: TUESDAY, to: WEDNESDAY, span, which: "day" }, BY);
  };
  const told = (to: string | null, since: string) => story.reached(to).filter(({ wall }) => wall >= since);

  test("and Ana hears of both visits in one mail and one text, with a calendar entry for each", async () => {
    await story.until("2027-01-12T06:10");
    expect(await moveTuesday()).toMatchObject({ kind: "changed" });
    await story.until("2027-01-12T06:25");
    const since = "2027-01-12T06:10";
    expect(linesOf([...told(ana.email, since), ...told(ana.phone, since)])).toEqual([
      "2027-01-12T06:10 mail session-moved-soon",
      "2027-01-12T06:10 text session-moved-soon",
    ]);
    const [mail] = told(ana.email, since);
    expect(mail?.calendars.map(({ method, event }) => `${method} ${event["DTSTART"]}`)).toEqual([
      "REQUEST 20270113T160000Z",
      "REQUEST 20270113T210000Z",
    ]);
    for (const time of ["9:00 AM", "2:00 PM"]) expect(mail?.words).toContain(time);
    expect(told(ana.phone, since)[0]?.words).toContain("your next visits have moved. First: today, 9:00 AM is now tomorrow, 9:00 AM.");
  });

  test("and her driver, who was told of the morning, hears of it once", () => {
    expect(linesOf(told(ana.escortPhone, "2027-01-12T06:10"))).toEqual(["2027-01-12T06:10 text escort-moved-soon"]);
  });

  test("and a repeat moves nothing and tells nobody", async () => {
    const before = story.reached().length;
    expect(await moveTuesday()).toEqual({ kind: "same" });
    await story.until("2027-01-12T07:30");
    expect(story.reached()).toHaveLength(before);
  });

  test("and nothing is said of the Tuesday any more", async () => {
    await story.until("2027-01-13T20:00");
    const afterwards = story.reached().filter(({ wall }) => wall > "2027-01-12T06:25");
    expect(afterwards.filter(({ words }) => /Tue, Jan 12|Tuesday, January 12/.test(words)).map(({ words }) => words)).toEqual([]);
    expect((await story.visits(ana)).filter(({ wall }) => wall.startsWith("2027-01-12"))).toEqual([]);
    await story.booksHold();
  });
});

describe("on the eve of the Tuesday it is moved, less than 18 hours before the morning's visit and more before the afternoon's", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv", (request) => ({
    ...request,
    cadence: { first: TUESDAY, weekdays: ["tue", "fri"], at: request.cadence?.at ?? expect.unreachable() },
  }));
  const talk = { kind: "integration", startsAt: "2027-01-12T14:00", minutes: 45 } as const;
  expect(await addSession(world.deps, ana.seriesId, { ...BY, session: talk })).toMatchObject({ kind: "changed" });

  test("Ana is told of both in one mail with an entry for each, and the text of the morning says where the rest stands", async () => {
    await story.until("2027-01-11T15:30");
    const clinic = (await findClinic(world.deps.db, world.clinic.slug)) ?? expect.unreachable();
    const span = { from: story.at("2027-01-12T00:00"), to: story.at("2027-01-13T00:00") };
    expect(await moveDay(world.deps, { clinic, from: TUESDAY, to: WEDNESDAY, span, which: "day" }, BY)).toMatchObject({ kind: "changed" });
    await story.until("2027-01-11T15:45");
    const told = story.reached().filter(({ wall }) => wall >= "2027-01-11T15:30");
    expect(linesOf(told).toSorted()).toEqual([
      "2027-01-11T15:30 mail session-moved-soon",
      "2027-01-11T15:30 text escort-moved-soon",
      "2027-01-11T15:30 text session-moved-soon",
    ]);
    const [mail] = told.filter(({ to }) => to === ana.email);
    expect(mail?.calendars.map(({ method, event }) => `${method} ${event["DTSTART"]}`)).toEqual([
      "REQUEST 20270113T160000Z",
      "REQUEST 20270113T210000Z",
    ]);
    for (const time of ["9:00 AM", "2:00 PM"]) expect(mail?.words).toContain(time);
    await story.booksHold();
  });
});
