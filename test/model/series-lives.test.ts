/**
 * Whatever happens in whatever order: no message for a time that no longer exists, no double, no loss, nothing against a no, nothing at night. Real PostgreSQL,
 * real channels to providers that answer as they are told, a stepped clock, and a model that knows no rule.
 *
 * A failure prints its seed, its path and the commands it was shrunk to. AFTERGLOW_MODEL_RUNS asks for more runs, AFTERGLOW_MODEL_SEED for others.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { at, EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { type Clinic, openClinic } from "./support/clinic.ts";
import { anyCommand } from "./support/commands.ts";
import { enrol } from "./support/enrol.ts";
import { judgeRest } from "./support/judge-books.ts";
import { emptyModel } from "./support/model.ts";
import { goOnToTheEnd } from "./support/pass-time.ts";

const RUNS = Number(process.env["AFTERGLOW_MODEL_RUNS"] ?? "16");
const SEED = Number(process.env["AFTERGLOW_MODEL_SEED"] ?? "20270111");
const MOST_COMMANDS = 40;

/** In winter, and in the week in which the clocks go forward between two visits. */
const SEASONS = { winter: EXAMPLES_BEGIN, spring: at("2027-03-04T16:00:00Z") } as const;

const world = await openWorld({ backend: "postgres" });

/** What has been seen over all runs, so that a test that tests nothing does not pass for one that does. */
const seen = new Set<string>();

const ROADS = [
  "session-moved is sent",
  "home-safe is sent",
  "re-sent",
  "held unknown",
  "failed opted-out",
  "expired too-late",
  "superseded",
  "cancelled",
  "tasked",
];

async function look({ deps: { db } }: Clinic): Promise<void> {
  const rows = await db.selectFrom("touchpoints").select(["rule", "state", "reason", "resends"]).execute();
  for (const { rule, state, reason, resends } of rows) {
    for (const each of [state, `${state} ${reason}`]) seen.add(each);
    if (state === "sent") seen.add(`${rule} is sent`);
    if (resends > 0) seen.add("re-sent");
  }
}

const property = fc.asyncProperty(
  fc.constantFrom("winter", "spring"),
  fc.commands(anyCommand, { maxCommands: MOST_COMMANDS, size: "max" }),
  async (season, commands) => {
    const model = emptyModel();
    const clinic = await openClinic(world, model, SEASONS[season]);
    await enrol(clinic, "ana");
    await fc.asyncModelRun(() => ({ model, real: clinic }), commands);
    await goOnToTheEnd(clinic, instant(SEASONS[season] + 60 * DAY));
    expect(await judgeRest(clinic)).toEqual([]);
    await look(clinic);
  },
);

test(`a series lives through anything (seed ${SEED}, ${RUNS} runs)`, { timeout: 120_000 + RUNS * 20_000 }, async () => {
  await fc.assert(property, { numRuns: RUNS, seed: SEED, verbose: fc.VerbosityLevel.None });
  expect([...seen]).toEqual(expect.arrayContaining(ROADS));
});
