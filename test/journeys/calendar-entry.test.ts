/** One visit in the patient's calendar, from the first mail to the last: moved away, moved back, called off. What is mailed and what the page gives is one entry. */
import { describe, expect, test } from "vitest";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { openCalendarProgram } from "../support/calendar-program.ts";
import { READERS } from "../support/calendar-readers.ts";
import { wallTime } from "../support/course.ts";
import { openWorld } from "../support/world.ts";
import { BY, tellStory } from "./support/story.ts";

describe("Ana's first visit in her calendar", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv");
  await story.until("2027-01-10T18:00");
  const [first] = await story.visits(ana);
  if (!first) expect.unreachable();
  const uid = `${first.id}@afterglow.invalid`;
  const move = async (to: string) => moveSession(world.deps, first.id, { ...BY, move: { to: wallTime(to), because: "patient" } });
  await move("2027-01-12T14:00");
  await story.until("2027-01-10T18:20");
  await move("2027-01-11T09:00");
  await story.until("2027-01-10T18:40");
  await cancelSession(world.deps, first.id, { ...BY, because: "patient" });
  await story.until("2027-01-10T19:00");
  const mailed = story
    .reached(ana.email)
    .flatMap(({ ics }) => ics)
    .filter((text) => text.replace(/\r\n[ \t]/g, "").includes(uid));

  test("is added once, follows away and back, and is taken out", () => {
    const program = openCalendarProgram();
    const seen = mailed.map((text) => `${program.take(text)} ${program.entries.get(uid)?.start ?? "-"}`);
    expect(seen.filter((line, at) => line !== seen[at - 1])).toEqual([
      "added 20270111T160000Z",
      "updated 20270111T160000Z",
      "updated 20270112T210000Z",
      "updated 20270111T160000Z",
      "removed -",
    ]);
    expect(program.entries.has(uid)).toBe(false);
  });

  test.each(READERS)("is one entry to %s, whose sequence never falls, and the last mail cancels it", (_name, read) => {
    const entries = mailed.map(read);
    expect(new Set(entries.map((entry) => entry.uid))).toEqual(new Set([uid]));
    const sequences = entries.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    expect([...new Set(sequences)]).toEqual([0, 1, 2, 3]);
    expect(entries.map(({ start }) => start).filter((start, at, all) => start !== all[at - 1])).toEqual([
      "2027-01-11T16:00:00.000Z",
      "2027-01-12T21:00:00.000Z",
      "2027-01-11T16:00:00.000Z",
    ]);
    expect(entries.at(-1)).toMatchObject({ method: "CANCEL", status: "CANCELLED" });
    expect(entries.slice(0, -1).every(({ method, status }) => method === "REQUEST" && status === "CONFIRMED")).toBe(true);
  });

  test("ends taken out in whatever order the mails arrive, once it is in the calendar", () => {
    const orders = [mailed.toReversed(), [...mailed.slice(2), ...mailed.slice(0, 2)], mailed.toSorted()];
    for (const order of orders) {
      const program = openCalendarProgram();
      program.take(mailed[0] ?? "");
      for (const text of order) program.take(text);
      expect(program.entries.has(uid)).toBe(false);
    }
  });

  test("would come back with a late mail if the sequence stayed the same", () => {
    const program = openCalendarProgram();
    const stuck = mailed.map((text) => text.replace(/SEQUENCE:\d+/, "SEQUENCE:0").replace(/DTSTAMP:\w+/, "DTSTAMP:20270101T000000Z"));
    for (const text of [...stuck, stuck[0] ?? ""]) program.take(text);
    expect(program.entries.has(uid)).toBe(true);
  });

  test("and the books hold", () => story.booksHold());
});
