/** Ana's visit moves twice, and another one moves away and back: one truthful set of messages, as the mails and texts have it. */
import { describe, expect, test } from "vitest";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { wallTime } from "../support/course.ts";
import { describeOnBackends, openWorld } from "../support/world.ts";
import { BY, type Cast, linesOf, tellStory } from "./support/story.ts";

describeOnBackends("Ana's first visit moves twice", async (backend) => {
  const world = await openWorld({ backend });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv");
  await story.until("2027-01-07T11:00");
  const [first] = await story.visits(ana);
  if (!first) expect.unreachable();
  const move = async (to: string, because: "patient" | "clinic") =>
    moveSession(world.deps, first.id, { ...BY, move: { to: wallTime(to), because } });
  const heard = (from: string) => linesOf(story.reached().filter(({ wall }) => wall >= from));

  test("in good time it is told once, by one mail that moves the calendar's entry, and the escort by a text", async () => {
    const moved = await move("2027-01-12T14:00", "patient");
    // A day before the second dose: staff see that, and what would be better; nothing but this one visit moves.
    expect(moved).toMatchObject({ kind: "changed", warnings: [expect.stringContaining("1 day apart")] });
    await story.until("2027-01-11T09:30");
    expect(heard("2027-01-07T11:00")).toEqual([
      "2027-01-07T11:00 mail session-moved",
      "2027-01-07T11:00 text escort-moved",
      "2027-01-10T17:00 mail week-plan",
    ]);
    const [mail] = story.reached(ana.email).filter(({ rule }) => rule === "session-moved");
    expect(mail).toMatchObject({ subject: "Your visit has moved to Tuesday, January 12, 2:00 PM" });
    expect(mail?.words).toContain("As you asked");
    expect(mail?.words).toContain("It was Monday, January 11, 9:00 AM.");
  });

  test("after the reminders for its second time have gone, it is told again, and reminded of again", async () => {
    await story.until("2027-01-11T17:05");
    expect(heard("2027-01-11T16:00")).toEqual([
      "2027-01-11T16:00 mail day-before",
      "2027-01-11T16:00 text day-before",
      "2027-01-11T16:00 text escort-day-before",
    ]);
    await move("2027-01-14T14:00", "clinic");
    await story.until("2027-01-15T08:30");
    // Her telephone has been told of two o'clock, so it hears that it is not; the escort's too.
    expect(heard("2027-01-11T17:00").toSorted()).toEqual([
      "2027-01-11T17:05 mail session-moved-soon",
      "2027-01-11T17:05 text escort-moved-soon",
      "2027-01-11T17:05 text session-moved-soon",
      "2027-01-12T16:00 mail day-before",
      "2027-01-12T16:00 text day-before",
      "2027-01-12T16:00 text escort-day-before",
      "2027-01-13T12:45 text home-safe",
      "2027-01-13T16:00 mail day-before",
      "2027-01-13T16:00 text day-before",
      "2027-01-13T16:00 text escort-day-before",
      "2027-01-14T10:00 mail next-day",
      // The sixth text of her week is the reminder: the rest comes by mail.
      "2027-01-14T16:00 mail check-in-chase",
      "2027-01-14T16:00 mail day-before",
      "2027-01-14T16:00 text day-before",
      "2027-01-14T16:00 text escort-day-before",
      "2027-01-14T17:45 mail home-safe",
    ]);
    const reminders = story.reached(ana.phone).filter(({ rule, wall }) => rule === "day-before" && wall > "2027-01-11");
    expect(reminders.map(({ words }) => /tomorrow, (\d+:\d+ [AP]M)/.exec(words)?.[1])).toEqual([
      "2:00 PM",
      "9:00 AM",
      "2:00 PM",
      "9:00 AM",
    ]);
  });

  test("its calendar entry is one from first to last, each mail with a higher sequence and the time that was true then", () => {
    const entries = story
      .reached(ana.email)
      .flatMap(({ calendars }) => calendars)
      .filter(({ event }) => event["UID"]?.startsWith(first.id));
    expect(new Set(entries.map(({ event }) => event["UID"])).size).toBe(1);
    const versions = [...new Set(entries.map(({ method, event }) => `${method} ${event["SEQUENCE"]} ${event["DTSTART"]}`))];
    expect(versions).toEqual(["REQUEST 0 20270111T160000Z", "REQUEST 1 20270112T210000Z", "REQUEST 2 20270114T210000Z"]);
  });

  test("and the books hold", () => story.booksHold());
});

describeOnBackends("visits move away and back", async (backend) => {
  const world = await openWorld({ backend });
  const story = await tellStory(world);
  const [ana, eva] = [await story.enqueue("ana-iv"), await story.enqueue("eva-home")];
  const moveFirst = async (cast: Cast, to: string) => {
    const [visit] = await story.visits(cast);
    const move = { to: wallTime(to), because: "patient" } as const;
    expect(await moveSession(world.deps, visit?.id ?? expect.unreachable(), { ...BY, move })).toMatchObject({ kind: "changed" });
  };

  test("within a night in which no text may leave: Eva, who takes texts alone, is told nothing", async () => {
    await story.until("2027-01-08T21:00");
    await moveFirst(eva, "2027-01-14T17:00");
    await story.until("2027-01-08T21:20");
    await moveFirst(eva, "2027-01-12T17:00");
    await story.until("2027-01-10T17:00");
    const heard = story.reached(eva.phone).filter(({ rule }) => !rule.startsWith("survey"));
    expect(linesOf(heard)).toEqual(["2027-01-04T09:00 text welcome", "2027-01-10T17:00 text week-plan"]);
  });

  test("after the reminder had gone: Ana is told of both on every channel, and what she heard last is true", async () => {
    await moveFirst(ana, "2027-01-12T09:00");
    await story.until("2027-01-10T18:00");
    await moveFirst(ana, "2027-01-11T09:00");
    await story.until("2027-01-10T18:10");
    const notices = story.reached().filter(({ wall, to }) => wall >= "2027-01-10T17:00" && to !== eva.phone);
    expect(linesOf(notices).toSorted()).toEqual(
      ["17:00", "18:00"].flatMap((time) => [
        `2027-01-10T${time} mail session-moved-soon`,
        `2027-01-10T${time} text escort-moved-soon`,
        `2027-01-10T${time} text session-moved-soon`,
      ]),
    );
    const [away, back] = notices.filter(({ to }) => to === ana.phone).map(({ words }) => words);
    expect(away).toContain("your visit tomorrow, 9:00 AM has moved. It is now on Tuesday, 9:00 AM.");
    expect(away).toContain("Eat and drink normally for now.");
    expect(back).toContain("It is now tomorrow, 9:00 AM. Arrive by 8:45 AM. Nothing to eat after 3:00 AM. Clear liquids until 7:00 AM.");
    const pickUps = notices.filter(({ to }) => to === ana.escortPhone).map(({ words }) => /come in on (.*? [AP]M)/.exec(words)?.[1]);
    expect(pickUps).toEqual(["Tue, Jan 12 at 10:45 AM", "Mon, Jan 11 at 10:45 AM"]);
    const entries = notices.flatMap(({ calendars }) => calendars).map(({ event }) => `${event["SEQUENCE"]} ${event["DTSTART"]}`);
    expect(entries).toEqual(["1 20270112T160000Z", "2 20270111T160000Z"]);
  });

  test("the reminder that was true all along is not said a second time, and nobody is reminded of the day between", async () => {
    await story.until("2027-01-14T08:00");
    const reminders = story.reached(ana.email).filter(({ rule }) => rule === "day-before");
    expect(linesOf(reminders)).toEqual(["2027-01-10T16:00 mail day-before", "2027-01-12T16:00 mail day-before"]);
    const evening = story.reached(ana.phone).filter(({ rule }) => rule === "home-safe");
    expect(linesOf(evening)).toEqual(["2027-01-11T12:45 text home-safe", "2027-01-13T12:45 text home-safe"]);
    const evas = story.reached(eva.phone).filter(({ wall }) => wall > "2027-01-11");
    expect(linesOf(evas)).toEqual([
      "2027-01-11T12:00 text location-confirm",
      "2027-01-11T16:00 text day-before",
      "2027-01-13T10:00 text next-day",
    ]);
    expect(evas[1]?.words).toContain("cita mañana a las 5:00 p. m.");
    // The call that was open when she moved away came back to the list, and there never was one about a move.
    const calls = (await story.tasks(eva)).filter(({ template }) => /what-to-expect|moved/.test(template));
    expect(calls.map(({ template, opened }) => `${template} ${opened}`)).toEqual([
      "what-to-expect 2027-01-05T10:00",
      "what-to-expect 2027-01-11T08:00",
    ]);
    expect(calls.filter(({ opened, due }) => due < opened)).toEqual([]);
  });

  test("and the books hold", () => story.booksHold());
});

describe("Ana's visit of tomorrow at three", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed(["2027-01-11T15:00", "2027-01-18T15:00"]) }));
  const [first] = await story.visits(ana);
  const moveTo = async (to: string) => {
    const move = { to: wallTime(to), because: "patient" } as const;
    await moveSession(world.deps, first?.id ?? expect.unreachable(), { ...BY, move });
  };

  test("moves away after its reminder, and back: more than 18 hours before, but her telephone was told, and so it is told what is true", async () => {
    await story.until("2027-01-10T16:30");
    await moveTo("2027-01-13T15:00");
    await story.until("2027-01-10T17:00");
    await moveTo("2027-01-11T15:00");
    await story.until("2027-01-10T18:00");
    const told = (to: string | null) => story.reached(to).filter(({ wall }) => wall >= "2027-01-10");
    expect(linesOf(told(ana.phone))).toEqual([
      "2027-01-10T16:00 text day-before",
      "2027-01-10T16:30 text session-moved-soon",
      "2027-01-10T17:00 text session-moved-soon",
    ]);
    expect(told(ana.phone).at(-1)?.words).toContain("It is now tomorrow, 3:00 PM. Arrive by 2:45 PM. Nothing to eat after 9:00 AM.");
    expect(linesOf(told(ana.email))).toEqual([
      "2027-01-10T16:00 mail day-before",
      "2027-01-10T16:30 mail session-moved-soon",
      "2027-01-10T17:00 mail session-moved-soon",
    ]);
    await story.booksHold();
  });
});

describe("Ana's first visit moves, and then it is cancelled", async () => {
  const world = await openWorld({ backend: "postgres" });

  test("what to expect of the first visit is said once, whichever visit is the first", async () => {
    const story = await tellStory(world);
    const ana = await story.enqueue("ana-iv");
    const [first] = await story.visits(ana);
    if (!first) expect.unreachable();
    await story.until("2027-01-07T11:00");
    await moveSession(world.deps, first.id, { ...BY, move: { to: wallTime("2027-01-12T09:00"), because: "clinic" } });
    await story.until("2027-01-08T11:00");
    await cancelSession(world.deps, first.id, { ...BY, because: "patient" });
    await story.until("2027-01-08T11:30");
    expect(linesOf(story.reached().filter(({ rule }) => rule === "what-to-expect"))).toEqual(["2027-01-04T10:00 mail what-to-expect"]);
    await story.booksHold();
  });
});

describe("Ana's visit of tomorrow at nine moves to two", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv");
  const [first] = await story.visits(ana);

  test("after its reminder: one word on each channel, which has all that the reminder had", async () => {
    await story.until("2027-01-10T17:00");
    const move = { to: wallTime("2027-01-11T14:00"), because: "clinic" } as const;
    await moveSession(world.deps, first?.id ?? expect.unreachable(), { ...BY, move });
    await story.until("2027-01-11T13:30");
    const told = story.reached().filter(({ wall, rule }) => wall >= "2027-01-10T17:00" && rule !== "survey-chase");
    expect(linesOf(told)).toEqual([
      "2027-01-10T17:00 mail session-moved-soon",
      "2027-01-10T17:00 text escort-moved-soon",
      "2027-01-10T17:00 text session-moved-soon",
    ]);
    for (const { words } of told.filter(({ to }) => to !== ana.escortPhone)) expect(words).toMatch(/2:00 PM[^]*8:00 AM[^]*12:00 PM/);
  });

  test("and the books hold", () => story.booksHold());
});

describe("beside the reminder of the day before", () => {
  const REMINDED = ["2027-01-10T16:00 mail day-before", "2027-01-10T16:00 text day-before"];
  const EATING = "2027-01-10T18:30 text eating-notice";
  test.each([
    ["15:59", []],
    ["16:00", REMINDED],
    ["19:00", REMINDED],
  ])("a visit of tomorrow at two moves to three, at %s: each channel says once that it has moved", async (wall, reminded) => {
    const world = await openWorld({ backend: "postgres" });
    const story = await tellStory(world);
    const ana = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed(["2027-01-11T14:00", "2027-01-18T14:00"]) }));
    const [first] = await story.visits(ana);
    await story.until(`2027-01-10T${wall}`);
    const move = { to: wallTime("2027-01-11T15:00"), because: "clinic" } as const;
    await moveSession(world.deps, first?.id ?? expect.unreachable(), { ...BY, move });
    await story.until("2027-01-11T06:00");
    const told = story.reached().filter((each) => each.wall >= "2027-01-10T15:59" && each.to !== ana.escortPhone);
    const notices = ["mail", "text"].map((channel) => `2027-01-10T${wall} ${channel} session-moved-soon`);
    expect(linesOf(told).toSorted()).toEqual([...reminded, ...notices, EATING].toSorted());
    for (const { words } of told.filter(({ rule }) => rule === "session-moved-soon"))
      expect(words).toMatch(/2:00 PM[^]*3:00 PM[^]*9:00 AM[^]*1:00 PM/);
    await story.booksHold();
  });
});
