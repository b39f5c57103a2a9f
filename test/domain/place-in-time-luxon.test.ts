/** Luxon's offsets as a second implementation, asked for in another way than ours: moment by moment, and by trying every offset that could give a wall. */
import { IANAZone } from "luxon";
import { expect, test } from "vitest";
import { DAY, formatLocal, instant, localDateTime, MINUTE } from "../../src/domain/calendar.ts";
import { type Placement, resolveLocal, toLocal } from "../../src/domain/place-in-time.ts";
import { zone } from "../support/planner-facts.ts";

const FROM = Date.UTC(2015, 0, 1);
const TO = Date.UTC(2037, 0, 1);
/** No zone changes its clocks twice within so many days. */
const STEP = 10 * DAY;

type Change = { readonly from: number; readonly offset: number };

/** When the clocks of a zone change, to the minute, and to which offset. */
function changesOf(luxon: IANAZone): Change[] {
  const changes: Change[] = [{ from: FROM - STEP, offset: luxon.offset(FROM) }];
  let last = luxon.offset(FROM);
  for (let low = FROM; low < TO; low += STEP) {
    let [before, after] = [low, low + STEP];
    const next = luxon.offset(after);
    if (next === last) continue;
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
      if (luxon.offset(middle) === last) before = middle;
      else after = middle;
    }
    changes.push({ from: after, offset: next });
    last = next;
  }
  return changes;
}

/** A small generator of pseudo-random numbers below a bound; the same for the same seed. */
function dice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function offsetAt(changes: readonly Change[], at: number): number {
  return (changes.findLast(({ from }) => from <= at)?.offset ?? 0) * MINUTE;
}

/** Every instant that shows that wall, found by trying all offsets the zone ever had; in a gap, the one that the offset before it gives. */
function secondOpinion(changes: readonly Change[], wall: number): string {
  const offsets = [...new Set(changes.map(({ offset }) => offset * MINUTE))];
  const found = offsets.map((offset) => wall - offset).filter((at) => at + offsetAt(changes, at) === wall);
  return found.length > 0 ? found.sort((a, b) => a - b).join("|") : `gap, forward ${wall - offsetAt(changes, wall - DAY)}`;
}

function inWords(placement: Placement): string {
  if (placement.kind === "gap") return `gap, forward ${placement.forward}`;
  return placement.kind === "exact" ? `${placement.at}` : `${placement.first}|${placement.second}`;
}

test("both directions agree with luxon over 209,000 cases in every zone, half of them around a change of the clocks", {
  timeout: 60_000,
}, () => {
  const random = dice(20_270_111);
  const differences: string[] = [];
  const kinds = { exact: 0, gap: 0, overlap: 0 };
  let cases = 0;
  for (const name of Intl.supportedValuesOf("timeZone")) {
    const [ours, luxon] = [zone(name), IANAZone.create(name)];
    const changes = changesOf(luxon);
    for (let round = 0; round < 250; round++, cases += 2) {
      const change = changes[1 + random(changes.length - 1)];
      const isNear = round % 2 === 0 && change !== undefined;
      const moment = isNear ? change.from + (random(480) - 240) * MINUTE : FROM + random((TO - FROM) / MINUTE) * MINUTE;
      if (toLocal(ours, instant(moment)) !== moment + luxon.offset(moment) * MINUTE)
        differences.push(`${name} shows another wall at ${moment}`);
      const wall = moment + (isNear ? change.offset * MINUTE : 0);
      const placement = resolveLocal(ours, localDateTime(wall));
      kinds[placement.kind]++;
      const [said, expected] = [inWords(placement), secondOpinion(changes, wall)];
      if (said !== expected) differences.push(`${name} ${formatLocal(localDateTime(wall))}: luxon says ${expected}, not ${said}`);
    }
  }
  expect(differences).toEqual([]);
  expect(cases).toBeGreaterThanOrEqual(200_000);
  expect(Math.min(kinds.gap, kinds.overlap)).toBeGreaterThan(1_000);
});
