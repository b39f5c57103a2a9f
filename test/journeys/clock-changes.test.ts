/** Courses across the nights in which the clocks are set forward and back: everything stays at its hour of the wall, and hours that count are counted as they pass. */
import { describe, expect, test } from "vitest";
import { at, openWorld } from "../support/world.ts";
import { linesOf, tellStory } from "./support/story.ts";

const NIGHTS = [
  {
    clocks: "are set forward on March 14",
    begin: "2027-03-01T15:00:00Z",
    // Friday, Saturday, Sunday of the change, Monday, Tuesday.
    days: ["2027-03-12", "2027-03-13", "2027-03-14", "2027-03-15", "2027-03-16"],
    early: "07:30",
    offsets: [7, 6],
    // Six hours before half past seven: the clocks jumped from two to three in between.
    eatUntil: "desde las 12:30 a. m.",
    zones: ["MST", "MDT"],
    // A day after half past twelve on the Saturday.
    driveFrom: "1:45 PM",
  },
  {
    clocks: "are set back on November 7",
    begin: "2027-10-25T15:00:00Z",
    days: ["2027-11-05", "2027-11-06", "2027-11-07", "2027-11-08", "2027-11-09"],
    early: "06:30",
    offsets: [6, 7],
    // Six hours before half past six: one of them was lived through twice.
    eatUntil: "desde la 1:30 a. m.",
    zones: ["MDT", "MST"],
    driveFrom: "11:45 AM",
  },
] as const;

describe.each(NIGHTS)("the clocks $clocks", async ({ begin, days, early, offsets, eatUntil, zones, driveFrom }) => {
  const world = await openWorld({ backend: "postgres", now: at(begin) });
  const story = await tellStory(world);
  const [friday, saturday, sunday, monday, tuesday] = days;
  const ana = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed([`${friday}T09:00`, `${monday}T09:00`]) }));
  const chen = await story.enqueue("chen-esketamine", (request) => ({
    ...request,
    ...story.listed([`${friday}T13:00`, `${monday}T13:00`]),
  }));
  const eva = await story.enqueue("eva-home", (request) => ({ ...request, ...story.listed([`${sunday}T${early}`], { setting: "home" }) }));
  const finn = await story.enqueue("mid-course", (request) => ({ ...request, ...story.listed([`${saturday}T11:00`]) }));
  const since = (to: string | null, from: string) =>
    story.reached(to).filter(({ wall, rule }) => wall >= from && !/^survey|-chase$/.test(rule));
  /** The same hour of the wall lies so many hours behind Greenwich, before and after. */
  const [before, after] = offsets;
  const utc = (wall: string, behind: number) => Date.parse(`${wall}:00Z`) + behind * 3_600_000;

  test("and Ana is reminded at four and asked at ten, before and after, on her own wall", async () => {
    await story.until(`${tuesday}T18:00`);
    const lines = linesOf([...since(ana.phone, friday), ...since(ana.email, friday)]);
    expect(lines).toEqual([
      `${friday}T12:45 text home-safe`,
      `${sunday}T16:00 text day-before`,
      `${monday}T12:45 text home-safe`,
      `${saturday}T10:00 mail next-day`,
      `${sunday}T16:00 mail day-before`,
      `${tuesday}T10:00 mail next-day`,
    ]);
    const moments = since(ana.email, saturday).map(({ at: when }) => when);
    expect(moments).toEqual([utc(`${saturday}T10:00`, before), utc(`${sunday}T16:00`, after), utc(`${tuesday}T10:00`, after)]);
    const [reminder] = since(ana.phone, sunday);
    expect(reminder?.words).toContain("your visit is tomorrow, 9:00 AM. Arrive by 8:45 AM. Nothing to eat after 3:00 AM.");
    const [invitation] = since(ana.email, sunday).flatMap(({ calendars }) => calendars);
    expect(invitation?.event["DTSTART"]).toBe(`${monday.replaceAll("-", "")}T${String(9 + after).padStart(2, "0")}0000Z`);
  });

  test("and Chen reads the clinic's hour with the name that its zone has on that day", () => {
    const reminders = story.reached(chen.phone).filter(({ rule }) => rule === "day-before");
    expect(reminders.map(({ words }) => /1:00 PM (\w+)\./.exec(words)?.[1])).toEqual(zones);
    expect(linesOf(reminders)).toEqual([
      `${friday.replace(/..$/, (day) => String(Number(day) - 1).padStart(2, "0"))}T16:00 text day-before`,
      `${sunday}T16:00 text day-before`,
    ]);
  });

  test("and Eva, whose visit comes early on the Sunday, is told the hour at which six hours begin to pass", () => {
    const [reminder] = story.reached(eva.phone).filter(({ rule }) => rule === "day-before");
    expect(reminder?.wall).toBe(`${saturday}T16:00`);
    expect(reminder?.words).toContain(`No coma ${eatUntil}`);
  });

  test("and Finn, who goes home on the Saturday, does not drive for a whole day, however long the clock says that is", () => {
    const [evening] = story.reached(finn.phone).filter(({ rule }) => rule === "home-safe");
    expect(evening?.words).toContain(`No driving until ${driveFrom} tomorrow.`);
  });

  test("and the books hold", () => story.booksHold());
});
