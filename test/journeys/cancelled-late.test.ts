/** Visits that are cancelled an hour before they begin: by whom it matters, everybody hears at once, over whatever reaches them. */
import { describe, expect, test } from "vitest";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { postponeSession } from "../../src/producers/postpone-session.ts";
import { stopSeries } from "../../src/producers/stop-series.ts";
import { wallTime } from "../support/course.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, type Cast, linesOf, tellStory } from "./support/story.ts";

describeOnBackends("a visit that is cancelled an hour before", async (backend) => {
  const world = await openWorld({ backend });
  const story = await tellStory(world);
  const [ana, ben, dee] = [await story.enqueue("ana-iv"), await story.enqueue("ben-im"), await story.enqueue("dee-kap")];
  const cancelFirst = async (cast: Cast, because: "patient" | "clinic") => {
    const [visit] = await story.visits(cast);
    expect(await cancelSession(world.deps, visit?.id ?? expect.unreachable(), { ...BY, because })).toMatchObject({ kind: "changed" });
    return visit?.id ?? expect.unreachable();
  };

  test("by the clinic: Ana is told on every channel at once, in hours in which nothing else may leave, and her driver with her", async () => {
    await story.until("2027-01-11T08:00");
    const first = await cancelFirst(ana, "clinic");
    await story.until("2027-01-11T08:30");
    const told = story.reached().filter(({ wall }) => wall > "2027-01-11");
    expect(told.map(({ line, to }) => `${line} ${to}`)).toEqual([
      `2027-01-11T08:00 mail session-cancelled-soon ${ana.email}`,
      `2027-01-11T08:00 text escort-off-soon ${ana.escortPhone}`,
      `2027-01-11T08:00 text session-cancelled-soon ${ana.phone}`,
    ]);
    const [mail, driver, text] = told.map(({ words }) => words);
    expect(text).toBe(
      "Aspen Ridge Clinic: we are sorry, your visit today, 9:00 AM cannot take place. There is no need to come. You may eat and drink normally. We will call you about a new time. Questions? Call (303) 555-0100",
    );
    expect(driver).toContain("no pick-up needed on Mon, Jan 11");
    expect(mail).toContain("We will call you to find a new time together.");
    const entries = story
      .reached(ana.email)
      .flatMap(({ calendars }) => calendars)
      .filter(({ event }) => event["UID"]?.startsWith(first));
    expect(new Set(entries.map(({ event }) => event["UID"])).size).toBe(1);
    expect(entries.at(-1)).toMatchObject({ method: "CANCEL", event: { STATUS: "CANCELLED", SEQUENCE: "1", DTSTART: "20270111T160000Z" } });
    expect(entries.slice(0, -1).map(({ method, event }) => `${method} ${event["SEQUENCE"]}`)).toEqual(
      entries.slice(1).map(() => "REQUEST 0"),
    );
    // Somebody keeps the promise of a call. Her questionnaire, which she has not filled in, is asked about as on any day.
    expect((await story.tasks(ana)).filter(({ kind }) => kind !== "survey")).toMatchObject([
      { template: "rebook-call", state: "open", opened: "2027-01-11T08:00", sessionId: first },
    ]);
  });

  test("by the patient: Ben reads it in the one mail he gets, and nobody calls him about it", async () => {
    await story.until("2027-01-12T09:30");
    await cancelFirst(ben, "patient");
    await story.until("2027-01-12T09:40");
    const [mail, ...more] = story.reached(ben.email).filter(({ wall }) => wall >= "2027-01-12");
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ subject: "Your visit today at 10:30 AM will not take place", wall: "2027-01-12T09:30" });
    expect(mail?.words).toContain("As you asked, we have cancelled your visit");
    expect(mail?.calendars).toMatchObject([{ method: "CANCEL" }]);
    const open = (await story.tasks(ben)).filter(({ state, kind }) => state === "open" && kind === "call");
    expect(open).toEqual([]);
  });

  test("Dee, who wants no messages and had been called, is called within the hour, with a script", async () => {
    await story.makeCalls(dee);
    await story.until("2027-01-12T13:00");
    await cancelFirst(dee, "clinic");
    await story.until("2027-01-12T13:30");
    const calls = (await story.tasks(dee)).filter(({ opened }) => opened === "2027-01-12T13:00");
    expect(calls.map(({ template, importance, due }) => `${template} ${importance} ${due}`).toSorted()).toEqual([
      "rebook-call high 2027-01-12T17:00",
      "session-cancelled-soon critical 2027-01-12T14:00",
    ]);
  });

  test("nothing more is said of any of these visits", async () => {
    await story.until("2027-01-12T18:00");
    const after = story.reached().filter(({ wall, rule }) => wall > "2027-01-11T08:00" && /home-safe|next-day|record/.test(rule));
    expect(linesOf(after)).toEqual([]);
    const asked = [...(await story.tasks(ana)), ...(await story.tasks(ben))];
    expect(asked.filter(({ kind }) => kind === "record-outcome")).toEqual([]);
    await story.booksHold();
  });
});

describe("a visit that the clinic cancels before anybody was told of it", async () => {
  const world = await openWorld({ backend: "postgres" });

  test("is to be booked anew: Dee, whose calls are still open, is called about a new time, and about no change", async () => {
    const story = await tellStory(world);
    const dee = await story.enqueue("dee-kap");
    await story.until("2027-01-12T13:00");
    const [visit] = await story.visits(dee);
    await cancelSession(world.deps, visit?.id ?? expect.unreachable(), { ...BY, because: "clinic" });
    await story.until("2027-01-12T13:30");
    const calls = (await story.tasks(dee)).filter(({ opened }) => opened === "2027-01-12T13:00");
    expect(calls).toMatchObject([{ kind: "call", template: "rebook-call", state: "open", sessionId: visit?.id }]);
    await story.booksHold();
  });
});

describe("a series that is stopped on the evening before a visit", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv");

  test("is told to Ana, who prepares for nine o'clock, on every channel, and to her driver", async () => {
    await story.until("2027-01-10T18:00");
    await stopSeries(world.deps, ana.seriesId, { ...BY, because: "clinic" });
    await story.until("2027-01-10T19:00");
    const told = story.reached().filter(({ wall }) => wall >= "2027-01-10T18:00");
    expect(told.map(({ line, to }) => `${line} ${to}`)).toEqual([
      `2027-01-10T18:00 mail series-stopped-soon ${ana.email}`,
      `2027-01-10T18:00 text escort-off-soon ${ana.escortPhone}`,
      `2027-01-10T18:00 text series-stopped-soon ${ana.phone}`,
    ]);
    const [mail, driver, text] = told;
    expect(mail?.calendars.map(({ method }) => method)).toContain("CANCEL");
    expect(driver?.words).toContain("no pick-up needed on Mon, Jan 11: that visit will not take place.");
    expect(text?.words).toContain("No need to prepare or to come");
  });

  test("and nothing more is said of it", async () => {
    await story.until("2027-01-12T12:00");
    expect(linesOf(story.reached().filter(({ wall }) => wall > "2027-01-10T19:00"))).toEqual([]);
    await story.booksHold();
  });
});

describe("a visit that is postponed, takes place after all, and is postponed again", async () => {
  const world = await openWorld({ backend: "postgres" });

  test("is told each time, so that nobody sets out on what was said before", async () => {
    const story = await tellStory(world);
    const ana = await story.enqueue("ana-iv");
    const [first] = await story.visits(ana);
    const id = first?.id ?? expect.unreachable();
    await story.until("2027-01-11T06:00");
    await postponeSession(world.deps, id, { ...BY, because: "clinic" });
    await story.until("2027-01-11T06:30");
    await moveSession(world.deps, id, { ...BY, move: { to: wallTime("2027-01-11T09:00"), because: "clinic" } });
    await story.until("2027-01-11T07:00");
    await postponeSession(world.deps, id, { ...BY, because: "clinic" });
    await story.until("2027-01-11T07:30");
    const told = story.reached().filter(({ wall }) => wall >= "2027-01-11");
    expect(linesOf(told.filter(({ to }) => to === ana.phone))).toEqual([
      "2027-01-11T06:00 text session-postponed-soon",
      "2027-01-11T06:30 text session-moved-soon",
      "2027-01-11T07:00 text session-postponed-soon",
    ]);
    expect(linesOf(told.filter(({ to }) => to === ana.escortPhone))).toHaveLength(3);
    expect(told.flatMap(({ calendars }) => calendars).map(({ method }) => method)).toEqual(["CANCEL", "REQUEST", "CANCEL"]);
    await story.booksHold();
  });
});
