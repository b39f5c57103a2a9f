/** Ana and Finn, a couple on one telephone: two patients whose messages are never one, however alike and close together. */
import { expect, test } from "vitest";
import { changeContact } from "../../src/producers/change-contact.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { byText } from "../support/by-text.ts";
import { wallTime } from "../support/course.ts";
import { openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

const SHARED = "+13035550111";
const world = await openWorld({ backend: "postgres" });
const story = await tellStory(world);
// The same course, an hour apart, so that whatever could be merged would be.
const ana = await story.enqueue("ana-iv", (request) => ({
  ...request,
  ...story.listed(["2027-01-11T09:00", "2027-01-14T09:00", "2027-01-18T09:00"]),
}));
const finn = await story.enqueue("ana-iv", (request) => ({
  ...request,
  externalId: "finn",
  ...story.listed(["2027-01-11T10:00", "2027-01-14T10:00", "2027-01-18T10:00"]),
  patient: {
    ...request.patient,
    ref: "10290",
    name: "Finn Larsen",
    email: "finn@patients.example.org",
    escort: null,
    emergencyContact: null,
  },
}));
const texts = (from: string, end = "9999") => story.reached(SHARED).filter(({ wall }) => wall >= from && wall < end);

test("each hears of the own visit, at the own hour, in a text of its own", async () => {
  await story.until("2027-01-10T17:00");
  const evening = texts("2027-01-10");
  expect(linesOf(evening)).toEqual(["2027-01-10T16:00 text day-before", "2027-01-10T16:00 text day-before"]);
  expect(evening.map(({ words }) => /tomorrow, (\d+:\d+ AM)\./.exec(words)?.[1]).toSorted(byText)).toEqual(["10:00 AM", "9:00 AM"]);
  const links = evening.map(({ words }) => /\/v\/(\S+)/.exec(words)?.[1]);
  expect(new Set(links).size).toBe(2);
});

test("neither uses up the other's week", async () => {
  await story.until("2027-01-18T08:00");
  // Six texts a week for one person; the telephone got more.
  expect(texts("2027-01-11", "2027-01-18").length).toBeGreaterThan(6);
  expect(linesOf(story.reached(ana.email)).filter((line) => /home-safe/.test(line))).toEqual([]);
  expect(linesOf(story.reached(finn.email)).filter((line) => /home-safe/.test(line))).toEqual([]);
});

test("a change of both visits within the hour is told to each alone, though each message of one person would be one", async () => {
  for (const [cast, to] of [
    [ana, "2027-01-18T13:00"],
    [finn, "2027-01-18T15:00"],
  ] as const) {
    const visit = (await story.visits(cast)).at(-1) ?? expect.unreachable();
    expect(await moveSession(world.deps, visit.id, { ...BY, move: { to: wallTime(to), because: "clinic" } })).toMatchObject({
      kind: "changed",
    });
  }
  await story.until("2027-01-18T08:30");
  const told = texts("2027-01-18T08:00")
    .filter(({ rule }) => rule === "session-moved-soon")
    .map(({ words }) => words);
  expect(told).toHaveLength(2);
  expect(told.filter((words) => words.includes("from 9:00 AM to 1:00 PM"))).toHaveLength(1);
  expect(told.filter((words) => words.includes("from 10:00 AM to 3:00 PM"))).toHaveLength(1);
  for (const words of told) expect(words).not.toContain("visits");
});

test("when Finn takes a number of his own, the shared one is Ana's: nothing of his reaches it any more, nor his new one before he agrees", async () => {
  const phone = "+13035550199";
  expect(await changeContact(world.deps, finn.patientId, { ...BY, change: { phone, consents: [] } })).toMatchObject({ kind: "changed" });
  await story.until("2027-01-21T12:00");
  expect(linesOf(story.reached(phone))).toEqual([]);
  expect(linesOf(texts("2027-01-18T09:00"))).toEqual(["2027-01-18T16:45 text home-safe", "2027-01-19T16:00 text check-in-chase"]);
  expect(linesOf(story.reached(finn.email)).filter((line) => line > "2027-01-18T09:00")).toContain("2027-01-18T18:45 mail home-safe");
  await story.booksHold();
});
