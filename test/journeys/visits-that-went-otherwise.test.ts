/** A fortnight in which visits go otherwise than planned: not attended, without a dose, over early, or with nobody to write down how they went. */
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { SessionId } from "../../src/domain/ids.ts";
import { fileForm } from "../../src/producers/file-form.ts";
import { type Outcome, recordOutcome } from "../../src/producers/record-outcome.ts";
import { watchPatient } from "../../src/producers/watch-patient.ts";
import { openWorld } from "../support/world.ts";
import { BY, type Cast, linesOf, type StoryTask, tellStory } from "./support/story.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const story = await tellStory(world);
const [ana, ben, chen, finn] = [
  await story.enqueue("ana-iv"),
  await story.enqueue("ben-im"),
  await story.enqueue("chen-esketamine"),
  await story.enqueue("mid-course"),
];
await watchPatient(world.deps, ana.patientId, { ...BY, watch: "watched" });

/** The visit of that day. */
async function visitOf(cast: Cast, day: string): Promise<SessionId> {
  return (await story.visits(cast)).find(({ wall }) => wall.startsWith(day))?.id ?? expect.unreachable();
}
const [unwritten, lateWritten] = [await visitOf(finn, "2027-01-05"), await visitOf(finn, "2027-01-08")];
const [missed, aborted] = [await visitOf(ana, "2027-01-11"), await visitOf(ben, "2027-01-12")];
const [chenMissed, early] = [await visitOf(chen, "2027-01-12"), await visitOf(chen, "2027-01-14")];

const record = (id: SessionId, outcome: Outcome) => recordOutcome(world.deps, id, { outcome, actor: "staff:Maria Lopez" });
const until = (wall: string) => story.until(wall, { unrecorded: [unwritten, lateWritten, missed, aborted, chenMissed, early] });
// Questionnaires are about the weeks, not about a visit.
const heard = (to: string | null, from: string, end: string) =>
  linesOf(story.reached(to).filter(({ wall, rule }) => wall >= from && wall < end && !rule.startsWith("survey")));
const about = async (cast: Cast, id: SessionId) =>
  (await story.tasks(cast)).filter(({ sessionId, template }) => sessionId === id && !/before/.test(template));
const say = ({ template, state, opened }: StoryTask) => `${opened} ${template} ${state}`;
const statesOf = async (id: SessionId) => {
  const { rows } = await sql<{ line: string }>`
    select distinct rule || ' ' || state || coalesce(' ' || reason, '') as line from touchpoints
    where session_id = ${id} and awaits is not null order by 1`.execute(db);
  return rows.map(({ line }) => line);
};

test("of a visit about which nobody writes anything, nothing is guessed: staff are asked after half an hour, and at the last moment somebody shall call", async () => {
  await until("2027-01-05T13:00");
  expect((await about(finn, unwritten)).map(say)).toEqual(["2027-01-05T13:00 record-outcome open"]);
  await until("2027-01-08T10:00");
  expect((await about(finn, unwritten)).map(say)).toEqual([
    "2027-01-05T13:00 record-outcome open",
    "2027-01-06T10:30 no-outcome-call open",
  ]);
  expect(heard(finn.email, "2027-01-05T11:00", "2027-01-07")).toEqual([]);
  expect(heard(finn.phone, "2027-01-05T11:00", "2027-01-07")).toEqual([]);
  expect(await statesOf(unwritten)).toEqual([
    "check-in-chase suppressed no-outcome",
    // The text, for which its week had no room; the mail would have gone.
    "check-in-chase suppressed over-budget",
    "home-safe suppressed no-outcome",
    "next-day suppressed no-outcome",
  ]);
});

test("of one that is written down in the evening, what is still of use goes then, and the question is settled", async () => {
  await until("2027-01-08T18:00");
  await record(lateWritten, { status: "dosed", at: story.at("2027-01-08T11:15") });
  await record(lateWritten, { status: "discharged", at: story.at("2027-01-08T12:40") });
  await until("2027-01-09T12:00");
  expect(heard(finn.phone, "2027-01-08T11:00", "2027-01-10")).toEqual(["2027-01-08T18:00 text home-safe"]);
  expect(heard(finn.email, "2027-01-08T11:00", "2027-01-10")).toEqual(["2027-01-09T10:00 mail next-day"]);
  expect((await about(finn, lateWritten)).map(say)).toEqual(["2027-01-08T13:00 record-outcome cancelled"]);
});

test("Ana, who is watched, does not come: nobody asks her how she slept, and somebody calls her on the same day", async () => {
  await until("2027-01-11T09:40");
  await record(missed, { status: "no_show" });
  await until("2027-01-12T12:00");
  expect(heard(ana.phone, "2027-01-11", "2027-01-12T12:00")).toEqual([]);
  expect(heard(ana.email, "2027-01-11", "2027-01-12T12:00")).toEqual([]);
  expect(await about(ana, missed)).toMatchObject([
    { template: "missed-visit-watched", kind: "call", importance: "critical", opened: "2027-01-11T09:40", due: "2027-01-11T11:40" },
  ]);
});

test("Chen does not come either: no form is asked for, and the call has until the next day", async () => {
  await until("2027-01-12T13:30");
  await record(chenMissed, { status: "no_show" });
  await until("2027-01-13T17:00");
  expect(heard(chen.phone, "2027-01-12", "2027-01-13T12:00")).toEqual([]);
  expect(await about(chen, chenMissed)).toMatchObject([
    { template: "missed-visit", kind: "call", importance: "normal", due: "2027-01-13T12:30" },
  ]);
});

test("Ben comes, his blood pressure is too high, he is not dosed: nothing that follows a dose is said or asked for", async () => {
  await record(aborted, { status: "not_dosed", reason: "bp" });
  await until("2027-01-14T13:05");
  expect(heard(ben.email, "2027-01-12T10:30", "2027-01-14T13:05").filter((line) => /home-safe|next-day|three/.test(line))).toEqual([]);
  expect((await about(ben, aborted)).filter(({ state }) => state === "open")).toEqual([]);
});

test("Chen leaves an hour early: the clock of what follows runs from then, staff are warned, and nothing is said twice", async () => {
  await record(early, { status: "dosed" });
  await until("2027-01-14T14:05");
  const gone = { status: "discharged", why: "wanted to catch a train" } as const;
  expect(await record(early, gone)).toMatchObject({
    kind: "changed",
    value: { minutesEarly: 60 },
    warnings: [expect.stringMatching(/60 minutes before .*staff:Maria Lopez/)],
  });
  expect(await record(early, gone)).toEqual({ kind: "same" });
  await until("2027-01-16T09:00");
  // On Chen's wall it was five past one; the planned end would have asked at a quarter past four.
  expect(heard(chen.phone, "2027-01-14", "2027-01-16")).toEqual([
    "2027-01-14T15:05 text home-safe",
    "2027-01-15T16:00 text check-in-chase",
  ]);
  expect(heard(chen.email, "2027-01-14", "2027-01-16")).toEqual(["2027-01-15T10:00 mail next-day"]);
});

test("Ben's next visit was reminded of as ever", () => {
  expect(heard(ben.email, "2027-01-14T12:00", "2027-01-15T10:00")).toEqual(["2027-01-14T16:00 mail day-before"]);
});

test("only the form of the dose that was given is asked for, and filing it ends the asking", async () => {
  await until("2027-01-17T09:30");
  const forms = async () => (await story.tasks(chen)).filter(({ kind }) => kind === "file-form");
  expect(await forms()).toMatchObject([{ sessionId: early, state: "open", opened: "2027-01-17T09:00" }]);
  expect(await fileForm(world.deps, early, { ...BY, form: { by: "Maria Lopez", at: story.at("2027-01-17T09:20") } })).toMatchObject({
    kind: "changed",
  });
  await until("2027-01-21T12:00");
  expect((await forms()).filter(({ sessionId }) => sessionId === early)).toMatchObject([{ state: "cancelled" }]);
  expect((await forms()).filter(({ sessionId }) => sessionId === chenMissed)).toEqual([]);
});

test("and the books hold", () => story.booksHold());
