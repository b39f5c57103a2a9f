/** One visit in the patient's calendar, from the first mail to the last: moved away, moved back, called off. What is mailed and what the page gives is one entry. */
import { describe, expect, test } from "vitest";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { openCalendarProgram } from "../support/calendar-program.ts";
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
