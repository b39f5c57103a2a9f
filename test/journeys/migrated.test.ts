/** The clinic approves a second version of its protocol while Ana is in the middle of her course, and she is taken over to it. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { insertApproval } from "../../src/db/approvals.ts";
import { transact } from "../../src/db/transact.ts";
import type { ProtocolFile } from "../../src/domain/protocol.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { migrateSeries } from "../../src/producers/migrate-series.ts";
import { openWorld } from "../support/world.ts";
import { BY, linesOf, tellStory } from "./support/story.ts";

const world = await openWorld({ backend: "postgres" });
const story = await tellStory(world);
const ana = await story.enqueue("ana-iv");
const finn = await story.enqueue("mid-course", (request) => ({ ...request, ...story.listed(["2027-01-12T11:00", "2027-01-15T11:00"]) }));
/** Besides questionnaires, and what reminds of an answer. */
const heard = (to: string | null) => linesOf(story.reached(to).filter(({ rule }) => !/^survey|-chase$/.test(rule)));
const to = { id: "iv-ketamine", version: 2 };

/** Asks an hour later whether all is well at home, reminds at three instead of four, and asks nothing the next day, nor reminds of that. */
async function approveSecond(): Promise<void> {
  const first: ProtocolFile = parse(await readFile("protocols/iv-ketamine.yaml", "utf8"));
  const rules = first.rules
    .filter(({ id }) => id !== "next-day")
    .map((rule) => (rule.id === "home-safe" ? { ...rule, offset: "PT3H" } : rule.id === "day-before" ? { ...rule, at: "15:00" } : rule))
    .map((rule) => (rule.of === undefined ? rule : { ...rule, of: rule.of.filter((id) => id !== "next-day") }));
  const [file, templates] = [{ ...first, version: 2, rules }, await readTemplates("templates")];
  await transact(world.deps.db, (tx) =>
    insertApproval(tx, { clinicId: world.clinicId, file, templates, hash: "second", by: "Dr. Test, medical director" }),
  );
}

test("the first visit goes by the first version", async () => {
  await story.until("2027-01-12T09:30");
  expect(heard(ana.phone).slice(1)).toEqual(["2027-01-10T16:00 text day-before", "2027-01-11T12:45 text home-safe"]);
});

test("what would change is shown for her alone, before it does", async () => {
  expect(await migrateSeries(world.deps, ana.seriesId, { ...BY, to })).toMatchObject({ kind: "refused" });
  await approveSecond();
  const shown = await migrateSeries(world.deps, ana.seriesId, { ...BY, to, dryRun: true });
  if (shown.kind !== "changed") expect.unreachable();
  expect(new Set(shown.touchpoints.map(({ rule }) => rule))).toEqual(new Set(["day-before", "home-safe", "next-day", "check-in-chase"]));
  expect(new Set(shown.touchpoints.map(({ patientId }) => patientId))).toEqual(new Set([ana.patientId]));
});

test("from then on the second version speaks, and nothing that the first had said is said again", async () => {
  expect(await migrateSeries(world.deps, ana.seriesId, { ...BY, to })).toMatchObject({ kind: "changed", value: { to: "iv-ketamine@2" } });
  await story.until("2027-01-16T12:00");
  expect(heard(ana.phone).slice(3)).toEqual([
    "2027-01-12T15:00 text day-before",
    "2027-01-13T13:45 text home-safe",
    "2027-01-14T15:00 text day-before",
    "2027-01-15T13:45 text home-safe",
  ]);
  // The check of the day after the first dose was due half an hour after the change, and the new version does not know it.
  expect(heard(ana.email).slice(4)).toEqual(["2027-01-12T15:00 mail day-before", "2027-01-14T15:00 mail day-before"]);
});

test("Finn, whom nobody took over, goes on by the first", async () => {
  expect(heard(finn.phone).slice(1)).toEqual([
    "2027-01-11T16:00 text day-before",
    "2027-01-12T14:45 text home-safe",
    "2027-01-14T16:00 text day-before",
    "2027-01-15T14:45 text home-safe",
  ]);
  expect(heard(finn.email)).toEqual(expect.arrayContaining(["2027-01-13T10:00 mail next-day", "2027-01-16T10:00 mail next-day"]));
  await story.booksHold();
});
