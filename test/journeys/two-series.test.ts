/** Ana is in two series at once: one week of texts, one person's day, and one message where two would say the same kind of thing. */
import { expect, test } from "vitest";
import { parseDay } from "../../src/domain/calendar.ts";
import { closeClinic } from "../../src/producers/close-clinic.ts";
import { openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

const world = await openWorld({ backend: "postgres" });
const story = await tellStory(world);
const DOSES = ["2027-01-11T09:00", "2027-01-13T09:00", "2027-01-15T09:00", "2027-01-20T09:00"];
const TALKS = ["2027-01-12T14:00", "2027-01-13T14:00", "2027-01-14T14:00", "2027-01-20T14:00"];
const doses = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed(DOSES) }));
const talks = await story.enqueue("ana-iv", (request) => ({
  ...request,
  externalId: "talks",
  protocol: { id: "kap-lozenge", version: 1 },
  ...story.listed(TALKS, { kind: "integration", minutes: 50 }),
}));
const texts = (from: string, end: string) => story.reached(doses.phone).filter(({ wall }) => wall >= from && wall < end);

test("is one patient", () => {
  expect(talks.patientId).toBe(doses.patientId);
});

test("gets six texts in a week and no more, of both series together; what must not be missed is among them, the rest comes by mail", async () => {
  await story.until("2027-01-18T08:00");
  const week = texts("2027-01-11", "2027-01-18");
  expect(week).toHaveLength(6);
  const reminders = (day: string) => week.filter(({ rule, wall }) => rule === "day-before" && wall.startsWith(day));
  expect([reminders("2027-01-12"), reminders("2027-01-14")].map(({ length }) => length)).toEqual([1, 1]);
  const mailed = story.reached(doses.email).filter(({ wall, rule }) => wall >= "2027-01-11" && /home-safe|integration-reminder/.test(rule));
  expect(mailed.length).toBeGreaterThan(0);
  // Of each of the six visits of that week she was reminded once, wherever there was room.
  const talkReminders = story.reached().filter(({ rule }) => rule === "integration-reminder");
  expect(linesOf(talkReminders).map((line) => line.slice(0, 10))).toEqual(["2027-01-11", "2027-01-12", "2027-01-13"]);
});

test("has one plan of that week, with the visits of both", () => {
  const [plan, ...others] = story.reached(doses.email).filter(({ rule, wall }) => rule === "week-plan" && wall < "2027-01-11");
  expect(others).toEqual([]);
  for (const visit of ["Monday, January 11, 9:00 AM", "Tuesday, January 12, 2:00 PM", "Wednesday, January 13, 9:00 AM"])
    expect(plan?.words).toContain(visit);
  expect(plan?.words).not.toContain("January 20");
});

test("is told in one mail when the day closes on which she has a visit of each", async () => {
  const day = parseDay("2027-01-20") ?? expect.unreachable();
  const span = { from: story.at("2027-01-20T00:00"), to: story.at("2027-01-21T00:00") };
  await closeClinic(world.deps, { clinicId: world.clinicId, ...span, wholeDay: day, reason: "a burst pipe" }, BY);
  await story.until("2027-01-18T08:30");
  const told = story.reached(doses.email).filter(({ rule }) => rule === "session-postponed");
  expect(linesOf(told)).toEqual(["2027-01-18T08:00 mail session-postponed"]);
  expect(told[0]?.words).toContain("- Wednesday, January 20, 9:00 AM");
  expect(told[0]?.words).toContain("- Wednesday, January 20, 2:00 PM");
  expect(told[0]?.calendars.map(({ method }) => method)).toEqual(["CANCEL", "CANCEL"]);
});

test("hears nothing more of that day, and the books hold", async () => {
  await story.until("2027-01-22T12:00");
  expect(
    linesOf(
      story.reached().filter(({ wall, rule }) => wall > "2027-01-18T09:00" && /day-before|integration|home-safe|next-day/.test(rule)),
    ),
  ).toEqual([]);
  await story.booksHold();
});
