/** Ana's week plan while she is in two series: it is the whole plan, and says of each visit how to prepare for that one. */
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { pauseSeries } from "../../src/producers/pause-series.ts";
import { writeScript } from "../../src/producers/write-script.ts";
import { openWorld, type World } from "../support/world.ts";
import { BY, tellStory } from "./support/story.ts";

async function bookBoth(world: World) {
  const story = await tellStory(world);
  const ana = await story.enqueue("ana-iv", (request) => ({ ...request, ...story.listed(["2027-01-11T09:00", "2027-01-14T09:00"]) }));
  const sprays = await story.enqueue("ana-iv", (request) => ({
    ...request,
    externalId: "sprays",
    protocol: { id: "esketamine-trd", version: 1 },
    ...story.listed(["2027-01-12T14:00", "2027-01-19T14:00"]),
  }));
  const readPlan = async () => {
    await story.until("2027-01-09T18:00");
    const plans = story.reached(ana.email).filter(({ rule }) => rule === "week-plan");
    expect(plans).toHaveLength(1);
    return plans[0]?.words ?? "";
  };
  return { ana, sprays, story, readPlan };
}

describe("a week with visits of two series", async () => {
  const world = await openWorld({ backend: "postgres" });
  const { ana, story, readPlan } = await bookBoth(world);
  test("is planned in one mail, in order of time, and each visit has the eating times of its own series", async () => {
    const plan = await readPlan();
    const [monday = "", tuesday = "", thursday = ""] = plan.split(/(?=(?:Monday|Tuesday|Thursday), January 1)/).slice(-3);
    expect([monday, tuesday, thursday].map((each) => each.split("\n")[0])).toEqual([
      "Monday, January 11, 9:00 AM",
      "Tuesday, January 12, 2:00 PM",
      "Thursday, January 14, 9:00 AM",
    ]);
    expect(monday).not.toContain("in the nose");
    expect(tuesday).toContain("Nothing to eat after 12:00 PM");
    expect(tuesday).toContain("No sprays or drops in the nose after 1:00 PM");
    expect(thursday).toContain("Nothing to eat after");
    expect(thursday).not.toContain("in the nose");
  });
  test("and who reads it out on the phone has the same list", async () => {
    const { db } = world.deps;
    const id = newId<"task">();
    await sql`
      insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
      select ${id}, clinic_id, patient_id, series_id, session_id, id, 'call', 'week-plan', 'en', 'normal', due_at, due_at
      from touchpoints where rule = 'week-plan' and state = 'sent' limit 1`.execute(db);
    const script = await writeScript(world.deps, id);
    if (script.kind !== "written") expect.fail(script.missing);
    expect(script.script.match(/^- .*$/gm)).toEqual([
      expect.stringMatching(/^- Monday, January 11, 9:00 AM; nothing to eat after 3:00 AM;/),
      expect.stringMatching(/^- Tuesday, January 12, 2:00 PM; nothing to eat after 12:00 PM;/),
      expect.stringMatching(/^- Thursday, January 14, 9:00 AM; nothing to eat after 3:00 AM;/),
    ]);
  });
  test("while the welcome of a series lists its own visits", () => {
    const welcomes = story.reached(ana.email).filter(({ rule }) => rule === "welcome");
    expect(welcomes).toHaveLength(2);
    for (const day of ["January 11", "January 12"]) expect(welcomes.filter(({ words }) => words.includes(day))).toHaveLength(1);
  });
});

describe("a week of which one series is paused", async () => {
  const world = await openWorld({ backend: "postgres" });
  const { sprays, readPlan } = await bookBoth(world);
  test("is planned without the visits that wait", async () => {
    await pauseSeries(world.deps, sprays.seriesId, BY);
    const plan = await readPlan();
    expect(plan).toContain("Monday, January 11, 9:00 AM");
    expect(plan).not.toContain("January 12");
  });
});
