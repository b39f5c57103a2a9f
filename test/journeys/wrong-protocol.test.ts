/** Ana was enqueued with the wrong protocol: found out within ten minutes nobody ever knows, found out later she reads one word about it. */
import { describe, expect, test } from "vitest";
import { replaceSeries } from "../../src/producers/replace-series.ts";
import { voidSeries } from "../../src/producers/void-series.ts";
import { openWorld, readSeriesExample } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

/** What should have been enqueued: Ana's patient, with Ben's protocol and hours. */
async function readRight() {
  const [[ana], [ben]] = [await readSeriesExample("ana-iv"), await readSeriesExample("ben-im")];
  if (!ana || !ben) expect.unreachable();
  return { ...ben, externalId: ana.externalId, patient: ana.patient };
}

describe("within ten minutes", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const wrong = await story.enqueue("ana-iv");

  test("it is undone as if it had never been: no message left, and none will", async () => {
    await story.until("2027-01-04T08:09");
    expect(await voidSeries(world.deps, wrong.seriesId, { ...BY, reach: "undo" })).toMatchObject({
      kind: "changed",
      value: { how: "undo" },
    });
    await story.until("2027-01-12T12:00");
    expect(story.reached()).toEqual([]);
    expect((await story.tasks(wrong)).filter(({ state }) => state === "open")).toEqual([]);
  });

  test("the right series takes its place under the same order, and is all that Ana ever hears of", async () => {
    const request = await readRight();
    const sessions = (request.sessions ?? []).filter(({ startsAt }) => startsAt > story.at("2027-01-14T00:00"));
    const right = await story.enqueue("ana-iv", () => ({ ...request, sessions }));
    expect(right.patientId).toBe(wrong.patientId);
    await story.until("2027-01-15T10:00");
    expect(linesOf(story.reached(right.email))).toContain("2027-01-14T16:00 mail day-before");
    const starts = story
      .reached(right.email)
      .flatMap(({ calendars }) => calendars.map(({ method, event }) => `${method} ${event["DTSTART"]}`));
    expect(new Set(starts)).toEqual(new Set(["REQUEST 20270115T173000Z"]));
    await story.booksHold();
  });
});

describe("days later", async () => {
  const world = await openWorld({ backend: "postgres" });
  const story = await tellStory(world);
  const wrong = await story.enqueue("ana-iv");

  test("it cannot be undone in passing: what would follow is looked at first, and nothing is stored by looking", async () => {
    await story.until("2027-01-08T11:00");
    expect(linesOf(story.reached(wrong.email))).toEqual([
      "2027-01-04T08:10 mail welcome",
      "2027-01-04T10:00 mail what-to-expect",
      "2027-01-06T10:00 mail survey-baseline-phq-9",
    ]);
    expect(await voidSeries(world.deps, wrong.seriesId, { ...BY, reach: "undo" })).toMatchObject({ kind: "refused" });
    const shown = await voidSeries(world.deps, wrong.seriesId, { ...BY, reach: "any", dryRun: true });
    if (shown.kind !== "changed") expect.unreachable();
    const words = shown.touchpoints
      .filter(({ rule }) => rule === "series-void")
      .map(({ recipient, channel, after }) => `${recipient} ${channel} ${after.state}`);
    expect(words).toEqual(["patient email planned"]);
    expect((await story.visits(wrong)).map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => "scheduled"));
  });

  test("one mail takes back what had been said, with the visit in her calendar, and the right visits come in a message of their own", async () => {
    const replaced = await replaceSeries(world.deps, wrong.seriesId, { ...BY, request: await readRight(), reach: "any", second: "refuse" });
    expect(replaced).toMatchObject({ kind: "changed", value: { how: "void", sessionsCalledOff: 6, wasAnnounced: true } });
    await story.until("2027-01-08T11:20");
    const said = story.reached().filter(({ wall }) => wall >= "2027-01-08T11:00");
    expect(linesOf(said)).toEqual([
      "2027-01-08T11:00 mail series-void",
      // The first visit of the right series is near, and what it is compared with is asked before.
      "2027-01-08T11:10 mail survey-baseline-pcl-5",
      "2027-01-08T11:10 mail welcome",
      "2027-01-08T11:10 mail what-to-expect",
      "2027-01-08T11:10 text welcome",
    ]);
    const [mistake, , welcome] = said;
    expect(mistake?.subject).toBe("Please ignore our earlier messages");
    expect(mistake?.calendars).toMatchObject([
      { method: "CANCEL", event: { SEQUENCE: "1", DTSTART: "20270111T160000Z", STATUS: "CANCELLED" } },
    ]);
    const [first] = story.reached(wrong.email).flatMap(({ calendars }) => calendars);
    expect(mistake?.calendars[0]?.event["UID"]).toBe(first?.event["UID"]);
    expect(welcome?.words).toContain("- Tuesday, January 12, 10:30 AM");
  });

  test("of the wrong visits nothing is said any more, and of the mistake nothing twice", async () => {
    await story.until("2027-01-16T12:00");
    const later = story.reached(wrong.email).filter(({ wall }) => wall > "2027-01-08T11:20");
    expect(later.filter(({ rule }) => rule === "series-void")).toEqual([]);
    expect(linesOf(later.filter(({ rule }) => rule === "day-before"))).toEqual([
      "2027-01-11T16:00 mail day-before",
      "2027-01-14T16:00 mail day-before",
    ]);
    for (const { words } of story.reached().filter(({ wall }) => wall > "2027-01-08T11:20")) expect(words).not.toMatch(/9:00 AM/);
    await story.booksHold();
  });
});
