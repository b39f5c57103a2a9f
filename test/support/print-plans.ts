/** Prints many plans as JSON, in a process of its own: run as `node print-plans.ts 2026-07-01T00:00:00Z`, with the moment at which the machine's clocks are to stand. */
import fc from "fast-check";
import { Settings } from "luxon";
import { planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { anySituation } from "./random-facts.ts";

const machineTime = Date.parse(process.argv[2] ?? "");
Date.now = () => machineTime;
Settings.now = () => machineTime;
const situations = fc.sample(anySituation, { numRuns: 120, seed: 20_270_113 });
const plans = situations.map((each) => planTouchpoints({ ...each, history: new Map() }));
process.stdout.write(JSON.stringify({ offset: new Date(machineTime).getTimezoneOffset(), plans }));
