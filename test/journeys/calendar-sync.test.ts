/** Every evening the clinic's own calendar is brought over from its record system: what it moved, cancelled and added is told as if staff had done it by hand. */
import { expect, test } from "vitest";
import { parseSyncCsv } from "../../src/domain/parse-sync-csv.ts";
import { recordOutcome } from "../../src/producers/record-outcome.ts";
import { type Synced, syncSessions } from "../../src/producers/sync-sessions.ts";
import { openWorld } from "../support/world.ts";
import { linesOf, tellStory } from "./support/story.ts";

const world = await openWorld({ backend: "postgres" });
const story = await tellStory(world);
const DAYS = ["2027-01-11", "2027-01-14", "2027-01-19", "2027-01-22"];
const ana = await story.enqueue("ana-iv", (request) => {
  const { sessions, cadence } = story.listed(DAYS.map((day) => `${day}T09:00`));
  return { ...request, cadence, sessions: (sessions ?? []).map((session, index) => ({ ...session, externalId: `a${index + 1}` })) };
});
const finn = await story.enqueue("mid-course", (request) => {
  const { sessions, cadence } = story.listed(DAYS.map((day) => `${day}T11:00`));
  return { ...request, cadence, sessions: (sessions ?? []).map((session, index) => ({ ...session, externalId: `f${index + 1}` })) };
});

type Row = readonly [externalId: string, startsAt: string, status?: string, series?: string, kind?: string];
const asBooked: Row[] = DAYS.flatMap((day, index): Row[] => [
  [`a${index + 1}`, `${day}T09:00`],
  [`f${index + 1}`, `${day}T11:00`],
]);

/** The export of an evening: as booked, but for these. */
async function sync(
  changes: readonly Row[],
  { mode, without = [] }: { mode: "preview" | "apply"; without?: readonly string[] },
): Promise<Synced> {
  const rows = [...new Map([...asBooked, ...changes].map((row) => [row[0], row])).values()].filter(([id]) => !without.includes(id));
  const text = [
    "externalId,startsAt,status,series,kind",
    ...rows.map(([id, startsAt, status = "", series = "", kind = ""]) => [id, startsAt, status, series, kind].join(",")),
  ];
  const result = await syncSessions(world.deps, parseSyncCsv(text.join("\n")), {
    clinic: world.clinic.slug,
    actor: "staff:test",
    mode,
    until: null,
  });
  if (result.kind !== "synced") throw new Error(JSON.stringify(result));
  return result;
}
const kinds = ({ rows }: Synced) =>
  Object.fromEntries(rows.filter(({ kind }) => kind !== "unchanged").map(({ externalId, kind }) => [externalId, kind]));
const said = (to: string | null, from: string) =>
  linesOf(story.reached(to).filter(({ wall, rule }) => wall >= from && /moved|cancelled|postponed|off/.test(rule)));

const FRIDAY: readonly Row[] = [
  ["a1", "2027-01-11T13:00"],
  ["f2", "2027-01-14T11:00", "cancelled"],
  ["f5", "2027-01-26T11:00", "", "demo-finn", "booster"],
];

test("an export that says what is so changes nothing, and asks nobody anything", async () => {
  await story.until("2027-01-07T18:00");
  const result = await sync([], { mode: "apply" });
  expect([kinds(result), result.missing]).toEqual([{}, []]);
});

test("on Friday evening it moves one visit, cancels another and adds a third; the preview says so and does nothing", async () => {
  await story.until("2027-01-08T18:00");
  const preview = await sync(FRIDAY, { mode: "preview", without: ["a4"] });
  expect(kinds(preview)).toEqual({ a1: "move", f2: "cancel", f5: "add" });
  await story.until("2027-01-08T18:05");
  expect(said(ana.email, "2027-01-08")).toEqual([]);
  expect((await story.visits(finn)).map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "scheduled"));
});

test("applied, it is told: Ana reads her new hour, Finn that one visit is off, each once, and their drivers with them", async () => {
  await sync(FRIDAY, { mode: "apply", without: ["a4"] });
  await sync(FRIDAY, { mode: "apply", without: ["a4"] });
  await story.until("2027-01-09T12:00");
  expect(said(ana.email, "2027-01-08")).toEqual(["2027-01-08T18:05 mail session-moved"]);
  expect(said(finn.email, "2027-01-08")).toEqual(["2027-01-08T18:05 mail session-cancelled"]);
  expect(said(ana.escortPhone, "2027-01-08")).toEqual(["2027-01-08T18:05 text escort-moved"]);
  const [moved] = story.reached(ana.email).filter(({ rule }) => rule === "session-moved");
  // Nobody said whose wish it was, so nobody is blamed.
  expect(moved?.words).toContain("There is a change to the time of your visit.");
  expect(moved?.calendars).toMatchObject([{ method: "REQUEST", event: { SEQUENCE: "1", DTSTART: "20270111T200000Z" } }]);
});

test("the visit that the export lacks stands as before; staff are asked about it once", async () => {
  const asked = (await story.tasks(ana)).filter(({ template }) => template === "missing-from-calendar");
  const [, , , fourth] = await story.visits(ana);
  expect(asked).toMatchObject([{ sessionId: fourth?.id, state: "open" }]);
  expect(fourth?.status).toBe("scheduled");
});

test("a visit that took place is left alone, whatever the calendar says of it afterwards", async () => {
  await story.until("2027-01-11T16:00");
  const result = await sync([...FRIDAY, ["a1", "2027-01-11T09:00", "cancelled"]], { mode: "apply" });
  expect(kinds(result)).toEqual({ a1: "refused" });
  const [first] = await story.visits(ana);
  expect(first).toMatchObject({ status: "discharged", wall: "2027-01-11T13:00" });
  expect(
    await recordOutcome(world.deps, first?.id ?? expect.unreachable(), { outcome: { status: "discharged" }, actor: "staff:test" }),
  ).toEqual({ kind: "same" });
});

test("and the weeks go by the calendar: every visit that stands is reminded of at its hour, none that does not", async () => {
  await story.until("2027-01-26T10:00");
  const reminders = (to: string | null) =>
    story
      .reached(to)
      .filter(({ rule }) => rule === "day-before")
      .map(({ wall, words }) => `${wall} ${/tomorrow, (.*?)\./.exec(words)?.[1]}`);
  expect(reminders(ana.phone)).toEqual([
    "2027-01-10T16:00 1:00 PM",
    "2027-01-13T16:00 9:00 AM",
    "2027-01-18T16:00 9:00 AM",
    "2027-01-21T16:00 9:00 AM",
  ]);
  expect(reminders(finn.phone)).toEqual([
    "2027-01-10T16:00 11:00 AM",
    "2027-01-18T16:00 11:00 AM",
    "2027-01-21T16:00 11:00 AM",
    "2027-01-25T16:00 11:00 AM",
  ]);
  await story.booksHold();
});
