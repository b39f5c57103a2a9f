/** Ana was there, or was not: nobody wrote it down. Somebody is asked to find out, when somebody is there. */
import { expect, test } from "vitest";
import { openWorld } from "../support/world.ts";
import { tellStory } from "./support/story.ts";

const story = await tellStory(await openWorld({ backend: "postgres" }));
const ana = await story.enqueue("ana-iv");

test("the call about a visit of which nobody wrote anything is due at an hour at which somebody is there", async () => {
  const third = (await story.visits(ana))[2]?.id ?? expect.unreachable();
  await story.until("2027-01-17T12:00", { unrecorded: [third] });
  const [call] = (await story.tasks(ana)).filter(({ template }) => template === "no-outcome-call");
  // Opened on Friday after the clinic had closed; it is closed until Tuesday, and a working day is eight hours.
  expect(call).toMatchObject({ opened: expect.stringMatching(/^2027-01-1[56]/), due: "2027-01-19T16:00" });
});
