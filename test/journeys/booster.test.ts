/** Boosters after months: suggested to staff and never to the patient; and after ninety quiet days nothing leaves until somebody has checked whom it would reach. */
import { expect, test } from "vitest";
import { addSession } from "../../src/producers/add-session.ts";
import { verifyPatient } from "../../src/producers/verify-patient.ts";
import { openWorld } from "../support/world.ts";
import { BY, type Cast, linesOf, tellStory } from "./support/story.ts";

const world = await openWorld({ backend: "postgres" });
const story = await tellStory(world);
const COURSE = ["2027-01-11T09:00", "2027-01-14T09:00"];
const ana = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed(COURSE) }));
const finn = await story.enqueue("mid-course", (request) => ({
  ...request,
  ...story.listed(COURSE.map((wall) => wall.replace("09:00", "11:00"))),
}));
const bookBooster = (cast: Cast, startsAt: string) =>
  addSession(world.deps, cast.seriesId, { ...BY, session: { kind: "booster", startsAt } });
/** Besides the questionnaires about the course: a month after it, the last one and what reminds of it until the middle of February. */
const heard = (cast: Cast, from: string) =>
  [cast.phone, cast.email, cast.escortPhone].flatMap((to) =>
    linesOf(story.reached(to).filter(({ wall, rule }) => wall >= from && !rule.startsWith("survey"))),
  );

test("four weeks after the last dose, staff are asked whether a booster is due; Ana hears nothing of it, then or later", async () => {
  await story.until("2027-05-31T09:00");
  const reviews = (await story.tasks(ana)).filter(({ template }) => template === "booster-suggestion");
  expect(reviews).toMatchObject([{ kind: "review", opened: "2027-02-11T09:00" }]);
  expect(heard(ana, "2027-01-20")).toEqual([]);
});

test("a booster that is booked then is held from everybody, and staff are asked three staffed days before to check", async () => {
  const added = await bookBooster(ana, "2027-06-11T09:00");
  if (added.kind !== "changed") expect.unreachable();
  const messages = added.touchpoints.filter(
    ({ channel, recipient, after }) =>
      channel !== "task" && recipient !== "staff" && after.state !== "suppressed" && after.dueAt < story.at("2027-06-11T09:00"),
  );
  expect(new Set(messages.map(({ after }) => `${after.state} ${after.reason}`))).toEqual(new Set(["held unverified"]));
  expect(await bookBooster(finn, "2027-06-11T11:00")).toMatchObject({ kind: "changed" });
  await story.until("2027-06-09T09:00");
  for (const cast of [ana, finn]) {
    const checks = (await story.tasks(cast)).filter(({ kind }) => kind === "verify");
    expect(checks).toMatchObject([{ template: "verify-contact", state: "open", importance: "high", opened: "2027-06-03T09:00" }]);
    expect(heard(cast, "2027-05-29")).toEqual([]);
  }
});

test("once it is checked, Ana hears what is still of use, in its order, and nothing twice", async () => {
  expect(await verifyPatient(world.deps, ana.patientId, BY)).toMatchObject({ kind: "changed" });
  await story.until("2027-06-13T09:00");
  expect(linesOf(story.reached(ana.phone)).filter((line) => line > "2027-06")).toEqual([
    "2027-06-09T09:00 text days-before",
    "2027-06-10T16:00 text day-before",
    "2027-06-10T18:30 text eating-notice",
    "2027-06-11T12:45 text home-safe",
    "2027-06-12T16:00 text check-in-chase",
  ]);
  expect((await story.tasks(ana)).filter(({ kind }) => kind === "verify")).toMatchObject([{ state: "cancelled" }]);
});

test("of Finn, whom nobody checked, no message left; what mattered stands on the list of calls, before his visit", async () => {
  expect(heard(finn, "2027-05-29").filter((line) => line < "2027-06-11T12")).toEqual([]);
  const calls = (await story.tasks(finn)).filter(
    ({ kind, opened }) => kind === "call" && opened > "2027-06-09" && opened < "2027-06-11T11:00",
  );
  expect(calls.map(({ template }) => template)).toEqual(expect.arrayContaining(["day-before", "eating-notice"]));
  await story.booksHold();
});
